"""What ccxt leaves out of Hyperliquid's rows, put right before anything is read of them."""

import ccxt.async_support as ccxt
import pytest

from crossdock.adapters.venues.ccxt.session import quirks_of

OURS = "0x" + "Ab" * 20
THEIRS = "0x" + "cd" * 20
HASH = "0x" + "0" * 64


@pytest.fixture
async def exchange():
    exchange = ccxt.hyperliquid({"walletAddress": OURS, "number": str})
    quirks_of("hyperliquid").tune(exchange)
    yield exchange
    await exchange.close()


def ledger(exchange, **delta):
    [row] = exchange.parse_ledger([{"time": 1, "hash": HASH, "delta": delta}])
    return row


@pytest.mark.parametrize(
    ("delta", "kind", "direction", "amount", "asset"),
    [
        ({"type": "deposit", "usdc": "25.0"}, "deposit", None, "25.0", "USDC"),
        (
            {"type": "withdraw", "usdc": "5.0", "fee": "1.0"},
            "withdraw",
            None,
            "5.0",
            "USDC",
        ),
        (
            {"type": "internalTransfer", "usdc": "7.0", "fee": "1.0"}
            | {"user": OURS.lower(), "destination": THEIRS},
            *("transfer", "out", "8", "USDC"),
        ),
        (
            {"type": "internalTransfer", "usdc": "7.0", "fee": "1.0"}
            | {"user": THEIRS, "destination": OURS.lower()},
            *("transfer", "in", "7", "USDC"),
        ),
        (
            {"type": "spotTransfer", "token": "UBTC", "amount": "0.5", "fee": "0.1"}
            | {"user": OURS.lower(), "destination": THEIRS, "feeToken": ""},
            *("transfer", "out", "0.5", "BTC"),
        ),
        (
            {"type": "send", "token": "HYPE", "amount": "3.0", "fee": "0.01"}
            | {"user": OURS.lower(), "destination": THEIRS, "feeToken": "HYPE"},
            *("transfer", "out", "3.01", "HYPE"),
        ),
    ],
)
async def test_a_ledger_row_says_what_moved_and_which_way(
    exchange, delta, kind, direction, amount, asset
):
    row = ledger(exchange, **delta)
    told = (row["type"], row["direction"], row["amount"], row["currency"])
    assert told == (kind, direction, amount, asset)
    assert row["id"] is None, "one transaction may have several rows"


async def test_what_stays_with_one_address_moved_nothing(exchange):
    between = {"user": OURS.lower(), "destination": OURS}
    row = ledger(exchange, type="send", token="USDC", amount="3.0", **between)
    assert row["type"] == ""
    row = ledger(exchange, type="accountClassTransfer", usdc="3.0", toPerp=True)
    assert row["type"] == "accountClassTransfer", "which is none of the kinds that count"


async def test_a_fill_is_read_alike_wherever_it_is_told(exchange):
    exchange.set_markets([])
    fill = {"coin": "@142", "px": "9", "sz": "2", "side": "B", "time": 1, "oid": 3}
    fill |= {"tid": 4, "fee": "0.01", "feeToken": "UBTC", "crossed": True}
    listed, streamed = exchange.parse_trade(fill), exchange.parse_ws_trade(fill)
    assert listed == streamed
    assert (listed["fee"]["currency"], listed["takerOrMaker"]) == ("BTC", "taker")


async def test_payments_of_one_hour_have_ids_of_their_own(exchange):
    exchange.set_markets([])
    rows = [
        {"time": time, "hash": HASH, "delta": {"coin": coin, "usdc": "1.0"}}
        for time, coin in ((1, "BTC"), (1, "ETH"), (2, "BTC"))
    ]
    assert len({exchange.parse_income(it)["id"] for it in rows}) == 3


def test_a_row_of_the_stream_gets_the_trigger_that_was_told_before():
    quirks = quirks_of("hyperliquid").for_account({})
    bare = {"id": "7", "clientOrderId": "0x1", "type": None, "price": "9"}
    assert quirks.order_row(bare) == bare
    quirks.order_row({**bare, "type": "limit", "takeProfitPrice": "8"})
    assert quirks.order_row(bare)["takeProfitPrice"] == "8"
    other = quirks_of("hyperliquid").for_account({})
    assert other.order_row(bare) == bare, "another account knows nothing of it"

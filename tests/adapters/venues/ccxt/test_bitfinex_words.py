"""Bitfinex' lists and streams, where ccxt reads them otherwise than Bitfinex means them."""

import asyncio
from types import SimpleNamespace

import pytest
from aiohttp import WSMsgType

from crossdock.adapters.venues.ccxt.exchanges import quirks_of
from crossdock.adapters.venues.ccxt.exchanges.bitfinex_feed import mend_streams
from crossdock.adapters.venues.ccxt.wire.sockets import Activity
from crossdock.toolkit import HealthRegistry, ManualClock

QUIRKS = quirks_of("bitfinex")
CHANNEL = 7


def row(kind="EXCHANGE LIMIT", status="ACTIVE", *, before=None, flags=0, placed_by=0):
    """Return an order as Bitfinex lists it."""
    told = [None] * 32
    told[0], told[2], told[8], told[9], told[12], told[13] = (
        11,
        22,
        kind,
        before,
        flags,
        status,
    )
    told[16], told[19], told[25] = 100, 99, placed_by
    return {"info": told, "id": "11", "price": 100, "status": "as ccxt reads it"}


@pytest.mark.parametrize(
    ("status", "told"),
    [
        ("EXECUTED @ 107.6(-0.2): was PARTIALLY FILLED @ 107.6(-0.8)", "closed"),
        ("FORCED EXECUTED", "closed"),
        ("CANCELED was: PARTIALLY FILLED @ 8000(0.1)", "canceled"),
        ("INSUFFICIENT BALANCE (G1) was: PARTIALLY FILLED @ 1(2)", "canceled"),
        ("POSTONLY CANCELED", "canceled"),
        ("FILLORKILL CANCELED", "canceled"),
        ("IOC CANCELED", "canceled"),
        ("RSN_BOOK_SLIP was: PARTIALLY FILLED @ 1(2)", "canceled"),
        ("ACTIVE", "as ccxt reads it"),
        ("PARTIALLY FILLED @ 1(2)", "as ccxt reads it"),
        ("a word of another year", "as ccxt reads it"),
    ],
)
def test_only_a_documented_end_ends_an_order(status, told):
    assert QUIRKS.order_row(row(status=status))["status"] == told


@pytest.mark.parametrize(
    ("kind", "before", "made", "stop", "limit"),
    [
        ("EXCHANGE LIMIT", None, "limit", None, 100),
        ("MARKET", None, "market", None, 100),
        ("STOP", None, "stop", 100, 99),
        ("STOP LIMIT", None, "stop_limit", 100, 99),
        ("EXCHANGE LIMIT", "EXCHANGE STOP LIMIT", "stop_limit", None, 100),
        ("EXCHANGE TRAILING STOP", None, "trailing_stop", None, 100),
    ],
)
def test_an_order_is_what_it_was_made_as(kind, before, made, stop, limit):
    told = QUIRKS.order_row(row(kind, before=before))
    assert QUIRKS.order_type(told) == made
    assert (told["triggerPrice"], told["price"]) == (stop, limit)
    assert told["clientOrderId"] == 22


def test_a_pair_is_named_by_the_order_that_placed_the_other():
    assert QUIRKS.group(row()) == ""
    assert QUIRKS.group(row(flags=16384 + 4096)) == "11"
    assert QUIRKS.group(row("EXCHANGE STOP", flags=16384, placed_by=10)) == "10"


def tuned(**more):
    """Return what stands in for ccxt's object, tuned."""

    async def history(params):
        fake.asked = params
        return [row(status="PARTIALLY FILLED @ 1(2)")["info"]]

    fake = SimpleNamespace(
        parse_ledger_entry_type=lambda words: "transaction" if "osit" in words else words,
        parse_order=lambda told: ("order", told["result"]),
        parse_trade=lambda told, _market=None: ("trade", told["result"]),
        handle_trades=lambda *told: fake.heard.append(told[1]),
        handle_checksum=lambda *_: None,
        privatePostAuthROrdersSymbolHist=history,
        spawn=lambda work, *args: fake.spawned.append(work(*args)),
        heard=[],
        spawned=[],
        **more,
    )
    return fake


async def test_a_done_order_filled_in_part_is_canceled_and_the_whole_history_is_asked_for():
    fake = tuned()
    QUIRKS.tune(fake)
    [told] = await fake.privatePostAuthROrdersSymbolHist({"symbol": "tBTCUSD"})
    assert told[13] == "CANCELED was: PARTIALLY FILLED @ 1(2)"
    assert fake.asked == {"limit": 2500, "symbol": "tBTCUSD"}


def test_money_in_and_money_out_are_told_apart():
    fake = tuned()
    fake.parse_ledger_entry_type = lambda _words: "transaction"
    QUIRKS.tune(fake)
    assert (
        fake.parse_ledger_entry_type("deposit (bitcoin) #1 on wallet exchange") == "deposit"
    )
    assert fake.parse_ledger_entry_type("bitcoin withdrawal #2") == "withdrawal"


def test_trades_from_before_a_subscription_are_not_told():
    fake = tuned()
    mend_streams(fake)
    fake.handle_trades(None, [CHANNEL, [[1, 2, 3, 4]]], {})
    fake.handle_trades(None, [CHANNEL, "te", [1, 2, 3, 4]], {})
    assert fake.heard == [[CHANNEL, "te", [1, 2, 3, 4]]]


async def test_a_wrong_book_is_left_before_ccxt_joins_it_again():
    fake, done = tuned(), []

    def check(client, _message, _subscription):
        del client.subscriptions["book:tBTCUSD"]
        client.reject(ValueError("checksum"), "book:tBTCUSD")

    async def send(message):
        assert "book:tBTCUSD" in client.subscriptions
        done.append(message["event"])

    fake.handle_checksum = check
    mend_streams(fake)
    client = SimpleNamespace(
        subscriptions={"book:tBTCUSD": {}, str(CHANNEL): {"channel": "book"}},
        reject=lambda error, book: done.append((str(error), book)),
        send=send,
    )
    fake.handle_checksum(client, [CHANNEL, "cs", 1], {"symbol": "tBTCUSD"})
    await asyncio.gather(*fake.spawned)
    assert done == ["unsubscribe", ("checksum", "book:tBTCUSD")]
    assert client.subscriptions == {}
    fake.handle_checksum(client, [CHANNEL, "cs", 2], {})
    assert len(fake.spawned) == 1


async def test_a_greeting_answers_nothing_even_after_our_first_word():
    activity = Activity(HealthRegistry(ManualClock()).stream("x"), None, greets=True)

    async def send(_message):
        return None

    client = SimpleNamespace(
        url="ws://venue/ws",
        connecting=True,
        connection=None,
        handle_message=lambda _message: None,
        send=send,
    )
    activity.attach(client)
    await client.send({"event": "subscribe"})
    for is_settled, text in ((False, "info"), (True, "subscribed")):
        client.handle_message(SimpleNamespace(type=WSMsgType.TEXT, data=text))
        assert activity.is_settled is is_settled, text

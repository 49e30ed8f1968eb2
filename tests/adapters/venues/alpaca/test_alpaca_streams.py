"""Streams: what is pushed, where it begins, and how it ends."""

import asyncio
import json
from decimal import Decimal

import msgpack
import pytest

from crossdock.conformance.recording import AccountRecording, MarketRecording
from crossdock.conformance.rig import soon
from crossdock.errors import (
    AuthFailed,
    BadPayload,
    OutcomeUnknown,
    RateLimited,
    Unreachable,
)
from crossdock.model import FillKind, OrderStatus, Side
from crossdock.ports import CONNECTED

ACCOUNT, STOCKS = "/stream", "/v2/iex"
COINS, OPTIONS = "/v1beta3/crypto/us", "/v1beta1/indicative"
ID = "61e69015-8549-4bfd-b9c3-01e75843f47d"
STOCK, COIN = "AAPL/USD@alpaca", "BTC/USD@alpaca"
OPTION = "AAPL/USD:USD-251219-150-C@alpaca"
AT = "2026-03-16T18:38:02.5Z"
D = Decimal


def account(*messages, status="authorized", streams=("trade_updates",), heard=None):
    """Serve one connection: sign in, listen, say everything in binary, and close."""

    async def script(socket):
        asked = json.loads((await socket.receive()).data)
        if heard is not None:
            heard.append(asked)
        await said(socket, "authorization", {"action": "authenticate", "status": status})
        if status != "authorized":
            return
        assert json.loads((await socket.receive()).data)["action"] == "listen"
        await said(socket, "listening", {"streams": list(streams)})
        for message in messages:
            await said(socket, "trade_updates", message)

    return script


async def said(socket, stream, data):
    await socket.send_bytes(json.dumps({"stream": stream, "data": data}).encode())


def update(event, order, **more):
    return {"event": event, "order": order, "timestamp": AT, **more}


async def watched(alpaca, vendor, *scripts):
    sink = AccountRecording()
    for script in scripts:
        vendor.connect(ACCOUNT, script)
        with pytest.raises(Unreachable):
            await soon(alpaca.watch_account(sink))
    return sink


async def test_the_account_stream_signs_in_listens_and_says_where_it_begins(
    alpaca, vendor, make
):
    heard = []
    sink = await watched(alpaca, vendor, account(heard=heard))
    [asked] = heard
    assert asked == {
        "action": "authenticate",
        "data": {"key_id": make.key, "secret_key": make.secret},
    }
    assert sink.gaps == [CONNECTED]


async def test_every_connection_begins_with_a_gap(alpaca, vendor):
    sink = await watched(alpaca, vendor, account(), account())
    assert sink.gaps == [CONNECTED, CONNECTED]


async def test_refused_keys_end_the_account_stream_with_auth_failed(alpaca, vendor):
    vendor.connect(ACCOUNT, account(status="unauthorized"))
    with pytest.raises(AuthFailed):
        await soon(alpaca.watch_account(AccountRecording()))


async def test_a_stream_that_is_not_granted_is_an_error(alpaca, vendor):
    vendor.connect(ACCOUNT, account(streams=()))
    with pytest.raises(Unreachable):
        await soon(alpaca.watch_account(AccountRecording()))


async def test_a_message_that_is_not_understood_ends_the_stream(alpaca, vendor):
    vendor.connect(ACCOUNT, account({"event": "fill"}))
    with pytest.raises(BadPayload):
        await soon(alpaca.watch_account(AccountRecording()))


async def test_stream_and_history_tell_a_fill_with_the_same_key(alpaca, vendor, make):
    order = make.order_body(id="o-1", filled_qty="1", status="partially_filled")
    row = make.fill_body(1)
    event = update("partial_fill", order, price="150.25", qty="1", execution_id="e-1")
    event["timestamp"] = row["transaction_time"]
    sink = await watched(alpaca, vendor, account(event))
    vendor.say("GET", "/v2/account/activities/FILL", [row])
    vendor.say("GET", "/v2/account/activities/FILL", [])
    [streamed], [kept] = sink.all_fills, (await alpaca.fills_after("")).fills
    assert streamed.key == kept.key
    for name in ("client_order_id", "price", "quantity", "side", "venue_time_ns", "fee"):
        assert getattr(streamed, name) == getattr(kept, name)
    [report] = sink.reports
    assert report.status is OrderStatus.PARTIALLY_FILLED
    assert report.cumulative_quantity == D(1)


async def test_a_fill_told_twice_has_one_key(alpaca, vendor, make):
    order = make.order_body(filled_qty="10", status="filled")
    event = update("fill", order, price="150", qty="10", execution_id="e-1")
    sink = await watched(alpaca, vendor, account(event, event))
    assert len(sink.all_fills) == 2
    assert len({it.key for it in sink.all_fills}) == 1


async def test_a_chain_is_told_as_one_order(alpaca, vendor, make):
    first = make.order_body(id="o-1")
    half = make.order_body(id="o-1", filled_qty="4", status="partially_filled")
    gone = {**half, "status": "replaced", "replaced_by": "o-2"}
    second = make.order_body(id="o-2", client_order_id="theirs", qty="6", replaces="o-1")
    done = {**second, "filled_qty": "6", "status": "filled"}
    sink = await watched(
        alpaca,
        vendor,
        account(
            update("new", first),
            update("partial_fill", half, price="150", qty="4", execution_id="e-1"),
            update("replaced", gone),
            update("new", second),
            update("fill", done, price="150", qty="6", execution_id="e-2"),
        ),
    )
    told = [(it.venue_order_id, it.status, it.cumulative_quantity) for it in sink.reports]
    assert told == [
        ("o-1", OrderStatus.NEW, D(0)),
        ("o-1", OrderStatus.PARTIALLY_FILLED, D(4)),
        ("o-2", OrderStatus.PARTIALLY_FILLED, D(4)),
        ("o-2", OrderStatus.FILLED, D(10)),
    ]
    assert {it.quantity for it in sink.reports} == {D(10)}
    assert {it.client_order_id for it in [*sink.reports, *sink.all_fills]} == {"cd-1"}
    assert [it.execution_id for it in sink.all_fills] == ["o-1:4", "o-2:6"]
    assert sink.gaps == [CONNECTED]


async def test_an_order_that_took_over_from_an_unseen_one_is_a_gap_and_its_fills_are_kept(
    alpaca, vendor, make
):
    second = make.order_body(
        id="o-2", client_order_id="theirs", replaces="o-1", filled_qty="10", status="filled"
    )
    event = update("fill", second, price="150", qty="10", execution_id="e-2")
    sink = await watched(alpaca, vendor, account(event))
    assert len(sink.gaps) == 2
    assert not sink.reports
    assert [it.quantity for it in sink.all_fills] == [D(10)]


async def test_a_rejected_replacement_does_not_end_the_order_it_was_to_replace(
    alpaca, vendor, make
):
    first = make.order_body(id="o-1")
    second = make.order_body(id="o-2", replaces="o-1", status="rejected")
    sink = await watched(
        alpaca, vendor, account(update("new", first), update("rejected", second))
    )
    assert [it.status for it in sink.reports] == [OrderStatus.NEW]
    assert len(sink.gaps) == 2


async def test_an_exit_is_told_with_its_order_or_not_at_all(alpaca, vendor, make):
    leg = make.order_body(id="leg-1", client_order_id="l1", order_class="bracket")
    sink = await watched(alpaca, vendor, account(update("new", leg)))
    assert not sink.reports
    assert len(sink.gaps) == 2
    entry = make.order_body(status="filled", order_class="bracket", legs=[leg])
    vendor.say("GET", "/v2/orders", [leg])
    vendor.say("GET", "/v2/orders", [entry])
    await alpaca.open_orders()
    sink = await watched(alpaca, vendor, account(update("canceled", leg)))
    assert [it.parent for it in sink.reports] == [ID]
    assert sink.gaps == [CONNECTED]


async def test_news_of_an_order_with_exits_may_come_before_its_reply(alpaca, vendor, make):
    stock = (await make.listed(alpaca))[STOCK]
    body = make.order_body(order_class="bracket")
    vendor.say("POST", "/v2/orders", {}, status=500)
    with pytest.raises(OutcomeUnknown):
        await alpaca.submit(make.order(stock))
    sink = await watched(alpaca, vendor, account(update("new", body)))
    assert [it.client_order_id for it in sink.reports] == ["cd-1"]


async def test_a_fill_that_is_taken_back_names_the_one_it_was(alpaca, vendor, make):
    order = make.order_body(filled_qty="2", status="filled", qty="2")
    fill = update("fill", order, price="1.5", qty="2", execution_id="e-1")
    bust = {
        **update("trade_bust", {**order, "filled_qty": "0"}, price="1.5", qty="-2"),
        "execution_id": "e-2",
        "previous_execution_id": "e-1",
    }
    sink = await watched(alpaca, vendor, account(fill, bust))
    first, second = sink.all_fills
    assert second.kind is FillKind.BUSTED
    assert (second.replaces, second.quantity) == (first.execution_id, D(0))
    unseen = {**bust, "execution_id": "e-8", "previous_execution_id": "e-9"}
    later = await watched(alpaca, vendor, account(unseen))
    assert len(later.gaps) == 2


async def test_orders_of_several_legs_and_fills_without_numbers_are_gaps(
    alpaca, vendor, make
):
    several = make.order_body(symbol="", side="", order_class="mleg", legs=[])
    sink = await watched(
        alpaca,
        vendor,
        account(update("new", several), update("fill", make.order_body(status="filled"))),
    )
    assert len(sink.gaps) == 3


def market(*messages, pack=False, refuse=None, granted=None, heard=None):
    """Serve one data connection: greet, sign in, subscribe, say everything, and close."""

    async def script(socket):
        async def say(*said):
            if pack:
                await socket.send_bytes(msgpack.packb(list(said)))
            else:
                await socket.send_str(json.dumps(list(said)))

        async def hear():
            frame = await socket.receive()
            read = msgpack.unpackb(frame.data) if pack else json.loads(frame.data)
            if heard is not None:
                heard.append(read)
            return read

        await say({"T": "success", "msg": "connected"})
        assert (await hear())["action"] == "auth"
        if refuse is not None:
            await say({"T": "error", **refuse})
            await socket.receive()
            return
        await say({"T": "success", "msg": "authenticated"})
        asked = {**await hear()}
        asked.pop("action")
        await say({"T": "subscription", **(asked if granted is None else granted)})
        if messages:
            await say(*messages)

    return script


async def streamed(alpaca, vendor, path, instruments, *scripts, error=Unreachable):
    sink = MarketRecording()
    for script in scripts:
        vendor.connect(path, script)
        with pytest.raises(error):
            await soon(alpaca.watch_market(instruments, sink))
    return sink


async def test_stocks_stream_quotes_trades_bars_and_the_book_that_best_prices_make(
    alpaca, vendor
):
    heard = []
    common = {"S": "AAPL", "t": "2026-03-16T18:38:02.123456789Z"}
    sink = await streamed(
        alpaca,
        vendor,
        STOCKS,
        [STOCK],
        market(
            {"T": "q", "bp": 150.24, "bs": 300, "ap": 150.26, "as": 100, **common},
            {"T": "t", "i": 96921, "x": "D", "p": 150.26, "s": 5, **common},
            {"T": "t", "i": 96922, "x": "D", "p": 150.25, "s": 7, **common},
            {"T": "c", "S": "AAPL", "x": "M", "oi": 1, "t": AT},
            heard=heard,
        ),
    )
    assert heard[1] == {"action": "subscribe"} | {
        key: ["AAPL"] for key in ("quotes", "trades", "bars")
    }
    [quote] = sink.all_quotes
    assert (quote.bid, quote.bid_quantity, quote.ask) == (150.24, 300.0, 150.26)
    assert quote.venue_time_ns == 1_773_686_282_123_456_789
    [book] = sink.changes
    assert book.snapshot
    assert (book.bids, book.asks) == ([("150.24", "300")], [("150.26", "100")])
    first, second = sink.all_trades
    assert (first.trade_id, first.price, first.quantity) == ("96921", D("150.26"), D(5))
    assert second.side is Side.SELL  # the price fell


async def test_options_stream_in_msgpack_both_ways(alpaca, vendor):
    heard = []
    at = msgpack.Timestamp(1_773_686_282, 123_456_000)
    common = {"S": "AAPL251219C00150000", "t": at}
    sink = await streamed(
        alpaca,
        vendor,
        OPTIONS,
        [OPTION],
        market(
            {"T": "q", "bx": "C", "bp": 9.46, "bs": 53, "ap": 9.66, "as": 38, **common},
            {"T": "t", "p": 9.5, "s": 2, "x": "N", "c": "S", **common},
            pack=True,
            heard=heard,
        ),
    )
    [opened] = [it for it in vendor.opened if it.path == OPTIONS]
    assert opened.headers["Content-Type"] == "application/msgpack"
    assert heard[1]["quotes"] == ["AAPL251219C00150000"]
    [quote], [trade] = sink.all_quotes, sink.all_trades
    assert (quote.instrument, quote.bid) == (OPTION, 9.46)
    assert (trade.price, trade.quantity) == (D("9.5"), D(2))
    assert quote.venue_time_ns == trade.venue_time_ns == 1_773_686_282_123_456_000


def book(bids, asks, at="2026-03-16T18:38:02Z", **more):
    rows = {"b": bids, "a": asks}
    levels = {side: [{"p": p, "s": s} for p, s in it] for side, it in rows.items()}
    return {"T": "o", "S": "BTC/USD", "t": at, **levels, **more}


async def test_a_coins_book_begins_with_a_snapshot_and_follows_in_sequence(alpaca, vendor):
    sink = await streamed(
        alpaca,
        vendor,
        COINS,
        [COIN],
        market(
            book([(71849.4, 9)], []),  # before its snapshot
            book([(71849.4, 0.5), (71859.53, 0.27994)], [(71940.4, 1)], r=True),
            book([(71859.53, 0)], [(71939.7, 0.8)]),
            book([], [(71939.7, 0.9)]),
        ),
    )
    first, second, third = sink.changes
    assert first.snapshot
    assert first.bids == [("71859.53", "0.27994"), ("71849.4", "0.5")]
    assert second.bids == [("71859.53", "0")]
    assert not second.snapshot
    assert second.first_sequence == first.last_sequence + 1
    assert third.first_sequence == second.last_sequence + 1
    assert third.last_sequence > second.last_sequence


async def test_a_new_connection_begins_a_book_again(alpaca, vendor):
    sink = await streamed(
        alpaca,
        vendor,
        COINS,
        [COIN],
        market(book([(1, 1)], [(2, 1)], r=True)),
        market(book([], [(2, 2)]), book([(1, 2)], [(2, 1)], r=True)),
    )
    assert [it.snapshot for it in sink.changes] == [True, True]


async def test_the_taker_of_a_coins_trade_is_the_vendors_word(alpaca, vendor):
    row = {"T": "t", "S": "BTC/USD", "p": 47.299, "s": 29.2, "t": AT, "i": 7, "tks": "S"}
    sink = await streamed(alpaca, vendor, COINS, [COIN], market(row, {**row, "tks": "B"}))
    assert [it.side for it in sink.all_trades] == [Side.SELL, Side.BUY]


@pytest.mark.parametrize(
    ("refuse", "error"),
    [
        ({"code": 402, "msg": "auth failed"}, AuthFailed),
        ({"code": 409, "msg": "insufficient subscription"}, AuthFailed),
        ({"code": 406, "msg": "connection limit exceeded"}, RateLimited),
        ({"code": 405, "msg": "symbol limit exceeded"}, RateLimited),
        ({"code": 500, "msg": "internal error"}, Unreachable),
    ],
)
async def test_every_refusal_of_a_data_stream_is_one_of_our_errors(
    alpaca, vendor, refuse, error
):
    await streamed(alpaca, vendor, STOCKS, [STOCK], market(refuse=refuse), error=error)


async def test_a_subscription_that_leaves_one_out_ends_the_stream(alpaca, vendor):
    granted = {"trades": ["AAPL"], "quotes": [], "bars": ["AAPL"]}
    sink = await streamed(alpaca, vendor, STOCKS, [STOCK], market(granted=granted))
    assert not sink.all_quotes


async def test_an_unknown_kind_of_message_ends_the_stream(alpaca, vendor):
    script = market({"T": "surprise", "S": "AAPL"})
    await streamed(alpaca, vendor, STOCKS, [STOCK], script, error=BadPayload)


async def test_one_stream_that_ends_ends_all(alpaca, vendor):
    held = asyncio.Event()

    async def quiet(socket):
        await market()(socket)
        await socket.receive()
        held.set()

    vendor.connect(COINS, quiet)
    sink = await streamed(alpaca, vendor, STOCKS, [STOCK, COIN], market())
    await soon(held.wait())
    assert not sink.all_quotes


async def test_the_health_of_every_stream_is_told(alpaca, vendor, make):
    event = update("new", make.order_body())
    await watched(alpaca, vendor, account(event), account(event))
    row = {"T": "q", "S": "BTC/USD", "bp": 1, "bs": 1, "ap": 2, "as": 1, "t": AT}
    await streamed(alpaca, vendor, COINS, [COIN], market(row))
    streams = alpaca._context.health.streams()
    told, prices = streams["main account"], streams["main market"]
    assert (told.reconnects, told.order_event_age_s is None) == (1, False)
    assert prices.latency_s(50) is not None
    assert told.verdict().words

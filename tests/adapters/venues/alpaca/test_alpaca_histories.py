"""Fills and activities: each told once, also what is booked late, under an earlier date."""

import itertools
from decimal import Decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.alpaca.holdings import day_trades
from crossdock.adapters.venues.alpaca.holdings.events import EventTranslation
from crossdock.adapters.venues.alpaca.symbols import Symbols
from crossdock.adapters.venues.alpaca.wire import WireActivity
from crossdock.errors import BadPayload
from crossdock.model import AccountEventKind, Side

FILLS = "/v2/account/activities/FILL"
EVENTS = "/v2/account/activities"
D = Decimal


class History:
    """Answers as the documentation says: sorted, a hundred a page, behind a token."""

    def __init__(self, rows, *, size=100):
        self.rows = rows
        self.size = size

    def __call__(self, request):
        query = request.query
        rows = sorted(self.rows, key=self.moment)
        if "after" in query:
            rows = [it for it in rows if self.moment(it) > query["after"]]
        if query["direction"] == "desc":
            rows.reverse()
        if "page_token" in query:
            at = [it["id"] for it in rows].index(query["page_token"])
            rows = rows[at + 1 :]
        return rows[: self.size]

    @staticmethod
    def moment(row):
        return row.get("transaction_time") or row["date"] + "T04:00:00Z"


def serve(vendor, path, rows, **more):
    history = History(rows, **more)
    vendor.say("GET", path, history, lasting=True)
    return history


async def all_fills(alpaca, cursor=""):
    fills = []
    for _ in range(20):
        page = await alpaca.fills_after(cursor)
        fills += page.fills
        cursor = page.cursor
        if page.complete:
            return fills, cursor
    raise AssertionError("the history does not end")


async def test_fills_are_exact_and_named_by_order_and_count(alpaca, vendor, make):
    serve(vendor, FILLS, [make.fill_body(1, side="sell_short", price="150.255")])
    page = await alpaca.fills_after("")
    [fill] = page.fills
    assert (fill.price, fill.quantity, fill.side) == (D("150.255"), D(1), Side.SELL)
    assert fill.instrument == "AAPL/USD@alpaca"
    assert (fill.venue_order_id, fill.execution_id) == ("o-1", "o-1:1")
    assert fill.venue_time_ns == 1_773_684_001_500_000_000
    assert page.complete


@pytest.mark.parametrize("count", [0, 1, 100, 250, 1100])
async def test_every_fill_is_told_once_and_the_cursor_stands_behind_the_newest(
    alpaca, vendor, make, count
):
    serve(vendor, FILLS, [make.fill_body(n) for n in range(1, count + 1)])
    fills, cursor = await all_fills(alpaca)
    assert [it.execution_id for it in fills] == [f"o-1:{n}" for n in range(1, count + 1)]
    assert await alpaca.fill_cursor() == cursor
    again = await alpaca.fills_after(cursor)
    assert (again.fills, again.complete, again.cursor) == ((), True, cursor)


async def test_a_short_page_is_not_taken_for_the_last(alpaca, vendor, make):
    serve(vendor, FILLS, [make.fill_body(n) for n in range(1, 8)], size=3)
    fills, _ = await all_fills(alpaca)
    assert len(fills) == 7


async def test_a_fill_booked_late_between_others_is_not_lost(alpaca, vendor, make):
    rows = [make.fill_body(n) for n in (1, 2, 4, 5)]
    history = serve(vendor, FILLS, rows)
    _, cursor = await all_fills(alpaca)
    history.rows.append(make.fill_body(3))
    assert await alpaca.fill_cursor() != cursor
    late, moved = await all_fills(alpaca, cursor)
    assert [it.execution_id for it in late] == ["o-1:3"]
    assert await alpaca.fill_cursor() == moved


async def test_more_fills_in_a_stretch_than_one_read_takes_do_not_stop_the_history(
    alpaca, vendor, make
):
    at = "2026-03-16T18:00:00.5Z"
    rows = [make.fill_body(n, transaction_time=at) for n in range(1, 1151)]
    serve(vendor, FILLS, rows)
    fills, cursor = await all_fills(alpaca)
    assert len({it.execution_id for it in fills}) == len(fills) == 1150
    assert await alpaca.fill_cursor() == cursor


async def test_news_alone_follow_a_cursor(alpaca, vendor, make):
    history = serve(vendor, FILLS, [make.fill_body(n) for n in range(1, 150)])
    _, cursor = await all_fills(alpaca)
    history.rows.append(make.fill_body(200))
    news, _ = await all_fills(alpaca, cursor)
    assert [it.execution_id for it in news] == ["o-1:200"]


async def test_a_history_that_repeats_itself_is_no_history(alpaca, vendor, make):
    vendor.say("GET", FILLS, [make.fill_body(1)], lasting=True)
    with pytest.raises(BadPayload):
        await alpaca.fills_after("")


async def test_a_cursor_of_somebody_else_is_refused(alpaca, vendor, make):
    with pytest.raises(BadPayload):
        await alpaca.fills_after("page-7")


async def test_a_fill_without_its_order_is_no_fill(alpaca, vendor, make):
    serve(vendor, FILLS, [make.fill_body(1, order_id=None)])
    with pytest.raises(BadPayload):
        await alpaca.fills_after("")


def activity(type_, number=1, **fields):
    return {
        "id": f"20260801000000000::{number:08x}-6f23-4cef-bdf1-3806aae57dbf",
        "activity_type": type_,
        "date": "2026-08-01",
        "net_amount": "0",
        "description": "",
        "status": "executed",
        **fields,
    }


Kind = AccountEventKind
AAPL, CALL = "AAPL/USD@alpaca", "AAPL/USD:USD-230721-150-C@alpaca"
MEANINGS = [
    ({"type_": "CSD", "net_amount": "100"}, (Kind.DEPOSIT, "USD", "100")),
    ({"type_": "CSW", "net_amount": "-40"}, (Kind.WITHDRAWAL, "USD", "-40")),
    ({"type_": "TRANS", "net_amount": "-4"}, (Kind.WITHDRAWAL, "USD", "-4")),
    ({"type_": "JNLC", "net_amount": "7.5"}, (Kind.TRANSFER, "USD", "7.5")),
    ({"type_": "INT", "net_amount": "-1.07"}, (Kind.INTEREST, "USD", "-1.07")),
    ({"type_": "FEE", "net_amount": "-0.01", "qty": "1341"}, (Kind.FEE, "USD", "-0.01")),
    (
        {"type_": "DIV", "net_amount": "1.02", "symbol": "AAPL", "qty": "2"},
        (Kind.DIVIDEND, "USD", "1.02", AAPL),
    ),
    (
        {"type_": "DIVNRA", "net_amount": "-0.2", "symbol": "T", "qty": "2"},
        (Kind.DIVIDEND, "USD", "-0.2"),
    ),
    (
        {"type_": "CFEE", "symbol": "BTCUSD", "qty": "-0.000195", "price": "1884.5"},
        (Kind.FEE, "BTC", "-0.000195"),
    ),
    (
        {"type_": "JNLS", "symbol": "AAPL", "qty": "3"},
        (Kind.TRANSFER, "AAPL", "3"),
    ),
    (
        {"type_": "REORG", "symbol": "SRV.RT", "qty": "-8"},
        (Kind.ADJUSTMENT, "SRV.RT", "-8"),
    ),
    (
        {"type_": "OPEXP", "symbol": "AAPL230721C00150000", "qty": "-2"},
        (Kind.EXPIRY, "USD", "0", CALL, "-2", "0"),
    ),
    (
        {"type_": "OPASN", "symbol": "AAPL230721C00150000", "qty": "2"},
        (Kind.ASSIGNMENT, "USD", "0", CALL, "2", "0"),
    ),
    (
        {"type_": "OPEXC", "symbol": "AAPL230721C00150000", "qty": "-2"},
        (Kind.ASSIGNMENT, "USD", "0", CALL, "-2", "0"),
    ),
    (  # as documented: a price of 90 beside the 150 that was paid
        {
            "type_": "OPTRD",
            "symbol": "AAPL",
            "qty": "200",
            "price": "90",
            "net_amount": "-30000",
        },
        (Kind.ASSIGNMENT, "USD", "0", AAPL, "200", "150"),
    ),
    ({"type_": "NOBODYKNOWS", "net_amount": "5"}, (Kind.ADJUSTMENT, "USD", "5")),
]


@pytest.mark.parametrize(("said", "meant"), MEANINGS, ids=lambda it: str(it)[:40])
async def test_every_activity_is_the_event_it_means(alpaca, vendor, said, meant):
    serve(vendor, EVENTS, [activity(**said)])
    await alpaca.instruments()
    page = await alpaca.account_events_after("")
    [event] = page.events
    kind, asset, amount, *rest = meant
    assert (event.kind, event.asset, event.amount) == (kind, asset, D(amount))
    instrument, quantity, price = [*rest, None, None, None][:3]
    assert event.instrument == instrument
    assert event.quantity == D(quantity or 0)
    assert event.price == (None if price is None else D(price))
    assert event.event_id == f"{said['type_']}:{activity('x')['id']}"
    assert event.venue_time_ns == 1_785_556_800_000_000_000  # midnight in New York


async def test_an_exercise_and_its_delivery_are_two_events_though_they_bear_one_id(
    alpaca, vendor
):
    rows = [
        activity("OPEXC", symbol="AAPL230721C00150000", qty="-2"),
        activity("OPTRD", symbol="AAPL", qty="200", net_amount="-30000"),
    ]
    vendor.say("GET", EVENTS, rows)
    vendor.say("GET", EVENTS, [])
    page = await alpaca.account_events_after("")
    assert len({it.event_id for it in page.events}) == len(page.events) == 2


async def test_the_halves_of_a_split_are_one_event_and_wait_for_each_other(alpaca, vendor):
    removed = activity("SPLIT", 1, symbol="ANET", qty="-10", price="102.4")
    added = activity("SPLIT", 2, symbol="ANET", qty="40", price="25.6")
    history = serve(vendor, EVENTS, [removed])
    page = await alpaca.account_events_after("")
    assert (page.events, page.complete) == ((), True)
    history.rows.append(added)
    page = await alpaca.account_events_after(page.cursor)
    [event] = page.events
    assert (event.kind, event.quantity) == (Kind.SPLIT, D(30))
    assert event.price == D("25.6")
    assert await alpaca.account_event_cursor() == page.cursor


async def test_a_dividend_booked_under_an_earlier_day_is_not_lost(alpaca, vendor):
    history = serve(vendor, EVENTS, [activity("INT", n, net_amount="1") for n in (5, 9)])
    page = await alpaca.account_events_after("")
    cursor = page.cursor
    late = activity("DIV", 1, net_amount="3", symbol="T", date="2026-07-29")
    history.rows.append(late)
    page = await alpaca.account_events_after(cursor)
    assert [it.kind for it in page.events] == [Kind.DIVIDEND]
    assert page.cursor == await alpaca.account_event_cursor() != cursor


async def test_a_void_activity_moves_nothing(alpaca, vendor):
    serve(vendor, EVENTS, [activity("CSD", net_amount="100", status="canceled")])
    assert not (await alpaca.account_events_after("")).events


async def test_a_merger_moves_shares_and_money_as_two_events(alpaca, vendor):
    serve(vendor, EVENTS, [activity("MA", symbol="PSTX", qty="-6", net_amount="58.7")])
    shares, money = (await alpaca.account_events_after("")).events
    assert (shares.asset, shares.amount) == ("PSTX", D(-6))
    assert (money.asset, money.amount) == ("USD", D("58.7"))
    assert shares.event_id != money.event_id


async def test_recorded_activities_of_the_vendors_own_client_are_understood(bodies):
    rows = msgspec.convert(bodies[0]["body"], list[WireActivity])
    assert {it.activity_type for it in rows} >= {"FILL"}
    symbols = Symbols("alpaca")
    symbols.learn([])
    translation = EventTranslation("main", symbols, lambda _: False)
    others = [it for it in rows if it.activity_type != "FILL"]
    assert len(list(translation.events(others, 0))) <= len(others) * 2


def traded(*signed, day="2026-03-16", symbol="AAPL"):
    return [
        WireActivity(
            id=str(n),
            activity_type="FILL",
            transaction_time=f"{day}T18:00:{n:02d}Z",
            side="buy" if quantity > 0 else "sell",
            symbol=symbol,
            qty=D(abs(quantity)),
        )
        for n, quantity in enumerate(signed)
    ]


@pytest.mark.parametrize(
    ("signed", "held_before", "count"),
    [
        ((100, -100), 0, 1),
        ((100, -50, -50), 0, 1),
        ((100, 100, -200), 0, 1),
        ((100, -100, 100, -100), 0, 2),
        ((-100, 100), 0, 1),  # sold short and covered
        ((-100,), 100, 0),  # bought on an earlier day
        ((100,), 0, 0),
        ((-100, 100), 100, 0),  # sold what was held, and bought again
        ((-150, 50), 100, 1),  # sold through to short, and covered
        ((100, -50, 100, -150), 0, 2),
    ],
)
def test_day_trades_are_counted_as_the_rule_had_it(signed, held_before, count):
    held = {"AAPL": D(held_before + sum(signed))}
    assert day_trades.count(traded(*signed), held) == count


def test_what_is_closed_on_another_day_is_no_day_trade():
    days = traded(100) + traded(-100, day="2026-03-17")
    assert day_trades.count(days, {}) == 0


def test_trades_in_coins_are_no_day_trades():
    assert day_trades.count(traded(1, -1, symbol="BTC/USD"), {}) == 0


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(-5, 5).filter(bool), max_size=12), st.integers(-20, 20))
def test_there_are_never_more_day_trades_than_trades_that_turn_back(signed, before):
    held = {"AAPL": D(before + sum(signed))}
    turns = sum(a * b < 0 for a, b in itertools.pairwise(signed))
    assert 0 <= day_trades.count(traded(*signed), held) <= turns

"""Books told as changes, streams that end together, and an account that is only polled."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt.abilities.account_stream import _AccountFeed
from crossdock.adapters.venues.ccxt.abilities.market_stream import _Book
from crossdock.adapters.venues.ccxt.abilities.together import ended_first
from crossdock.adapters.venues.ccxt.exchanges.binance import Binance
from crossdock.adapters.venues.ccxt.groups import Groups
from crossdock.adapters.venues.ccxt.wire.sockets import Activity
from crossdock.errors import BadPayload, NotSent, OutcomeUnknown, Rejected, Unreachable
from crossdock.model import OrderStatus
from crossdock.ports import CONNECTED, CancelOrder
from crossdock.toolkit import HealthRegistry, ManualClock


class _Sink:
    def __init__(self):
        self.changes, self.all_quotes, self.gaps = [], [], []
        self.reports, self.all_fills = [], []

    def book(self, change):
        self.changes.append(change)

    def quotes(self, batch):
        self.all_quotes.extend(batch)

    def market_gap(self, instruments, reason):
        self.gaps.append((tuple(instruments), reason))

    def orders(self, batch):
        self.reports.extend(batch)

    def fills(self, batch):
        self.all_fills.extend(batch)

    def account_gap(self, reason):
        self.gaps.append(reason)


def _book(sink):
    return _Book("BTC/USDT@x", sink, lambda: 7, lambda _: None)


def _state(bids, asks, nonce=None):
    return {
        "bids": sorted(([price, size] for price, size in bids.items()), reverse=True),
        "asks": sorted([price, size] for price, size in asks.items()),
        "nonce": nonce,
        "timestamp": None,
    }


_SIDE = st.dictionaries(st.integers(1, 9), st.integers(1, 3), min_size=1, max_size=6)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(_SIDE, _SIDE), min_size=1, max_size=8), st.booleans())
def test_the_changes_told_make_the_book_that_ccxt_has(states, counted):
    sink = _Sink()
    book = _book(sink)
    for at, (bids, asks) in enumerate(states):
        lifted = {price + 10: size for price, size in asks.items()}
        book.take(_state(bids, lifted, 100 + 3 * at if counted else None))
        sides = ({}, {})
        for change in sink.changes:
            if change.snapshot:
                sides = ({}, {})
            for side, levels in zip(sides, (change.bids, change.asks), strict=True):
                for price, size in levels:
                    side[float(price)] = float(size)
                    if size == "0":
                        del side[float(price)]
        assert sides == (bids, lifted)
    assert [it.snapshot for it in sink.changes] == [True] + [False] * (
        len(sink.changes) - 1
    )
    for earlier, later in zip(sink.changes, sink.changes[1:], strict=False):
        assert later.first_sequence == earlier.last_sequence + 1 <= later.last_sequence


def test_after_a_loss_comes_the_whole_book():
    sink = _Sink()
    book = _book(sink)
    book.take(_state({1: 1}, {2: 1}))
    book.lost("its checksum was wrong")
    assert sink.gaps == [(("BTC/USDT@x",), "its checksum was wrong")]
    book.take(_state({1: 1}, {2: 1}))
    assert [it.snapshot for it in sink.changes] == [True, True]


def test_a_state_that_changed_nothing_is_not_told_and_quotes_only_when_they_change():
    sink = _Sink()
    book = _book(sink)
    assert book.take(_state({1.5: 1}, {2: 1}))
    assert not book.take(_state({1.5: 1}, {2: 1}))
    assert book.take(_state({1.5: 1, 0.5: 1}, {2: 1}))
    assert len(sink.all_quotes) == 1
    assert (sink.all_quotes[0].bid, sink.all_quotes[0].ask) == (1.5, 2.0)


def test_levels_are_text_without_exponents():
    sink = _Sink()
    _book(sink).take(_state({1e-8: 2e-7}, {1e22: 3.10}))
    [change] = sink.changes
    assert change.bids == [("0.00000001", "0.0000002")]
    assert change.asks == [("10000000000000000000000", "3.1")]


def test_a_level_without_a_price_is_refused():
    with pytest.raises(BadPayload):
        _book(_Sink()).take(_state({1: None}, {2: 1}))


async def test_loops_end_together_by_what_the_first_one_ended_by():
    ended = asyncio.Event()

    async def forever():
        try:
            await asyncio.Event().wait()
        finally:
            ended.set()

    async def fails():
        raise Unreachable("gone")

    with pytest.raises(Unreachable, match="gone"):
        await ended_first([forever(), fails()])
    assert ended.is_set()


async def test_what_ccxt_cancels_from_within_ends_the_stream_and_cancels_nobody():
    inner = asyncio.get_running_loop().create_future()

    async def waits():
        await inner

    watching = asyncio.ensure_future(ended_first([waits()]))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    inner.cancel()
    with pytest.raises(Unreachable, match="socket"):
        await watching


async def test_a_stream_is_settled_when_every_socket_was_answered():
    activity = Activity(HealthRegistry(ManualClock()).stream("x"), None)
    heard = []

    async def send(message):
        heard.append(message)

    client, parked = (
        SimpleNamespace(
            url="ws://x/y",
            handle_message=heard.append,
            send=send,
            connecting=False,
            connection=socket,
        )
        for socket in ("a socket", None)
    )
    activity.attach(parked)
    assert not activity.is_settled, "there is none yet"
    activity.attach(client)
    await client.send({"op": "subscribe"})
    assert not activity.is_settled
    client.handle_message(SimpleNamespace(type=None, data=""))
    assert activity.is_settled
    activity.attach(client)  # a second time changes nothing
    await client.send({"op": "more"})
    assert not activity.is_settled
    assert len(heard) == 3
    assert activity.said == 2


class _Handshake:
    """Sockets whose talk goes one step on whenever the clock is slept by."""

    def __init__(self, *steps):
        self.steps, self.at = steps, 0

    @property
    def is_settled(self):
        return self.steps[min(self.at, len(self.steps) - 1)][0]

    @property
    def said(self):
        return self.steps[min(self.at, len(self.steps) - 1)][1]

    def monotonic_ns(self):
        return 0

    async def sleep(self, _seconds):
        self.at += 1
        await asyncio.sleep(0)


HANDSHAKES = {
    "a greeting comes first": ((True, 0), (False, 1), (True, 1)),
    "a login is answered first": ((False, 1), (True, 1), (False, 2), (True, 2)),
    "more is said and answered between two looks": ((True, 1), (True, 2), (True, 3)),
    "nothing is answered at first": ((False, 1), (False, 2), (True, 2)),
}


@pytest.mark.parametrize("steps", HANDSHAKES.values(), ids=HANDSHAKES)
async def test_a_stream_begins_behind_the_last_that_was_said_and_answered(steps):
    sockets, sink = _Handshake(*steps), _Sink()
    account = SimpleNamespace(clock=sockets, session=None, health=None)
    begun = asyncio.create_task(_AccountFeed(account, sink)._begin(sockets))
    while not sink.gaps:
        assert not begun.done()
        await asyncio.sleep(0)
    assert sockets.at >= len(steps) - 1
    assert sink.gaps == [CONNECTED]
    begun.cancel()


class _Polled(Binance):
    account_streams = ()


async def test_an_account_without_streams_is_polled_and_tells_the_same(opened):
    clock = ManualClock()
    async with opened(clock=clock, manifest={"rate_limits": ()}) as small:
        small.adapter.quirks = _Polled()
        sink = _Sink()
        kept, _gone = small.order(), small.order()
        await small.adapter.submit(kept)
        report = await small.adapter.submit(_gone)
        watching = asyncio.ensure_future(small.adapter.watch_account(sink))
        await _until(lambda: len(sink.reports) == 2, clock, watching)
        assert sink.gaps == [CONNECTED]
        assert {it.status for it in sink.reports} == {OrderStatus.NEW}
        ref = small.ref(_gone, report.venue_order_id)
        await small.adapter.cancel(CancelOrder(ref=ref, deadline_ns=small.deadline()))
        small.server.fill(1, "0.01000000", time_ms=clock.time_ns() // 1_000_000)
        await _until(lambda: len(sink.reports) == 3 and sink.all_fills, clock, watching)
        assert sink.reports[-1].status is OrderStatus.CANCELED
        assert sink.reports[-1].client_order_id == _gone.client_order_id
        [fill] = sink.all_fills
        assert fill.client_order_id == kept.client_order_id
        watching.cancel()
        with pytest.raises(asyncio.CancelledError):
            await watching


async def _until(holds, clock, watching):
    """Let the poll go round until something holds: real replies, and a clock by hand."""
    async with asyncio.timeout(10):
        while not holds():
            assert not watching.done(), watching
            await asyncio.sleep(0)
            if clock.sleepers:
                await clock.advance(1.0)


class _State:
    def __init__(self):
        self.kept = {}

    def load(self, key):
        return self.kept.get(key)

    def save(self, key, value):
        self.kept[key] = value


def test_a_leg_waits_until_it_is_known_whose_it_is():
    groups = Groups(_State(), "x")
    changes = []
    groups.on_change = lambda: changes.append(1)
    assert not groups.holds("7", "leg"), "nobody is expected"
    with groups.under_way("ours"):
        assert groups.holds("7", "leg")
        assert not groups.holds("", "lone")
        assert not groups.holds("7", "ours")
        assert groups.see("7", "100", "ours") is None
        assert not groups.holds("7", "leg")
        assert changes
    assert groups.see("7", "101", "leg") == "100"


def test_the_legs_of_an_order_in_doubt_wait_for_it_over_a_restart_but_not_for_ever():
    now = [0]
    state = _State()

    def made():
        return Groups(state, "x", now_ns=lambda: now[0], doubt_s=8.0)

    groups = made()
    with pytest.raises(OutcomeUnknown), groups.under_way("ours"):
        raise OutcomeUnknown("the reply was cut short")
    for each in (groups, made()):
        assert each.holds("7", "leg")
        assert not each.holds("7", "ours"), "the parent itself is what they wait for"
    now[0] = 8 * 10**9
    assert not groups.holds("7", "leg"), "somebody else's, then"
    assert groups.see("7", "100", "ours") is None
    assert groups.see("7", "101", "leg") == "100", "it is recognised however late"


@pytest.mark.parametrize("refused", [Rejected("no funds"), NotSent("too late")])
def test_nobody_waits_for_an_order_that_came_to_nothing(refused):
    state = _State()
    groups = Groups(state, "x", doubt_s=8.0)
    with pytest.raises(type(refused)), groups.under_way("ours"):
        raise refused
    assert not groups.holds("7", "leg")
    assert not Groups(state, "x", doubt_s=8.0).holds("7", "leg")


def test_the_parent_of_a_list_is_known_after_a_restart_and_after_a_doubt():
    state = _State()
    with pytest.raises(Unreachable), Groups(state, "x").under_way("ours"):
        raise Unreachable("in doubt")
    groups = Groups(state, "x")
    assert groups.see("7", "101", "leg") is None, "nobody knows its list yet"
    assert groups.see("7", "100", "ours") is None
    assert Groups(state, "x").see("7", "101", "leg") == "100"

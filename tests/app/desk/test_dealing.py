"""The one way an order is made, through a whole desk at venues in memory."""

import asyncio
import errno
import os
import subprocess
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.adapters.stores.journal.disk import Disk
from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.core import records as r
from crossdock.errors import DeskError, RiskRefused, Unreachable
from crossdock.model import Bar, Direction, OrderStatus, OrderType, Side, Signal, Trade
from crossdock.ports import Can, Durability

D = Decimal
S = OrderStatus


def records(desk, kind):
    read = list(desk._read_journal())
    return [x for x in (r.decode(e.payload) for e in read) if isinstance(x, kind)]


async def settled(desk, clock):
    for gateway in desk.gateways.values():
        await gateway.writes.settle()
    await clock.settle()


def signal(**values):
    return Signal(
        **{
            "symbol": "BTC/USDT",
            "direction": Direction.LONG,
            "confidence": 1.0,
            "strength": 1.0,
            "horizon_s": 60,
            "strategy": "trend",
            **values,
        }
    )


# ---- placing ----------------------------------------------------------------------


async def test_an_order_goes_out_and_its_story_is_found_by_any_id(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        order = desk.dealing.place(toy.order(quantity=D(2)))
        await settled(desk, clock)
        venue.fill("v1", "2", "99")
        await clock.settle()
        assert order.status is S.FILLED
        assert desk.kernel.state.reservations.get(order.order_id) is None
        correlation = order.request.correlation
        assert correlation
        story = await desk.operations.trace(id=correlation)
        kinds = [step["record"] for step in story]
        assert kinds[:3] == ["order_intended", "attempt_started", "attempt_ended"] or (
            kinds[:3] == ["order_intended", "attempt_started", "order_reported"]
        )
        assert "fill_recorded" in kinds
        for name in (order.order_id, order.client_order_id, "v1"):
            assert await desk.operations.trace(id=name) == story
        with pytest.raises(DeskError, match="nothing in the journal"):
            await desk.operations.trace(id="no-such-id")


async def test_a_refusal_is_journaled_with_every_reason(toy, venue, open_toy_desk):
    text = '[risk.accounts.main]\norder_quantity_max = "1"\ndenied_symbols = ["BTC/*"]\n'
    async with open_toy_desk(venue, text=text) as desk:
        with pytest.raises(RiskRefused) as refused:
            desk.dealing.place(toy.order(quantity=D(2), limit_price=D(99)))
        [written] = records(desk, r.RequestRefused)
        assert written.reasons == refused.value.reasons
        assert len({check for check, _ in written.reasons}) == 2
        assert written.request.quantity == 2 and written.request.correlation
        assert desk.kernel.state.counts.refused == 1
        assert not desk.kernel.state.orders
        assert not len(desk.kernel.state.reservations)
        [told] = await desk.operations.trace(id=written.request.correlation)
        assert told["words"].startswith("refused by risk: ")
    assert not venue.called("submit")


@pytest.mark.parametrize(
    ("request_", "check"),
    [
        ({"limit_price": D("99.05")}, "tick"),
        ({"quantity": D("0.001")}, "lot"),
        ({"instrument": "DOGE/USDT@alpha"}, "instrument"),
        ({"quantity": D(5_000)}, "buying_power"),
        ({"side": Side.SELL, "quantity": D(50)}, "buying_power"),
    ],
)
async def test_what_cannot_be_is_refused_before_it_is_an_order(
    toy, venue, open_toy_desk, request_, check
):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(RiskRefused) as refused:
            desk.dealing.place(toy.order(**request_))
        assert check in {name for name, _ in refused.value.reasons}
    assert not venue.called("submit")


async def test_what_one_order_reserves_the_next_cannot_spend(toy, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        desk.dealing.place(toy.order(quantity=D(900)))
        with pytest.raises(RiskRefused):
            desk.dealing.place(toy.order(quantity=D(200)))
        desk.dealing.place(toy.order(quantity=D(100)))


async def test_an_account_that_is_away_reserves_nothing(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        venue.failure = Unreachable("no route")
        venue.break_streams(ZeroDivisionError("a bug"))
        await toy.until(clock, lambda: not desk.gateways["main"].ready.is_set())
        with pytest.raises(DeskError) as refused:
            desk.dealing.place(toy.order())
        assert refused.value.code == "account-away"
        assert not len(desk.kernel.state.reservations)
        venue.failure = None


async def test_an_unknown_account_is_named(toy, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(DeskError, match="there are: main"):
            desk.dealing.place(toy.order(account="elsewhere"))


async def test_a_halted_account_takes_no_new_risk_until_a_person_resumes_it(
    toy, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        desk.gateways["main"].halt("crossdock", "unexplained holdings")
        with pytest.raises(RiskRefused, match="unexplained holdings"):
            desk.dealing.place(toy.order())
        desk.operations.resume(account="main", by="Ann", door="cli")
        desk.dealing.place(toy.order())


async def test_an_order_over_the_limit_of_approval_waits_for_a_person(
    toy, venue, open_toy_desk
):
    text = '[risk.accounts.main]\napproval_over = "150"\n'
    async with open_toy_desk(venue, text=text) as desk:
        with pytest.raises(RiskRefused, match="a person approves above 150"):
            desk.dealing.place(toy.order(quantity=D(2)))
        terms = {"side": "buy", "symbol": "BTC/USDT", "quantity": "2", "limit": "99"}
        with pytest.raises(RiskRefused):
            desk.operations.place(**terms)
        desk.operations.place(**terms, approved_by="Ann", door="cli")
    assert len(venue.called("submit")) == 1


# ---- amending and cancelling ------------------------------------------------------


async def placed(desk, toy, clock, **values):
    order = desk.dealing.place(toy.order(**values))
    await settled(desk, clock)
    return order


async def test_an_amend_takes_effect_under_a_new_id(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        order = await placed(desk, toy, clock)
        desk.dealing.replace(order, quantity=D(3))
        assert order.worst_quantity == 3
        await settled(desk, clock)
        assert (order.quantity, order.limit_price) == (3, 99)
        assert order.venue_order_ids == ["v1", "v2"]
        desk.dealing.replace(order, limit_price=D(98))
        await settled(desk, clock)
        assert (order.quantity, order.limit_price) == (3, 98)


@pytest.mark.parametrize(
    ("change", "words"),
    [({}, "these values already"), ({"quantity": D(1)}, "these values already")],
)
async def test_an_amend_that_changes_nothing_is_not_sent(
    toy, clock, venue, open_toy_desk, change, words
):
    async with open_toy_desk(venue) as desk:
        order = await placed(desk, toy, clock)
        with pytest.raises(DeskError, match=words):
            desk.dealing.replace(order, **change)
    assert not venue.called("replace")


async def test_an_amend_is_checked_like_an_order(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        order = await placed(desk, toy, clock)
        before = desk.kernel.state.reservations.get(order.order_id)
        with pytest.raises(RiskRefused):
            desk.dealing.replace(order, quantity=D(5_000))
        assert dict(desk.kernel.state.reservations) == {order.order_id: before}
        assert len(records(desk, r.RequestRefused)) == 1
    assert not venue.called("replace")


async def test_an_amend_below_what_was_filled_is_refused(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        order = await placed(desk, toy, clock, quantity=D(5))
        venue.fill("v1", "3", "99")
        await clock.settle()
        with pytest.raises(RiskRefused):
            desk.dealing.replace(order, quantity=D(2))


async def test_there_is_nothing_to_amend_or_cancel_on_a_done_order(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        order = await placed(desk, toy, clock)
        venue.fill("v1", "1", "99")
        await clock.settle()
        with pytest.raises(DeskError, match="nothing to amend"):
            desk.dealing.replace(order, quantity=D(2))
        with pytest.raises(DeskError) as refused:
            desk.dealing.cancel(order)
        assert refused.value.code == "order-done"


async def test_an_unconfirmed_order_is_not_amended(toy, clock, venue, open_toy_desk):
    never = asyncio.get_running_loop().create_future()
    venue.on_write = lambda name, asked: never if name == "submit" else None
    async with open_toy_desk(venue) as desk:
        order = desk.dealing.place(toy.order())
        with pytest.raises(DeskError, match="not confirmed"):
            desk.dealing.replace(order, quantity=D(2))
        assert desk.dealing.cancel(order) is True
        assert desk.dealing.cancel(order) is False
        never.set_result(venue.place(order.client_order_id))
        await settled(desk, clock)


async def test_a_venue_that_cannot_amend_is_not_asked_to(toy, clock, venue, open_toy_desk):
    manifest = replace(toy.MANIFEST, can=toy.MANIFEST.can - {Can.REPLACE})
    async with open_toy_desk(venue, manifest=manifest) as desk:
        order = await placed(desk, toy, clock)
        with pytest.raises(DeskError, match="cannot amend"):
            desk.dealing.replace(order, quantity=D(2))


async def test_a_foreign_order_is_neither_amended_nor_canceled(
    toy, clock, venue, open_toy_desk
):
    venue.place("by-hand", quantity="3")
    async with open_toy_desk(venue) as desk:
        [order] = desk.kernel.state.foreign_orders("main")
        for attempt in (
            lambda: desk.dealing.cancel(order),
            lambda: desk.dealing.replace(order, quantity=D(2)),
        ):
            with pytest.raises(DeskError) as refused:
                attempt()
            assert refused.value.code == "foreign-order"
    assert not venue.called("cancel") and not venue.called("replace")


# ---- signals ----------------------------------------------------------------------


async def test_a_signal_goes_to_the_venue_that_costs_least_with_its_fee(
    toy, clock, open_toy_desk
):
    """beta's price is better, and its fee eats more than that."""
    alpha = toy.Venue(clock, "alpha", "main", taker_fee_rate=D("0.001"))
    beta = toy.Venue(clock, "beta", "second", taker_fee_rate=D("0.01"))
    alpha.ask, beta.ask = "100.1", "99.9"
    beta.bid = "99.8"
    async with open_toy_desk(alpha, beta) as desk:
        order = desk.signals.act_on(signal(), D(10_000))
        await settled(desk, clock)
        assert order.request.account == "main"
        assert order.request.type is OrderType.LIMIT
        assert order.request.quantity == D("5.00") and order.request.strategy == "trend"
        [emitted] = records(desk, r.SignalEmitted)
        first, second = emitted.routed.split(", ")
        assert first.startswith("main 100.2") and second.startswith("second 100.8")
        story = await desk.operations.trace(id=order.request.correlation)
        kinds = [step["record"] for step in story]
        assert kinds[:3] == ["signal_emitted", "order_intended", "attempt_started"]
        assert emitted.signal.correlation == order.request.correlation
    assert not beta.called("submit")


CONFINED = """
[strategies.trend]
kind = "trend"
accounts = ["second"]
"""


async def test_a_strategy_uses_the_accounts_it_may_use_and_no_other(
    toy, clock, open_toy_desk
):
    alpha = toy.Venue(clock, "alpha", "main")
    beta = toy.Venue(clock, "beta", "second", taker_fee_rate=D("0.01"))
    async with open_toy_desk(alpha, beta, text=CONFINED, strategies=True) as desk:
        trading = desk.strategies["trend"]._desk
        order = desk.kernel.state.orders[trading.signal(signal())]
        assert order.request.account == "second"
        assert trading.submit(toy.order(account="main")) is None
        [refused] = records(desk, r.RequestRefused)
        assert [check for check, _ in refused.reasons] == ["accounts"]
        assert refused.request.strategy == "trend"
        await settled(desk, clock)
    assert not alpha.called("submit") and len(beta.called("submit")) == 1


async def test_what_is_held_is_closed_where_it_is_held(toy, clock, open_toy_desk):
    """Sold where the bid is better, it would be long at one venue and short at the other."""
    alpha = toy.Venue(clock, "alpha", "main")
    beta = toy.Venue(clock, "beta", "second")
    async with open_toy_desk(alpha, beta) as desk:
        for account, quantity in (("main", D(3)), ("second", D(2))):
            name = desk.gateways[account].options.venue
            desk.dealing.place(
                toy.order(
                    account=account,
                    instrument=f"BTC/USDT@{name}",
                    quantity=quantity,
                    strategy="trend",
                )
            )
        await settled(desk, clock)
        alpha.fill("v1", "3", "99")
        beta.fill("v1", "2", "99")
        await clock.settle()
        beta.quote("99.95", "100.1")
        first = desk.signals.act_on(signal(direction=Direction.FLAT), D(10_000))
        sold = [o for o in desk.kernel.state.open_orders() if o.request.side is Side.SELL]
        closed = {order.request.account: order.request.quantity for order in sold}
        assert closed == {"main": 3, "second": 2} and first is sold[0]
        assert desk.signals.act_on(signal(direction=Direction.FLAT), D(10_000)) is None
        await settled(desk, clock)


async def test_what_is_held_at_a_venue_that_is_away_is_not_sold_at_another(
    toy, clock, open_toy_desk
):
    alpha = toy.Venue(clock, "alpha", "main")
    beta = toy.Venue(clock, "beta", "second")
    beta.ask = "200"
    async with open_toy_desk(alpha, beta) as desk:
        desk.signals.act_on(signal(), D(10_000))
        await settled(desk, clock)
        alpha.fill("v1", "5", "100.1")
        await clock.settle()
        desk.gateways["main"].ready.clear()
        assert desk.signals.act_on(signal(direction=Direction.FLAT), D(10_000)) is None
        desk.gateways["main"].ready.set()
    assert not beta.called("submit")


async def test_a_signal_passes_over_an_account_that_is_halted(toy, clock, open_toy_desk):
    alpha = toy.Venue(clock, "alpha", "main")
    beta = toy.Venue(clock, "beta", "second")
    beta.ask = "100.2"  # dearer, and open
    async with open_toy_desk(alpha, beta) as desk:
        desk.gateways["main"].halt("somebody", "to see")
        desk.signals.act_on(signal(), D(10_000))
        await settled(desk, clock)
    assert not alpha.called("submit")
    assert len(beta.called("submit")) == 1


async def test_a_signal_is_sized_by_the_newest_price_of_its_symbol(
    toy, clock, open_toy_desk
):
    """What a venue said before its book was lost may be of long ago."""
    alpha = toy.Venue(clock, "alpha", "main")
    beta = toy.Venue(clock, "beta", "second")
    async with open_toy_desk(alpha, beta) as desk:
        desk.markets.trades([trade_of(alpha, "50")])
        desk.markets.market_gap([alpha.instrument.id], "lost")
        await clock.advance(60)
        beta.quote()
        order = desk.signals.act_on(signal(), D(10_000))
        assert order.request.quantity == D("5.00")
        await settled(desk, clock)


def trade_of(venue, price):
    now = venue.clock.time_ns()
    return Trade(venue.instrument.id, "1", D(price), D(1), Side.BUY, now, now)


async def test_a_signal_counts_what_is_held_and_under_way(toy, clock, venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        first = desk.signals.act_on(signal(), D(10_000))
        assert desk.signals.act_on(signal(), D(10_000)) is None
        await settled(desk, clock)
        venue.fill("v1", "5", "100.1")
        await clock.settle()
        assert first.status is S.FILLED
        assert desk.signals.act_on(signal(), D(10_000)) is None
        back = desk.signals.act_on(signal(direction=Direction.FLAT), D(10_000))
        assert (back.request.side, back.request.quantity) == (Side.SELL, 5)


async def test_a_signal_without_a_book_is_recorded_and_places_nothing(
    toy, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        desk.markets.market_gap([venue.instrument.id], "lost")
        assert desk.signals.act_on(signal(), D(10_000)) is None
        [emitted] = records(desk, r.SignalEmitted)
        assert emitted.routed == "no venue has a good book"


SIZED = """
[strategies.trend]
kind = "trend"
[strategies.trend.sizing]
method = "volatility"
target = "0.2"
"""


async def test_a_signal_is_sized_by_the_method_of_its_strategy(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue, text=SIZED) as desk:
        order = desk.signals.act_on(signal(volatility=0.8), D(4_000))
        assert order.request.quantity == D("10.00")
        other = desk.signals.act_on(signal(strategy="other", volatility=0.8), D(4_000))
        assert other.request.quantity == D("2.00")
        await settled(desk, clock)


async def test_a_signal_that_does_not_say_what_it_is_sized_by_is_recorded_with_that(
    toy, venue, open_toy_desk
):
    async with open_toy_desk(venue, text=SIZED) as desk:
        assert desk.signals.act_on(signal(), D(4_000)) is None
        [emitted] = records(desk, r.SignalEmitted)
        assert emitted.routed == "not acted on: it says no volatility, and is sized by it"
    assert not venue.called("submit")


async def test_where_only_bars_come_a_signal_becomes_a_market_order(
    toy, clock, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        desk.markets.books.clear()
        desk.markets.last_quotes.clear()
        name = venue.instrument.id
        desk.markets.bars(
            [Bar(name, clock.time_ns() - 60, 60, 99.0, 101.0, 99.0, 100.0, 5.0)]
        )
        order = desk.signals.act_on(signal(), D(10_000))
        assert order.request.type is OrderType.MARKET
        assert order.request.quantity == D("5.00")
        [emitted] = records(desk, r.SignalEmitted)
        assert emitted.routed == "main at market: no book, only bars"
        await settled(desk, clock)
        assert desk.signals.act_on(signal(), D(10_000)) is None


async def test_no_signal_is_routed_to_an_account_that_is_away(toy, clock, open_toy_desk):
    alpha = toy.Venue(clock, "alpha", "main")
    beta = toy.Venue(clock, "beta", "second")
    alpha.ask, beta.ask = "100", "105"
    async with open_toy_desk(alpha, beta) as desk:
        alpha.failure = Unreachable("no route")
        alpha.break_streams(ZeroDivisionError("a bug"))
        await toy.until(clock, lambda: not desk.gateways["main"].ready.is_set())
        beta.quote()
        order = desk.signals.act_on(signal(), D(10_000))
        assert order.request.account == "second"
        alpha.failure = None


# ---- a journal that cannot write --------------------------------------------------


class FullDisk(Disk):
    is_full = False

    def write(self, fd, data):
        if self.is_full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return os.write(fd, data)


async def refuses_orders_and_sends_cancels(toy, clock, venue, open_toy_desk, journal, fill):
    async with open_toy_desk(venue, journal=journal) as desk:
        order = await placed(desk, toy, clock)
        fill()
        desk.kernel.note([r.Alarmed(at=1, code="loop-lag", words="x" * 9_000)])
        with pytest.raises(RiskRefused) as refused:
            desk.dealing.place(toy.order())
        assert "journal" in {check for check, _ in refused.value.reasons}
        assert desk.operations.status()["journal"]["writable"] is False
        assert desk.dealing.cancel(order)
        await settled(desk, clock)
        assert order.status is S.CANCELED
        assert desk.kernel.unwritten >= 1
    assert len(venue.called("submit")) == len(venue.called("cancel")) == 1


@pytest.mark.parametrize("durability", [Durability.PROCESS, Durability.POWER])
async def test_a_full_disk_refuses_orders_and_lets_cancels_go(
    toy, clock, venue, open_toy_desk, tmp_path, durability
):
    disk = FullDisk()
    files = JournalFiles.open(tmp_path / "files", durability, disk=disk)

    def fill():
        disk.is_full = True

    journal = Awaited(files)
    await refuses_orders_and_sends_cancels(toy, clock, venue, open_toy_desk, journal, fill)


class Awaited:
    """A journal whose failure is known at once, also where a thread does the writing."""

    def __init__(self, files):
        self._files = files
        self.entries = []

    def __getattr__(self, name):
        return getattr(self._files, name)

    def append(self, payloads):
        durable = self._files.append(payloads)
        if self._files._writer is not None:
            self._files._writer.drain()
        return durable


@asynccontextmanager
async def small_file_system(folder, size="256k"):
    """A real file system that is soon full. Skips where one cannot be mounted."""
    if os.geteuid() != 0:
        pytest.skip("mounting a small file system needs root")
    folder.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size}", "tmpfs", str(folder)],
        capture_output=True,
        check=False,
    )
    if mounted.returncode != 0:
        pytest.skip(f"no tmpfs can be mounted here: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


async def test_a_really_full_file_system_refuses_orders_and_lets_cancels_go(
    toy, clock, venue, open_toy_desk, tmp_path
):
    async with small_file_system(tmp_path / "small") as folder:
        files = JournalFiles.open(folder / "journal", Durability.PROCESS)

        def fill():
            ballast = os.open(folder / "ballast", os.O_CREAT | os.O_WRONLY)
            with pytest.raises(OSError, match="No space left"):
                while os.write(ballast, b"\0" * 4096):
                    pass
            os.close(ballast)

        await refuses_orders_and_sends_cancels(
            toy, clock, venue, open_toy_desk, Awaited(files), fill
        )

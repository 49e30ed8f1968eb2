"""A strategy on the bus: what it hears, what it keeps, and how it fails."""

import sys
from decimal import Decimal
from types import ModuleType

import pytest

from crossdock.analysis import indicators as ta
from crossdock.app.desk.strategies.runner import Runner, make_strategy
from crossdock.core import records as r
from crossdock.errors import ConfigError
from crossdock.model import Bar, OrderReport, OrderStatus, Quote, Side, Trade, WriteKind
from crossdock.strategies import EXAMPLES, Strategy, param

D = Decimal
SECOND = 1_000_000_000


class Listener(Strategy):
    def __init__(self, name="mine", symbols=(), params=None):
        super().__init__(name, symbols, params or {})
        self.heard = []
        self.restored = None
        self.fails_on = ""

    def _hear(self, what, *details):
        self.heard.append((what, *details))
        if self.fails_on == what:
            raise ZeroDivisionError("a bug")

    def start(self, desk):
        super().start(desk)
        self._hear("start")

    def on_book(self, instrument, book):
        self._hear("book", instrument)

    def on_order(self, order):
        self._hear("order", order.order_id, order.shown_status)

    def on_fill(self, fill, order):
        self._hear("fill", fill.execution_id, order.order_id)

    def stop(self):
        self._hear("stop")

    def state(self):
        return {"count": len(self.heard)}

    def restore(self, state):
        self.restored = dict(state)


@pytest.fixture
def kernel(toy, clock, journal):
    made = toy.kernel(clock, journal)
    made.commit([r.InstrumentListed(at=1, instrument=toy.listed())])
    return made


def runner_of(kernel, strategy):
    return Runner(kernel, strategy, None, "main")


def intend(kernel, toy, strategy, number=1):
    order_id = f"o{number}"
    kernel.commit(
        [
            r.OrderIntended(
                at=1,
                order_id=order_id,
                client_order_id=f"c{number}",
                request=toy.order(strategy=strategy),
                approval_id="ap",
                reference_price=D(100),
            ),
            r.AttemptStarted(
                at=1,
                attempt_id=f"a{number}",
                order_id=order_id,
                kind=WriteKind.SUBMIT,
            ),
        ]
    )
    return order_id


def report(number=1):
    return OrderReport(
        account="main",
        instrument="BTC/USDT@alpha",
        venue_order_id=f"v{number}",
        client_order_id=f"c{number}",
        status=OrderStatus.NEW,
        side="buy",
        type="limit",
        quantity=D(1),
        limit_price=D(99),
    )


def accept(kernel, number=1):
    ended = r.AttemptEnded(
        at=2,
        attempt_id=f"a{number}",
        order_id=f"o{number}",
        outcome=r.Outcome.ACCEPTED,
        report=report(number),
    )
    kernel.note([ended])


def test_a_strategy_hears_of_its_own_orders_only(toy, kernel):
    mine, other = Listener("mine"), Listener("other")
    for each in (mine, other):
        runner_of(kernel, each).start()
    intend(kernel, toy, "mine")
    accept(kernel)
    assert mine.heard == [("start",), ("order", "o1", "New")]
    assert other.heard == [("start",)]


def test_a_doubt_and_its_end_are_heard(toy, kernel):
    mine = Listener()
    runner_of(kernel, mine).start()
    intend(kernel, toy, "mine")
    ids = {"at": 2, "attempt_id": "a1", "order_id": "o1"}
    kernel.note([r.AttemptEnded(**ids, outcome=r.Outcome.UNKNOWN)])
    kernel.note([r.DoubtResolved(**ids, verdict=r.Verdict.ABSENT, by="lookup")])
    assert mine.heard[1:] == [("order", "o1", "Unknown"), ("order", "o1", "NeverAccepted")]


def test_what_a_strategy_keeps_is_journaled_and_given_back(kernel, journal):
    first = Listener()
    runner = runner_of(kernel, first)
    runner.start()
    runner.stop()
    assert journal.records(r.StrategySaved)[0].state == {"count": 2}
    second = Listener()
    runner_of(kernel, second).start()
    assert first.restored is None and second.restored == {"count": 2}
    assert second.heard == [("start",)]


def test_a_stopped_strategy_hears_nothing(toy, kernel):
    mine = Listener()
    runner = runner_of(kernel, mine)
    runner.start()
    runner.stop()
    runner.stop()
    intend(kernel, toy, "mine")
    accept(kernel)
    assert mine.heard == [("start",), ("stop",)]


async def test_a_strategy_that_raises_is_stopped_alone(toy, clock, venue, open_toy_desk):
    """Its orders stay as they are; the other strategy and the desk go on."""
    async with open_toy_desk(venue) as desk:
        mine, other = Listener("mine"), Listener("other")
        mine.fails_on = "order"
        for each in (mine, other):
            runner = desk.strategies[each.id] = runner_of(desk.kernel, each)
            runner.start()
        order = desk.dealing.place(toy.order(strategy="mine"))
        second = desk.dealing.place(toy.order(strategy="other", limit_price=D(98)))
        for gateway in desk.gateways.values():
            await gateway.writes.settle()
        await clock.settle()
        failed = desk.strategies["mine"]
        assert not failed.running and failed.failed == "ZeroDivisionError: a bug"
        assert order.status is second.status is OrderStatus.NEW
        assert desk.strategies["other"].running
        assert ("order", second.order_id, "New") in other.heard
        assert sum(what == "order" for what, *_ in mine.heard) == 1
        codes = [alarm.code for alarm in desk.kernel.state.alarms]
        assert codes.count("strategy-failed") == 1
        told = {s["name"]: s for s in desk.operations.status()["strategies"]}
        assert told["mine"]["failed"] and not told["other"]["failed"]


@pytest.mark.parametrize("where", ["start", "stop"])
def test_a_strategy_that_raises_as_it_starts_or_stops_keeps_nobody_else(kernel, where):
    mine = Listener()
    mine.fails_on = where
    runner = runner_of(kernel, mine)
    runner.start()
    runner.stop()
    assert not runner.running and "ZeroDivisionError" in runner.failed
    assert [alarm.code for alarm in kernel.state.alarms] == ["strategy-failed"]


def test_a_state_that_cannot_be_written_down_is_the_strategys_failure(kernel):
    mine = Listener()
    mine.state = lambda: {"clock": object()}
    runner = runner_of(kernel, mine)
    runner.start()
    runner.stop()
    assert not runner.running and "cannot be written" in runner.failed
    assert not kernel.state.strategies


# ---- what it keeps ----------------------------------------------------------------


def test_what_is_kept_is_journaled_at_a_tick_and_only_when_it_changed(kernel, journal):
    mine = Listener()
    runner = runner_of(kernel, mine)
    runner.start()
    for _ in range(3):
        runner.tick(kernel.now())
    assert [record.state for record in journal.records(r.StrategySaved)] == [{"count": 1}]
    mine.heard.append(("more",))
    runner.tick(kernel.now())
    assert [it.state["count"] for it in journal.records(r.StrategySaved)] == [1, 2]


def test_what_is_kept_is_journaled_right_after_an_order(toy, kernel, journal):
    """A kill between the order's event and the next tick loses nothing of it."""

    class Buyer(Listener):
        def on_quote(self, quote):
            self._hear("quote")
            intend(kernel, toy, "mine")
            self._hear("ordered")

    runner = runner_of(kernel, Buyer())
    runner.start()
    kernel.bus.publish(Quote("BTC/USDT@alpha", 1.0, 1.0, 2.0, 1.0, 0, 0))
    kinds = [type(r.decode(entry.payload)).__name__ for entry in journal.entries]
    assert kinds[-3:] == ["OrderIntended", "AttemptStarted", "StrategySaved"]
    assert journal.records(r.StrategySaved)[0].state == {"count": 3}


def test_what_is_kept_of_an_order_outlives_a_failure_right_after_it(toy, kernel, journal):
    """Else the next start would order once more."""

    class Buyer(Listener):
        def on_timer(self, now_ns):
            intend(kernel, toy, "mine")
            self._hear("ordered")
            raise ValueError("the next symbol is not listed")

    mine = Buyer()
    mine.timer_s = 1.0
    runner = runner_of(kernel, mine)
    runner.start()
    runner.tick(kernel.now() + 2 * SECOND)
    assert runner.failed == "ValueError: the next symbol is not listed"
    [saved] = journal.records(r.StrategySaved)
    assert saved.state == {"count": 2}


def test_a_failed_strategy_that_ordered_nothing_keeps_what_it_kept(kernel, journal):
    mine = Listener()
    runner = runner_of(kernel, mine)
    runner.start()
    runner.save()
    mine._hear("half done")
    runner.fail(ValueError("a bug"))
    assert [it.state["count"] for it in journal.records(r.StrategySaved)] == [1]


def test_what_a_strategy_changes_later_is_not_changed_in_the_state(kernel):
    mine = Listener()
    kept = {"levels": [1]}
    mine.state = lambda: kept
    runner = runner_of(kernel, mine)
    runner.start()
    runner.save()
    kept["levels"].append(2)
    assert kernel.state.strategies["mine"] == {"levels": [1]}
    runner.save()
    assert kernel.state.strategies["mine"] == {"levels": [1, 2]}


def test_a_state_that_became_empty_is_journaled_too(kernel):
    mine = Listener()
    kept = {"open": True}
    mine.state = lambda: kept
    runner = runner_of(kernel, mine)
    runner.start()
    runner.save()
    kept.clear()
    runner.save()
    assert kernel.state.strategies["mine"] == {}


def test_a_journal_that_cannot_write_does_not_stop_a_strategy(kernel, journal):
    runner = runner_of(kernel, Listener())
    runner.start()
    journal.writable = False
    runner.tick(kernel.now())
    assert runner.running and not kernel.state.strategies
    journal.writable = True
    runner.tick(kernel.now())
    assert kernel.state.strategies["mine"] == {"count": 1}


@pytest.mark.parametrize("state", [{"clock": object()}, {(1, 2): "a pair is no key"}])
def test_a_state_that_cannot_be_written_down_stops_its_strategy_at_once(kernel, state):
    mine = Listener()
    mine.state = lambda: state
    runner = runner_of(kernel, mine)
    runner.start()
    runner.tick(kernel.now())
    assert not runner.running and isinstance(runner.error, Exception)


# ---- timers -----------------------------------------------------------------------


class Timed(Strategy):
    timer_s = 60.0

    def setup(self):
        self.due = []

    def on_timer(self, now_ns):
        self.due.append(now_ns // SECOND)


def test_a_timer_is_due_at_whole_multiples_once_each(clock, kernel):
    mine = Timed("mine", (), {})
    runner = runner_of(kernel, mine)
    runner.start()
    begun = kernel.now() // SECOND
    for second in range(begun, begun + 200):
        for quarter in range(4):
            runner.tick(second * SECOND + quarter * SECOND // 4)
    first = begun - begun % 60 + 60
    assert mine.due == [due for due in range(first, begun + 200, 60)]


def test_of_timers_that_passed_together_only_the_latest_is_called(kernel):
    mine = Timed("mine", (), {})
    runner = runner_of(kernel, mine)
    runner.start()
    minute = kernel.now() // SECOND // 60
    runner.tick((minute + 5) * 60 * SECOND + 1)
    runner.tick((minute + 4) * 60 * SECOND)  # a clock that steps back calls nothing again
    assert mine.due == [(minute + 5) * 60]


def test_the_next_time_a_timer_is_due_is_told(kernel):
    runner = runner_of(kernel, Timed("mine", (), {}))
    assert runner.next_timer_ns(0) is None
    runner.start()
    assert runner.next_timer_ns(60 * SECOND - 1) == 60 * SECOND
    assert runner.next_timer_ns(60 * SECOND) == 120 * SECOND
    runner.stop()
    assert runner.next_timer_ns(0) is None
    without = runner_of(kernel, Listener())
    without.start()
    assert without.next_timer_ns(0) is None


def test_a_strategy_that_raises_in_its_timer_is_stopped(kernel):
    mine = Timed("mine", (), {})
    mine.due = None
    runner = runner_of(kernel, mine)
    runner.start()
    runner.tick(kernel.now() + 60 * SECOND)
    assert not runner.running and "AttributeError" in runner.failed


# ---- bars -------------------------------------------------------------------------


class Barred(Strategy):
    timeframe: str = param("1m", "bars it takes")
    length: int = param(1, "bars in its average", least=1)

    def setup(self):
        self.average = self.track(ta.sma(self.length))
        self.closes = []

    def on_bar(self, bar):
        self.closes.append(bar.close)


def bar(number, close, *, instrument="BTC/USDT@alpha", width_s=60):
    width = width_s * SECOND
    price = float(close)
    return Bar(instrument, number * width, width, price, price, price, price, 1.0)


def test_only_bars_of_its_own_symbols_and_timeframe_reach_a_strategy(kernel):
    mine = Barred("mine", ("BTC/USDT",), {})
    runner_of(kernel, mine).start()
    for each in (
        bar(1, 100),
        bar(1, 200, instrument="ETH/USDT@alpha"),
        bar(2, 300, width_s=300),
        bar(3, 400, instrument="BTC/USDT@beta"),
    ):
        kernel.bus.publish(each)
    assert mine.closes == [100, 400]


def test_without_a_timeframe_every_width_may_come(kernel):
    mine = Barred("mine", (), {"timeframe": ""})
    runner = runner_of(kernel, mine)
    runner.start()
    kernel.bus.publish(bar(1, 100, width_s=300))
    assert mine.closes == [100] and runner.bars_wanted == 0


def test_history_warms_a_strategy_up_before_or_after_live_bars(kernel):
    mine = Barred("mine", ("BTC/USDT",), {"length": 3})
    runner = runner_of(kernel, mine)
    runner.start()
    assert (runner.bars_wanted, runner.width_ns) == (3, 60 * SECOND)
    assert runner.wants("BTC/USDT@alpha") and not runner.wants("ETH/USDT@alpha")
    kernel.bus.publish(bar(5, 105))
    runner.warm([bar(3, 103), bar(4, 104), bar(4, 999, width_s=1)])
    assert mine.closes == [] and mine.average["BTC/USDT@alpha"] == 104
    kernel.bus.publish(bar(6, 106))
    assert mine.closes == [106]


def test_a_restart_goes_on_with_what_was_tracked(kernel):
    first = Barred("mine", (), {"length": 3})
    runner = runner_of(kernel, first)
    runner.start()
    for number in range(4):
        kernel.bus.publish(bar(number, 100 + number))
    runner.tick(kernel.now())  # and killed after it
    second = Barred("mine", (), {"length": 3})
    runner_of(kernel, second).start()
    kernel.bus.publish(bar(4, 104))
    assert second.average.value == 103 and second.closes == [104]


def test_a_strategy_may_be_any_class_with_the_handlers_it_needs(toy, kernel, journal):
    class Own:
        id = "own"
        timeframe, timer_s = "", 0.0

        def __init__(self):
            self.heard = []

        def start(self, desk):
            self.heard.append("start")

        def on_bar(self, bar):
            self.heard.append(bar.close)

        def on_order(self, order):
            self.heard.append(order.order_id)

        def stop(self):
            self.heard.append("stop")

    own = Own()
    runner = runner_of(kernel, own)
    runner.start()
    kernel.bus.publish(bar(1, 100))
    kernel.bus.publish(Quote("BTC/USDT@alpha", 1.0, 1.0, 2.0, 1.0, 0, 0))
    intend(kernel, toy, "own")
    accept(kernel)
    runner.tick(kernel.now())
    runner.stop()
    assert own.heard == ["start", 100.0, "o1", "stop"] and not runner.failed
    assert not journal.records(r.StrategySaved)


@pytest.fixture
def own_module():
    """A module of the user's own, to which a test adds its strategies."""
    module = ModuleType("strategies_of_a_user")
    sys.modules[module.__name__] = module
    yield module
    del sys.modules[module.__name__]


async def test_a_strategy_without_a_timeframe_costs_nobody_else_his_bars(
    venue, open_toy_desk, own_module
):
    class Own:
        def __init__(self, name, symbols, params):
            self.id = name

        def start(self, desk): ...
        def stop(self): ...

    own_module.Own, own_module.Barred = Own, Barred
    text = "".join(
        f'[strategies.{kind.lower()}]\nkind = "strategies_of_a_user:{kind}"\n'
        'symbols = ["BTC/USDT"]\n'
        for kind in ("Own", "Barred")
    )
    async with open_toy_desk(venue, text=text, strategies=True) as desk:
        assert not desk.strategies["own"].failed
        begun = desk.kernel.now() // (60 * SECOND) * 60 * SECOND
        traded = Trade("BTC/USDT@alpha", "1", D(100), D(1), Side.BUY, begun, begun)
        desk.markets.trades([traded])
        desk.bar_maker.close_due(begun + 60 * SECOND)
        assert desk.bar_maker.widths == {60 * SECOND}


# ---- making one -------------------------------------------------------------------


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_worked_example_can_be_made_by_its_name(kind):
    made = make_strategy("mine", kind, ("BTC/USDT",), {})
    assert made.id == "mine"


def test_a_strategy_of_ones_own_is_named_by_module_and_class(own_module):
    own_module.Listener = Listener
    made = make_strategy("mine", "strategies_of_a_user:Listener", (), {})
    assert isinstance(made, Listener)


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("trand", "strategy-unknown", "trend"),
        ("json:dumps", "strategy-unknown", "is no class"),
        ("no_such_module:Strategy", "strategy-unknown", "cannot be imported"),
        ("decimal:NoSuchClass", "strategy-unknown", "cannot be imported"),
        ("decimal:Decimal", "strategy-unknown", "is no strategy"),
    ],
)
def test_a_strategy_that_cannot_be_made_names_its_setting(kind, code, words):
    with pytest.raises(ConfigError) as refused:
        make_strategy("mine", kind, (), {})
    assert refused.value.code == code
    assert "strategies.mine" in str(refused.value) and words in str(refused.value)


def test_wrong_parameters_are_named_under_the_strategys_settings():
    with pytest.raises(ConfigError) as refused:
        make_strategy("mine", "sma_cross", (), {"fsat": 3, "slow": 1})
    words = str(refused.value)
    assert "strategies.mine.params" in words
    assert "did you mean fast?" in words and "slow = 1" in words


def test_a_class_may_stand_in_place_of_its_name():
    assert isinstance(make_strategy("mine", Listener, (), {}), Listener)


def test_a_mistake_in_a_strategys_own_setup_is_told_under_its_name():
    class Mistaken(Strategy):
        def setup(self):
            self.averge.update(1)

    with pytest.raises(ConfigError) as refused:
        make_strategy("mine", Mistaken, (), {})
    assert refused.value.code == "strategy-failed"
    assert "strategies.mine cannot be made: AttributeError" in str(refused.value)

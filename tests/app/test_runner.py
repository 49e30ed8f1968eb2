"""A strategy on the bus: what it hears, what it keeps, and how it fails."""

import sys
from decimal import Decimal
from types import ModuleType

import pytest

from crossdock.app.runner import Runner, make_strategy
from crossdock.core import records as r
from crossdock.errors import ConfigError
from crossdock.model import OrderReport, OrderStatus, WriteKind
from crossdock.strategies import EXAMPLES, Passive

D = Decimal


class Listener(Passive):
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


@pytest.mark.parametrize("kind", sorted(EXAMPLES))
def test_every_worked_example_can_be_made_by_its_name(kind):
    made = make_strategy("mine", kind, ("BTC/USDT",), {})
    assert made.id == "mine"


def test_a_strategy_of_ones_own_is_named_by_module_and_class():
    module = ModuleType("strategies_of_a_user")
    module.Listener = Listener
    sys.modules[module.__name__] = module
    try:
        made = make_strategy("mine", "strategies_of_a_user:Listener", (), {})
    finally:
        del sys.modules[module.__name__]
    assert isinstance(made, Listener)


@pytest.mark.parametrize(
    ("kind", "code", "words"),
    [
        ("trand", "strategy-unknown", "trend"),
        ("no_such_module:Strategy", "strategy-unknown", "cannot be imported"),
        ("decimal:NoSuchClass", "strategy-unknown", "cannot be imported"),
        ("decimal:Decimal", "strategy-params", "strategies.mine.params"),
    ],
)
def test_a_strategy_that_cannot_be_made_names_its_setting(kind, code, words):
    with pytest.raises(ConfigError) as refused:
        make_strategy("mine", kind, (), {})
    assert refused.value.code == code
    assert "strategies.mine" in str(refused.value) and words in str(refused.value)

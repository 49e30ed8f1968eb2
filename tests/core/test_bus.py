from dataclasses import dataclass

import pytest

from crossdock.core.bus import Bus


@dataclass(frozen=True, slots=True)
class Ping:
    number: int


class LoudPing(Ping):
    __slots__ = ()


@pytest.fixture
def errors() -> list:
    return []


@pytest.fixture
def bus(errors) -> Bus:
    return Bus(lambda error, event, handler: errors.append((error, event, handler)))


def test_handlers_get_the_event_in_the_order_they_subscribed(bus):
    seen = []
    for name in "abc":
        bus.subscribe(Ping, lambda event, name=name: seen.append((name, event)))
    event = Ping(1)
    bus.publish(event)
    assert seen == [("a", event), ("b", event), ("c", event)]


def test_dispatch_is_by_exact_type_so_subclasses_and_strangers_pass_by(bus, errors):
    seen = []
    bus.subscribe(Ping, seen.append)
    bus.publish(LoudPing(1))
    bus.publish("text")
    assert seen == [] and errors == []


def test_a_handler_that_raises_is_reported_and_does_not_stop_the_others(bus, errors):
    seen = []
    problem = RuntimeError("broken strategy")

    def broken(event):
        raise problem

    bus.subscribe(Ping, broken)
    bus.subscribe(Ping, seen.append)
    event = Ping(2)
    bus.publish(event)
    assert seen == [event]
    assert errors == [(problem, event, broken)]


def test_cancellation_and_interrupts_are_not_swallowed(bus, errors):
    def stop(event):
        raise KeyboardInterrupt

    bus.subscribe(Ping, stop)
    with pytest.raises(KeyboardInterrupt):
        bus.publish(Ping(1))
    assert errors == []


def test_unsubscribing_twice_removes_one_subscription_only(bus):
    seen = []
    first = bus.subscribe(Ping, seen.append)
    bus.subscribe(Ping, seen.append)
    first()
    first()
    bus.publish(Ping(3))
    assert seen == [Ping(3)]


def test_the_last_to_unsubscribe_leaves_no_handler_behind(bus):
    seen = []
    bus.subscribe(Ping, seen.append)()
    bus.publish(Ping(1))
    assert seen == []


def test_subscribing_during_publish_takes_effect_with_the_next_event(bus):
    seen = []

    def once(event):
        bus.subscribe(Ping, seen.append)
        leave()

    leave = bus.subscribe(Ping, once)
    bus.publish(Ping(1))
    assert seen == []
    bus.publish(Ping(2))
    assert seen == [Ping(2)]


def test_unsubscribing_during_publish_skips_nobody(bus):
    seen = []
    leaves = []

    def first(event):
        seen.append("first")
        for leave in leaves:
            leave()

    for handler in (first, lambda event: seen.append("second")):
        leaves.append(bus.subscribe(Ping, handler))
    bus.publish(Ping(1))
    bus.publish(Ping(2))
    assert seen == ["first", "second"]


def test_an_event_published_by_a_handler_is_delivered_before_publish_returns(bus):
    seen = []

    def chain(event):
        if event.number < 3:
            bus.publish(Ping(event.number + 1))
        seen.append(event.number)

    bus.subscribe(Ping, chain)
    bus.publish(Ping(1))
    assert seen == [3, 2, 1]

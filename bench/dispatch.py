"""The bus: time to hand one event to three handlers, beside NautilusTrader's.

python bench/dispatch.py [events]
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from time import perf_counter_ns

from crossdock.core.bus import Bus
from crossdock.model import InstrumentId, Quote

ROUNDS = 7
HANDLERS = 3
QUOTE = Quote(InstrumentId("BTC/USDT@bench"), 1.0, 2.0, 3.0, 4.0, 5, 6)

Publish = Callable[[Quote], object]


def handler(event: object) -> None:
    """Do nothing: only the way here is timed."""


def ours() -> Publish:
    bus = Bus(lambda error, event, failed: None)
    for _ in range(HANDLERS):
        bus.subscribe(Quote, handler)
    return bus.publish


def nautilus_trader() -> Publish:
    from nautilus_trader.common.component import MessageBus, TestClock
    from nautilus_trader.model.identifiers import TraderId

    bus = MessageBus(TraderId("BENCH-1"), TestClock())
    for number in range(HANDLERS):
        # The same handler on a topic counts once there.
        bus.subscribe("data.quotes", lambda event, number=number: None)
    publish = bus.publish
    return lambda event: publish("data.quotes", event)


def best_ns(publish: Publish, events: int) -> float:
    rounds = []
    for _ in range(ROUNDS):
        started = perf_counter_ns()
        for _ in range(events):
            publish(QUOTE)
        rounds.append((perf_counter_ns() - started) / events)
    return min(rounds)


def main() -> None:
    events = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    gc.disable()
    mine = best_ns(ours(), events)
    line = {
        "bench": "dispatch",
        "row": f"one event to {HANDLERS} handlers",
        "unit": "ns/event",
        "ours": round(mine),
    }
    try:
        peer = nautilus_trader()
    except ImportError:
        line |= {"peer": "not installed", "wanted": "nautilus_trader"}
    else:
        theirs = best_ns(peer, events)
        line |= {
            "peer": "nautilus_trader",
            "theirs": round(theirs),
            "ratio": round(theirs / mine, 2),
        }
    print(json.dumps(line))


if __name__ == "__main__":
    main()

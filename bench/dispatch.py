"""The bus: time to hand one event to three handlers, beside NautilusTrader's.

python bench/dispatch.py [events]
"""

from __future__ import annotations

import gc
import json
import sys
from collections.abc import Callable
from functools import partial
from time import perf_counter_ns

from crossdock.core.bus import Bus
from crossdock.model import InstrumentId, Quote

ROUNDS = 7
HANDLERS = 3
QUOTE = Quote(InstrumentId("BTC/USDT@bench"), 1.0, 2.0, 3.0, 4.0, 5, 6)

Publish = Callable[[Quote], object]


def handlers() -> list[Callable[[object], None]]:
    """Return different handlers that do nothing: only the way to them is timed."""

    def made() -> Callable[[object], None]:
        def handler(event: object) -> None:
            pass

        return handler

    return [made() for _ in range(HANDLERS)]


def ours() -> Publish:
    bus = Bus(lambda error, event, failed: None)
    for handler in handlers():
        bus.subscribe(Quote, handler)
    return bus.publish


def nautilus_trader() -> Publish:
    from nautilus_trader.common.component import MessageBus, TestClock
    from nautilus_trader.model.identifiers import TraderId

    bus = MessageBus(TraderId("BENCH-1"), TestClock())
    for handler in handlers():
        bus.subscribe("data.quotes", handler)
    return partial(bus.publish, "data.quotes")


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

"""Bars and quotes through the full desk, beside NautilusTrader, backtesting.py and others.

Bars: when the average of 10 closes rises above that of 30, buy for 95 % of the equity, whole
units only; when it falls below, sell it all. A fee of one basis point. Every contender gets
the same bars and fills at the next bar's open (NautilusTrader at the close, see
`_backtesters.py`). All make the same orders, but for two averages that are equal, once or
twice in 100,000 bars, which each rounds its own way; that, the other price and sizing by the
fill (vectorbt) are why equities differ. The peers keep a balance; our row is the desk that
trades live: risk checks, reservations, order life, hashed journal, ledger, equity curve.

Quotes: a market order for 100 units every 50 quotes, buying and selling in turn.

One JSON line per peer: microseconds of processor time per bar or quote (neighbours on the
machine disturb it less than the clock on the wall, and everybody here uses one thread), orders
filled, equity in the end. A ratio of 2 says that the peer takes twice as long.

    python bench/backtest.py [--bars 100000] [--quotes 100000] [--rounds 2] [--only NAME]
"""

from __future__ import annotations

import argparse
import gc
from collections.abc import Callable, Iterator, Mapping, Sequence
from decimal import Decimal
from time import process_time
from typing import Any

import _backtesters as peers
from _backtesters import CASH, EVERY, FAST, FEE, SLOW, UNITS, Outcome
from _contest import OURS, Contender, Figures, beside, run
from _market import MINUTE_NS, VOLUME, Row, Touch, minutes, touches

from crossdock.app.replay import NO_LIMITS, Replay, Run, Terms, backtest
from crossdock.app.replay.opening import Market
from crossdock.model import (
    AccountId,
    Asset,
    Bars,
    ContractKind,
    Instrument,
    InstrumentId,
    OrderRequest,
    OrderType,
    Quote,
    Side,
    TickBand,
)
from crossdock.ports import RecordingStats
from crossdock.strategies import Strategy

ID = InstrumentId("BTC/USDT@bench")
TERMS = Terms(maker_fee=FEE, taker_fee=FEE, tick="0.0001", lot=1)


def ours(rows: Sequence[Row]) -> Outcome:
    columns = [list(column) for column in zip(*rows, strict=True)]
    names = ("start_time_ns", "open", "high", "low", "close", "volume")
    bars = Bars(instrument=ID, width_ns=MINUTE_NS, **dict(zip(names, columns, strict=True)))

    def cross(bars: Bars) -> Run:
        params = {"fast": FAST, "slow": SLOW}
        return backtest("sma_cross", bars, cash=CASH, params=params, terms=TERMS)

    cross(bars[:500])
    return timed(lambda: cross(bars))


class Alternate(Strategy):
    seen = 0

    def on_quote(self, quote: Quote) -> None:
        self.seen += 1
        if self.seen % EVERY == 0:
            side = Side.BUY if self.seen // EVERY % 2 else Side.SELL
            self.desk.submit(
                OrderRequest(
                    account=AccountId("paper"),
                    instrument=quote.instrument,
                    side=side,
                    type=OrderType.MARKET,
                    quantity=Decimal(UNITS),
                )
            )


class Recorded:
    """A recording that is in memory already."""

    format = "bench"

    def __init__(self, quotes: Sequence[Quote]) -> None:
        self.stats = RecordingStats()
        self._quotes = quotes

    def instruments(self) -> Sequence[Instrument]:
        band = TickBand(floor=Decimal(0), tick=Decimal("0.0001"))
        only = Instrument(
            id=ID,
            venue_key="1",
            kind=ContractKind.SPOT,
            base=Asset("BTC"),
            quote=Asset("USDT"),
            settle=Asset("USDT"),
            tick_table=(band,),
            quantity_step=Decimal(1),
        )
        return (TERMS.apply(only),)

    def events(self) -> Iterator[Quote]:
        return iter(self._quotes)


def ours_quotes(ticks: Sequence[Touch]) -> Outcome:
    quotes = [
        Quote(ID, tick.bid, VOLUME, tick.ask, VOLUME, tick.time_ns, tick.time_ns)
        for tick in ticks
    ]

    def alternate(quotes: Sequence[Quote]) -> Run:
        recording = Recorded(quotes)
        market = Market(
            source="bench", instruments=recording.instruments(), recording=recording
        )
        return Replay(
            market,
            Alternate,
            {},
            cash=Decimal(CASH),
            terms=TERMS,
            risk=NO_LIMITS,
            sizing={},
            journal=None,
            progress=None,
        ).run()

    alternate(quotes[:500])
    return timed(lambda: alternate(quotes))


def timed(replay: Callable[[], Run]) -> Outcome:
    gc.collect()
    began = process_time()
    made = replay()
    seconds = process_time() - began
    assert not made.refused, made.refused[:3]
    return Outcome(seconds, len(made.fills), float(made.initial_equity + made.pnl))


def contender(
    on_bars: Callable[[Sequence[Row]], Outcome],
    on_quotes: Callable[[Sequence[Touch]], Outcome] | None = None,
) -> Contender:
    def measure(given: argparse.Namespace) -> Mapping[str, Any]:
        figures: dict[str, Any] = {}
        rows, ticks = list(minutes(given.bars)), list(touches(given.quotes))
        for what, events, act in (("bar", rows, on_bars), ("quote", ticks, on_quotes)):
            if act is not None:
                best = min(act(events) for _ in range(given.rounds))
                figures[what] = best.seconds / len(events) * 1e6
                figures[f"{what}_fills"] = best.fills
                figures[f"{what}_equity"] = round(best.equity, 2)
        return figures

    return measure


CONTENDERS = {
    OURS: contender(ours, ours_quotes),
    "nautilus_trader": contender(peers.nautilus_trader, peers.nautilus_quotes),
    "backtesting.py": contender(peers.backtesting),
    "backtrader": contender(peers.backtrader),
    "vectorbt": contender(peers.vectorbt),
}


def lines(given: argparse.Namespace, figures: Figures) -> Iterator[dict[str, Any]]:
    rows = {
        "bar": f"{given.bars} bars, crossing averages",
        "quote": f"{given.quotes} quotes, an order every {EVERY}",
    }
    for what, row in rows.items():
        for peer in figures:
            if peer == OURS or (what == "quote" and peer != "nautilus_trader"):
                continue
            line = {"bench": "backtest", "row": row, "unit": f"us/{what}", "peer": peer}
            line = beside(line, figures[OURS], figures[peer], what)
            for key in ("fills", "equity"):
                line[f"{key}_ours"] = figures[OURS].get(f"{what}_{key}")
                line[f"{key}_theirs"] = figures[peer].get(f"{what}_{key}")
            yield line


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--bars", type=int, default=100_000)
    options.add_argument("--quotes", type=int, default=100_000)
    options.add_argument("--rounds", type=int, default=2)
    run(options, CONTENDERS, lines)


if __name__ == "__main__":
    main()

"""One combination of a grid: what a worker is told once, and what it does for each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
from typing import Any

from crossdock.app.backtest.figures import Value, figures_of
from crossdock.app.backtest.grids.place import Place, place_of
from crossdock.app.data import Hints
from crossdock.app.replay.backtesting import beside_any_loop
from crossdock.app.replay.engine import Replay
from crossdock.app.replay.opening import Market, open_market
from crossdock.app.replay.run import Run
from crossdock.app.replay.terms import Terms
from crossdock.errors import Error


@dataclass(frozen=True, slots=True, kw_only=True)
class GridRow:
    """What came of one combination: figures, or the `error` it ended with.

    `figures` are those of the performance, and `pnl`, `fees`, `orders`, `fills` and
    `refused`. `params` are only those that vary.
    """

    place: int  # of the combination, in the order in which they were given
    params: Mapping[str, Any]
    figures: Mapping[str, Value] = field(default_factory=dict)
    journal_sha256: str = ""
    error: str = ""


def row_of(place: int, params: Mapping[str, Any], run: Run) -> GridRow:
    counts: dict[str, Value] = {
        "pnl": run.pnl,
        "fees": run.fees,
        "orders": run.orders,
        "fills": len(run.fills),
        "refused": len(run.refused),
    }
    return GridRow(
        place=place,
        params=params,
        figures={**figures_of(run), **counts},
        journal_sha256=run.journal_sha256,
    )


@dataclass(slots=True, kw_only=True)
class Work:
    """Backtests of one market. Opens it on first use, once in each process."""

    strategy: str | type[Any] | Place
    data: Any
    cash: Decimal
    params: Mapping[str, Any]  # in the order given; each piece replaces what varies
    hints: Hints
    terms: Terms
    risk: Mapping[str, Any]
    sizing: Mapping[str, Any] | str
    start_ns: int | None
    end_ns: int | None
    _market: Market | None = None
    _class: type[Any] | None = None

    def __call__(self, piece: tuple[int, Mapping[str, Any]]) -> GridRow:
        """Run one combination; whatever goes wrong is in its row."""
        place, params = piece
        try:
            return row_of(place, params, self.run(params))
        except Error as error:
            return GridRow(place=place, params=params, error=str(error))
        # A strategy's own code runs here: whatever it raises ends this combination alone.
        except Exception as error:  # noqa: BLE001
            words = f"{type(error).__name__}: {error}"
            return GridRow(place=place, params=params, error=words)

    def run(self, params: Mapping[str, Any]) -> Run:
        replay = Replay(
            self.market(),
            self._kind(),
            {**self.params, **params},
            cash=self.cash,
            terms=self.terms,
            risk=self.risk,
            sizing=self.sizing,
            journal=None,
            progress=None,
        )
        return beside_any_loop(replay.run)

    def market(self) -> Market:
        """Return what is replayed. Raises DataError and ConfigError."""
        if self._market is None:
            self._market = open_market(
                self.data,
                self.terms,
                hints=self.hints,
                start_ns=self.start_ns,
                end_ns=self.end_ns,
            )
        return self._market

    def for_workers(self) -> Work:
        """Return it ready to be sent: with the bars, or the path of a recorded stream.

        Raises ConfigError for a class that no other process can find.
        """
        market = self.market()
        strategy = self.strategy
        return replace(
            self,
            strategy=place_of(strategy) if isinstance(strategy, type) else strategy,
            data=None if market.bars else str(self.data),
            _market=market if market.bars else None,
        )

    def _kind(self) -> str | type[Any]:
        if not isinstance(self.strategy, Place):
            return self.strategy
        if self._class is None:
            self._class = self.strategy.load()
        return self._class

"""Every combination of parameters over the same market, on all cores."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import product
from typing import Any

from crossdock.app.backtest.figures import FIGURES
from crossdock.app.backtest.grids.combination import GridRow, Work
from crossdock.app.backtest.grids.crew import Crew, Lost, usable_cores
from crossdock.app.backtest.grids.place import refuse_inside_script
from crossdock.app.backtest.grids.result import GridResult, ranked
from crossdock.app.backtest.summary import terms_of
from crossdock.app.data import Hints
from crossdock.app.nearest import did_you_mean
from crossdock.app.replay.backtesting import NO_LIMITS
from crossdock.app.replay.checking import check_names
from crossdock.app.replay.terms import Number, Terms, number
from crossdock.errors import ConfigError

MOST = 100_000


def grid(
    strategy: str | type[Any],
    data: Any,
    *,
    params: Mapping[str, Any],
    by: str = "total_return",
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
    cash: Number = "10000",
    symbol: str = "",
    venue: str = "",
    timeframe: str = "",
    timezone: str = "",
    terms: Terms | None = None,
    risk: Mapping[str, Any] = NO_LIMITS,
    sizing: Mapping[str, Any] | str = "",
    start_ns: int | None = None,
    end_ns: int | None = None,
) -> GridResult:
    """Backtest every combination of `params`: sequences vary, single values are fixed.

    Rows come best first by the figure `by`. An error in one combination is a row with its
    error. `workers` are processes: by default as many as there are cores; 1 is this one.
    Everything else is as for `backtest`. Raises ConfigError and DataError.
    """
    refuse_inside_script()
    varied, fixed = _parted(params)
    _check_names(strategy, params, by)
    combinations = list(_combinations(varied))
    count = min(usable_cores() if workers is None else workers, len(combinations))
    if count < 1:
        raise ConfigError(
            f"workers = {workers}: expected 1 or more", code="bad-argument", hint=""
        )
    work = Work(
        strategy=strategy,
        data=data,
        cash=number("cash", cash),
        params=dict(params),
        hints=Hints(symbol=symbol, venue=venue, timeframe=timeframe, timezone=timezone),
        terms=terms or Terms(),
        risk=dict(risk),
        sizing=sizing,
        start_ns=start_ns,
        end_ns=end_ns,
    )
    market = work.market()  # what is wrong with it is told once, and here
    if count > 1:
        work = work.for_workers()
    rows: list[GridRow] = []
    for row in _rows(work, combinations, count):
        rows.append(row)
        if progress is not None:
            progress(len(rows), len(combinations))
    return GridResult(
        strategy=strategy if isinstance(strategy, str) else strategy.__name__,
        source=market.source,
        by=by,
        varied=varied,
        fixed=fixed,
        rows=ranked(rows, by),
        terms={
            **{str(each.id): terms_of(each) for each in market.instruments},
            "cash": f"{work.cash:f} {market.instruments[0].quote}",
            **work.terms.paper_options(),
        },
        notes=market.notes,
    )


def _rows(
    work: Work, combinations: Sequence[Mapping[str, Any]], workers: int
) -> Iterator[GridRow]:
    pieces = list(enumerate(combinations))
    if workers == 1:
        yield from map(work, pieces)
        return
    with Crew(work, workers) as crew:
        for place, result in crew.results(pieces):
            if isinstance(result, Lost):
                yield GridRow(place=place, params=combinations[place], error=result.words)
            else:
                yield result


def _parted(
    params: Mapping[str, Any],
) -> tuple[dict[str, tuple[Any, ...]], dict[str, Any]]:
    varied: dict[str, tuple[Any, ...]] = {}
    fixed: dict[str, Any] = {}
    for name, value in params.items():
        if isinstance(value, Sequence) and not isinstance(value, str | bytes):
            varied[name] = tuple(value)
        else:
            fixed[name] = value
    if not varied or not all(varied.values()):
        raise ConfigError(
            "a grid varies at least one parameter, each over one value or more",
            code="bad-argument",
            hint="such as params={'fast': [5, 10], 'slow': range(20, 60, 10)}",
        )
    return varied, fixed


def _combinations(varied: Mapping[str, Sequence[Any]]) -> Iterator[dict[str, Any]]:
    total = 1
    for values in varied.values():
        total *= len(values)
    if total > MOST:
        raise ConfigError(
            f"{total:,} combinations are more than a grid takes, {MOST:,}",
            code="bad-argument",
            hint="vary fewer parameters, or in wider steps",
        )
    for values in product(*varied.values()):
        yield dict(zip(varied, values, strict=True))


def _check_names(strategy: str | type[Any], params: Mapping[str, Any], by: str) -> None:
    """Refuse at once what would fail in every combination."""
    if by not in FIGURES:
        raise ConfigError(
            f"there is no figure {by}", code="bad-argument", hint=did_you_mean(by, FIGURES)
        )
    check_names(strategy, params)

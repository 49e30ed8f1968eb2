"""`backtest`, and `runs list|show|compare`."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.cli.commands.options import (
    AsJson,
    Limit,
    SymbolHint,
    TimeframeHint,
    TimezoneHint,
    VenueHint,
    moment,
)
from crossdock.cli.output import console, emit_json, show_rows, watching
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.app.backtest import GridResult
    from crossdock.app.replay import Run

runs = typer.Typer(no_args_is_help=True, help="Backtests kept, and compared.")

_GRID_ROWS = 20


def add_to(application: typer.Typer) -> None:
    application.command()(backtest)
    application.add_typer(runs, name="runs")


def backtest(
    data: Annotated[
        str,
        typer.Argument(
            metavar="PATH|SYMBOL@VENUE", help="A recording, or bars of the bar store."
        ),
    ],
    strategy: Annotated[
        str, typer.Option(help="A strategy's name, or package.module:Class.")
    ],
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of the strategy."),
    ] = None,
    grid: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=A,B,…", help="Try each value, with all the others."),
    ] = None,
    by: Annotated[
        str, typer.Option(metavar="FIGURE", help="What the best of a grid is best in.")
    ] = "total_return",
    workers: Annotated[
        int | None, typer.Option(min=1, help="Processes of a grid; else one a core.")
    ] = None,
    cash: Annotated[str, typer.Option(help="Money to begin with.")] = "10000",
    fee: Annotated[
        str | None, typer.Option(help="Fee rate of maker and taker, as 0.001.")
    ] = None,
    lot: Annotated[
        str | None, typer.Option(help="Step of quantities, where the file is silent.")
    ] = None,
    slippage_bps: Annotated[
        str, typer.Option(help="Market orders fill so much worse, in basis points.")
    ] = "0",
    latency_ms: Annotated[
        int, typer.Option(min=0, help="Until an order is at the venue.")
    ] = 0,
    symbol: SymbolHint = "",
    venue: VenueHint = "",
    timeframe: TimeframeHint = "",
    timezone: TimezoneHint = "",
    begin: Annotated[
        str, typer.Option("--from", metavar="TIME", help="Bars from then on, UTC.")
    ] = "",
    end: Annotated[
        str, typer.Option("--to", metavar="TIME", help="Bars before then, UTC.")
    ] = "",
    report: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write an HTML report there.")
    ] = None,
    keep: Annotated[
        bool, typer.Option("--keep", help="Keep the run; see `crossdock runs`.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Run a strategy over recorded data, or a grid of its parameters; tell what it earned."""
    from crossdock.app.backtest import grid as search_grid
    from crossdock.app.backtest.stored import named_market
    from crossdock.app.replay import Terms, check_run, parse_params
    from crossdock.app.replay import backtest as run_backtest

    params = parse_params(param or [])
    varied = _varied(grid or [], params)
    if varied and keep:
        raise ConfigError(
            "a grid is not kept, only a single run is",
            code="bad-argument",
            hint="run its best combination with --param and --keep",
        )
    start_ns, end_ns = moment("--from", begin), moment("--to", end)
    check_run(strategy, params, cash=cash, start_ns=start_ns, end_ns=end_ns)
    given: dict[str, Any] = {
        "start_ns": start_ns,
        "end_ns": end_ns,
        "cash": cash,
        "symbol": symbol,
        "venue": venue,
        "timeframe": timeframe,
        "timezone": timezone,
        "terms": Terms(
            maker_fee=fee,
            taker_fee=fee,
            lot=lot,
            slippage_bps=slippage_bps,
            latency_ms=latency_ms,
        ),
    }
    market = named_market(data, timeframe=timeframe, start_ns=start_ns, end_ns=end_ns)
    if varied:
        with watching(f"{strategy}, combinations") as progress:
            result = search_grid(
                strategy,
                market.data,
                params={**params, **varied},
                by=by,
                workers=workers,
                progress=progress,
                **given,
            )
        result = replace(result, source=market.source or result.source)
        _raise_if_all_failed(result)
        _tell_grid(result, report, as_json=as_json)
        return
    with watching(f"{strategy} on {data}") as progress:
        run = run_backtest(strategy, market.data, params=params, progress=progress, **given)
    run = replace(run, source=market.source or run.source)
    _tell(run, report, keep=keep, as_json=as_json)


def _varied(grid: list[str], params: dict[str, Any]) -> dict[str, list[Any]]:
    from crossdock.app.replay import parse_value

    varied: dict[str, list[Any]] = {}
    for text in grid:
        name, separator, values = text.partition("=")
        name = name.strip()
        parts = [part.strip() for part in values.split(",")]
        if not separator or not name or not all(parts):
            raise ConfigError(
                f"{text!r} varies no parameter",
                code="bad-argument",
                hint="write name=value,value,…",
            )
        if name in params or name in varied:
            raise ConfigError(f"the parameter {name} is given twice", code="bad-argument")
        varied[name] = [parse_value(part) for part in parts]
    return varied


def _raise_if_all_failed(result: GridResult) -> None:
    if len(result.failed) == len(result.rows):
        raise ConfigError(
            f"none of {len(result.rows)} combinations can be run; the first: "
            f"{result.rows[0].error}",
            code="bad-argument",
        )


def _tell_grid(result: GridResult, report: Path | None, *, as_json: bool) -> None:
    written = None if report is None else result.report(report)
    if as_json:
        told = result.summary()
        emit_json(told if written is None else {**told, "report": str(written)})
        return
    rows = result.table()
    show_rows(rows[:_GRID_ROWS], list(rows[0]), empty="no combination")
    if len(rows) > _GRID_ROWS:
        console().print(f"and {len(rows) - _GRID_ROWS} more: see --report or --json")
    for note in result.notes:
        console().print(f"note: {note}", soft_wrap=True)
    if written is not None:
        console().print(f"wrote {written}", soft_wrap=True)


def _tell(run: Run, report: Path | None, *, keep: bool, as_json: bool) -> None:
    from crossdock.app.backtest.summary import brief

    written = None if report is None else run.report(report)
    kept = run.keep(report=report is not None) if keep else None
    if as_json:
        told = run.summary()
        if written is not None:
            told["report"] = str(written)
        if kept is not None:
            told["kept"] = kept.id
        emit_json(told)
        return
    show_rows(
        [{"what": name, "value": value} for name, value in brief(run)],
        ("what", "value"),
        empty="nothing",
    )
    out = console()
    for words in (
        *(f"refused: {why}" for why in run.refused[:1]),
        *(f"unfilled: {why}" for why in run.unfilled[:1]),
        *(f"note: {note}" for note in run.notes),
        *(f"alarm: {words}" for words in run.alarms),
        *([f"wrote {written}"] if written is not None else []),
        *([f"kept as {kept.id}"] if kept is not None else []),
    ):
        out.print(words, soft_wrap=True)


# ---- runs kept ---------------------------------------------------------------


@runs.command(name="list")
def list_(limit: Limit = 50, as_json: AsJson = False) -> None:
    """List kept runs, newest first."""
    from crossdock.app.backtest import kept_runs

    kept = kept_runs()[:limit]
    rows = [
        {
            "run_id": run.id,
            "strategy": run.summary["strategy"],
            "params": _call(run.summary["params"]),
            "pnl": run.summary["pnl"],
            "trades": run.summary["trades"],
            "kept": run.kept_at,
        }
        for run in kept
    ]
    if as_json:
        emit_json({"runs": [{"id": run.id, **run.summary} for run in kept]})
        return
    columns = ("run_id", "strategy", "params", "pnl", "trades", "kept")
    show_rows(rows, columns, empty="no runs: crossdock backtest --keep keeps one")


@runs.command()
def show(
    name: Annotated[str, typer.Argument(metavar="ID", help="Of `runs list`.")] = "last",
    as_json: AsJson = False,
) -> None:
    """Tell all that is kept of a run."""
    from crossdock.app.backtest import load_run

    kept = load_run(name)
    if as_json:
        emit_json({"id": kept.id, "folder": str(kept.folder), **kept.summary})
        return
    told = {**kept.summary, **kept.summary["figures"]}
    rows = [
        {"what": key, "value": _call(value) if isinstance(value, dict) else value}
        for key, value in told.items()
        if key not in ("figures", "format", "refusals", "terms")
    ]
    show_rows(rows, ("what", "value"), empty="nothing")
    console().print(f"in {kept.folder}", soft_wrap=True)


@runs.command()
def compare(
    names: Annotated[list[str], typer.Argument(metavar="ID ID…", help="Two or more.")],
    as_json: AsJson = False,
) -> None:
    """Put runs side by side: what they differ in, and every figure."""
    from crossdock.app.backtest import compare as compare_runs
    from crossdock.app.backtest import load_run
    from crossdock.app.backtest.figures import figure

    if len(names) < 2:
        raise ConfigError("a comparison is of two runs or more", code="bad-argument")
    kept = [load_run(name) for name in names]
    rows = compare_runs(kept)
    if as_json:
        emit_json({"runs": [run.id for run in kept], "rows": rows})
        return
    heads = [run.folder.name for run in kept]
    if len(set(heads)) < len(heads):
        heads = [run.id for run in kept]
    shown = [
        {
            "what": row["what"],
            "name": row["name"],
            **{
                head: figure(row["name"]).shown(value)
                if row["what"] == "figures"
                else value
                for head, value in zip(heads, row["values"], strict=True)
            },
        }
        for row in rows
    ]
    show_rows(shown, ("what", "name", *heads), empty="nothing")


def _call(values: dict[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())

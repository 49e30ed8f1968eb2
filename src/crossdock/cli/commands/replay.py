"""`replay`: recorded data through the whole desk, or through an order book to check it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock.cli.commands.options import (
    AsJson,
    SymbolHint,
    TimeframeHint,
    TimezoneHint,
    VenueHint,
)
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.output import console, emit_json, watching
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.app.replay import Run


def add_to(application: typer.Typer) -> None:
    application.command()(replay)


def replay(
    path: Annotated[Path, typer.Argument(help="A recording: bars, ticks or raw messages.")],
    strategy: Annotated[
        str, typer.Option(help="A worked example, or package.module:Class.")
    ] = "",
    param: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME=VALUE", help="A parameter of the strategy."),
    ] = None,
    symbol: SymbolHint = "",
    venue: VenueHint = "",
    timeframe: TimeframeHint = "",
    timezone: TimezoneHint = "",
    cash: Annotated[str, typer.Option(help="Money to begin with.")] = "10000",
    fee: Annotated[
        str | None, typer.Option(help="Fee rate of maker and taker, as 0.001.")
    ] = None,
    lot: Annotated[
        str | None, typer.Option(help="Step of quantities, where the file is silent.")
    ] = None,
    journal: Annotated[
        Path | None, typer.Option(metavar="FOLDER", help="Keep the journal there.")
    ] = None,
    check_top: Annotated[
        bool,
        typer.Option(
            "--check-top", help="Compare the book with the best prices recorded beside it."
        ),
    ] = False,
    check_book: Annotated[
        bool,
        typer.Option(
            "--check-book", help="Hold the books to their sequence and checksums."
        ),
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Play recorded data: the same file gives the same journal, byte for byte.

    With --strategy through risk, orders, fills and ledger; with --check-top or --check-book
    through the order book alone. Exits 5 when the book was wrong, 1 when --check-book
    found a gap or what cannot be read.
    """
    if bool(strategy) + check_top + check_book != 1:
        raise ConfigError(
            "a replay is of a strategy, or of the book",
            code="bad-argument",
            hint="say one of --strategy NAME, --check-top and --check-book",
        )
    if check_top:
        _check_top(path, symbol=symbol, as_json=as_json)
        return
    if check_book:
        _check_book(path, symbol=symbol, venue=venue, as_json=as_json)
        return
    from crossdock.app.replay import Terms, parse_params
    from crossdock.app.replay import backtest as run_backtest

    with watching(f"replaying {path.name}") as progress:
        run = run_backtest(
            strategy,
            path,
            cash=cash,
            params=parse_params(param or []),
            symbol=symbol,
            venue=venue,
            timeframe=timeframe,
            timezone=timezone,
            terms=Terms(maker_fee=fee, taker_fee=fee, lot=lot),
            journal=journal,
            progress=progress,
        )
    told = {
        "events": run.events,
        "orders": run.orders,
        "fills": len(run.fills),
        "pnl": format(run.pnl, "f"),
        "max_drawdown": run.performance.max_drawdown,
        "events_per_s": round(run.events_per_s),
        "journal_sha256": run.journal_sha256,
    }
    if as_json:
        emit_json(told)
    else:
        _tell(run)


def _tell(run: Run) -> None:
    drawdown = run.performance.max_drawdown
    lines = (
        (
            f"{run.events} events, {run.orders} orders, {len(run.fills)} fills, "
            f"{run.events_per_s:,.0f} events a second"
        ),
        f"profit {run.pnl:.2f} {run.currency}, fees {run.fees:.2f}, "
        + ("no drawdown" if drawdown is None else f"deepest drawdown {drawdown:.2%}"),
        f"journal {run.journal_sha256}",
        *(
            f"{len(run.refused)} orders refused, the first: {why}"
            for why in run.refused[:1]
        ),
        *(
            f"{len(run.unfilled)} orders unfilled, the first: {why}"
            for why in run.unfilled[:1]
        ),
        *(f"note: {note}" for note in run.notes),
        *run.alarms,
    )
    for line in lines:
        console().print(line, soft_wrap=True)


def _check_top(path: Path, *, symbol: str, as_json: bool) -> None:
    from crossdock.app.replay.top import check_top

    found = check_top(str(path), symbol=symbol)
    if as_json:
        emit_json({"compared": found.compared, "equal": found.equal, "gaps": found.gaps})
    else:
        console().print(
            f"{found.compared} best prices compared, {found.equal} equal, "
            f"{found.gaps} gaps in the recording",
            soft_wrap=True,
        )
    if found.compared != found.equal:
        raise typer.Exit(ExitCode.DOUBT)


def _check_book(path: Path, *, symbol: str, venue: str, as_json: bool) -> None:
    from crossdock.app.replay.books import check_book

    found = check_book(str(path), symbol=symbol, venue=venue)
    if as_json:
        emit_json(
            {
                "messages": found.messages,
                "events": found.events,
                "checksums": found.checksums,
                "checksum_failures": found.checksum_failures,
                "gaps": found.gaps,
                "undecoded": found.undecoded,
            }
        )
    else:
        console().print(
            f"{found.messages} messages, {found.events} events, {found.checksums} checksums, "
            f"{found.checksum_failures} of them wrong, {found.gaps} gaps, "
            f"{found.undecoded} messages of no known kind",
            soft_wrap=True,
        )
    if found.checksum_failures:
        raise typer.Exit(ExitCode.DOUBT)
    if found.gaps or found.undecoded:
        raise typer.Exit(ExitCode.ERROR)

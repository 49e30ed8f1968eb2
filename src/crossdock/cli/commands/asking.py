"""Reads: `status`, `orders`, `positions`, `fills`, `doubts`, `trace`. All work without a desk."""

from __future__ import annotations

import re
from typing import Annotated

import typer

from crossdock.cli.commands.options import AsJson, Limit
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import console, emit_json, say_as_of, show
from crossdock.cli.view.standing import standing
from crossdock.cli.view.usage import usage

ORDER_COLUMNS = (
    "order_id",
    "account",
    "symbol",
    "side",
    "quantity",
    "type",
    "limit_price",
    "status",
    "cumulative_quantity",
    "average_price",
    "strategy",
    "reason",
)
FILL_COLUMNS = (
    "at",
    "account",
    "instrument",
    "side",
    "quantity",
    "price",
    "fee",
    "fee_asset",
    "more_fees",
    "liquidity",
    "kind",
    "order_id",
)
POSITION_COLUMNS = (
    "account",
    "asset",
    "total",
    "instrument",
    "portfolio",
    "strategy",
    "quantity",
    "entry_price",
    "mark",
    "realized_pnl",
    "unrealized_pnl",
    "currency",
)
DOUBT_COLUMNS = (
    "attempt_id",
    "kind",
    "order_id",
    "account",
    "instrument",
    "side",
    "quantity",
    "age_s",
    "needs_person",
)

doubts = typer.Typer(no_args_is_help=True, help="Writes whose fate is not known.")


def add_to(application: typer.Typer) -> None:
    for command in (status, orders, positions, fills, trace):
        application.command()(command)
    application.add_typer(doubts, name="doubts")


def status(
    context: typer.Context,
    integrations: Annotated[
        bool,
        typer.Option(
            "--integrations", help="Calls, success, latency and quota of each instead."
        ),
    ] = False,
    month: Annotated[
        str,
        typer.Option("--month", metavar="YYYY-MM", help="Whose sums those are."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Show the desk: every venue's eight steps, streams, orders, doubts, profit."""
    if integrations or month:
        _integrations(context, month, as_json=as_json)
        return
    answer = invocation_of(context).read("status", {}, lambda journal: journal.status())
    if as_json:
        emit_json(
            {
                "running": answer.as_of_ns is None,
                "as_of_ns": answer.as_of_ns,
                **answer.value,
            }
        )
        return
    say_as_of(answer)
    console().print(standing(answer.value))


def _integrations(context: typer.Context, month: str, *, as_json: bool) -> None:
    if month and not re.fullmatch(r"\d{4}-(0[1-9]|1[0-2])", month):
        raise typer.BadParameter(f"--month is written like 2026-11, not {month}")
    invocation = invocation_of(context)
    answer = invocation.read(
        "integrations", {"month": month}, lambda journal: journal.integrations(month)
    )
    if as_json:
        emit_json(
            {
                "mode": str(invocation.settings().desk.mode),
                "running": answer.as_of_ns is None,
                "as_of_ns": answer.as_of_ns,
                "integrations": answer.value,
            }
        )
        return
    say_as_of(answer)
    console().print(usage(answer.value))


def orders(
    context: typer.Context,
    every: Annotated[bool, typer.Option("--all", help="Done ones too.")] = False,
    limit: Limit = 100,
    as_json: AsJson = False,
) -> None:
    """List open orders, newest first."""
    answer = invocation_of(context).read(
        "orders",
        {"all": every, "limit": limit},
        lambda journal: journal.orders(every=every, limit=limit),
    )
    show(answer, "orders", as_json=as_json, columns=ORDER_COLUMNS, empty="no orders")


def positions(context: typer.Context, as_json: AsJson = False) -> None:
    """List balances, and positions by portfolio and strategy."""
    answer = invocation_of(context).read(
        "positions", {}, lambda journal: journal.positions()
    )
    show(
        answer, "positions", as_json=as_json, columns=POSITION_COLUMNS, empty="no positions"
    )


def fills(context: typer.Context, limit: Limit = 100, as_json: AsJson = False) -> None:
    """List the newest fills."""
    answer = invocation_of(context).read(
        "fills", {"limit": limit}, lambda journal: journal.fills(limit)
    )
    show(answer, "fills", as_json=as_json, columns=FILL_COLUMNS, empty="no fills")


def trace(
    context: typer.Context,
    name: Annotated[
        str, typer.Argument(metavar="ID", help="A correlation, order or venue order id.")
    ],
    as_json: AsJson = False,
) -> None:
    """Tell the journal's story of one order or trading cycle."""
    answer = invocation_of(context).read(
        "trace", {"id": name}, lambda journal: journal.trace(name)
    )
    columns = ("sequence", "at", "record", "words")
    show(answer, "records", as_json=as_json, columns=columns, empty="nothing")


@doubts.command(name="list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List open doubts, and which of them need a person."""
    answer = invocation_of(context).read("doubts", {}, lambda journal: journal.doubts())
    show(answer, "doubts", as_json=as_json, columns=DOUBT_COLUMNS, empty="no doubts")


@doubts.command()
def resolve(
    context: typer.Context,
    attempt: Annotated[str, typer.Argument(metavar="ATTEMPT", help="See `doubts list`.")],
    verdict: Annotated[str, typer.Argument(metavar="live|absent", help="What happened.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")],
    words: Annotated[str, typer.Option("--words", help="How you know.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Though evidence may still settle it.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """End a doubt that no evidence can settle, in your name."""
    order = invocation_of(context).ask(
        "resolve",
        attempt=attempt,
        verdict=verdict,
        by=by,
        words=words,
        force=force,
        door="cli",
    )
    if as_json:
        emit_json(order)
        return
    console().print(
        f"{attempt} is {verdict}, says {by}: order {order['order_id']} is {order['status']}",
        soft_wrap=True,
    )

"""Loans, transfers, and what became of money that was asked to move."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.commands.account.named import (
    Amount,
    Asset,
    Yes,
    account_of,
    ask,
    ask_to_change,
    tell,
    tell_moved,
)
from crossdock.cli.commands.options import AsJson, By
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import console, emit_json, show

LOAN_COLUMNS = ("asset", "principal", "interest", "instrument")
RATE_COLUMNS = ("asset", "rate", "per_s", "instrument")
SUB_COLUMNS = ("name", "venue_id", "is_frozen")
MOVEMENT_COLUMNS = (
    "movement_id",
    "created_time_ns",
    "kind",
    "amount",
    "asset",
    "source",
    "destination",
    "instrument",
    "product",
    "status",
    "by",
    "words",
)
Isolated = Annotated[
    str, typer.Option("--symbol", help="On the isolated margin of this symbol.")
]


def add_to(group: typer.Typer) -> None:
    for command in (borrow, repay, loans, wallets, transfer, movements, settle):
        group.command()(command)
    group.command(name="borrow-rates")(borrow_rates)
    group.command(name="sub-accounts")(sub_accounts)


def borrow(
    context: typer.Context,
    asset: Asset,
    amount: Amount,
    symbol: Isolated = "",
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Borrow on margin."""
    what = f"borrow {amount} {asset}"
    terms = {"asset": asset, "amount": amount, "symbol": symbol}
    moved = ask_to_change(context, "borrow", what, by=by, yes=yes, **terms)
    tell_moved(context, moved, as_json=as_json)


def repay(
    context: typer.Context,
    asset: Asset,
    amount: Amount,
    symbol: Isolated = "",
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Pay back what was borrowed on margin."""
    what = f"repay {amount} {asset}"
    terms = {"asset": asset, "amount": amount, "symbol": symbol}
    moved = ask_to_change(context, "repay", what, by=by, yes=yes, **terms)
    tell_moved(context, moved, as_json=as_json)


def loans(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is owed."""
    tell(context, "loans", ask(context, "loans"), LOAN_COLUMNS, as_json=as_json)


def borrow_rates(
    context: typer.Context,
    assets: Annotated[list[str], typer.Argument(metavar="ASSET…")],
    as_json: AsJson = False,
) -> None:
    """Show what borrowing costs, as a fraction for so many seconds."""
    rows = ask(context, "borrow_rates", assets=assets)
    tell(context, "borrow_rates", rows, RATE_COLUMNS, as_json=as_json)


def wallets(context: typer.Context, as_json: AsJson = False) -> None:
    """List the names that `transfer` knows."""
    names = ask(context, "wallets")
    if as_json:
        emit_json({"account": account_of(context), "wallets": names})
    else:
        console().print("\n".join(names) or "no wallets")


def sub_accounts(context: typer.Context, as_json: AsJson = False) -> None:
    """List the accounts beneath this one."""
    rows = ask(context, "sub_accounts")
    tell(context, "sub_accounts", rows, SUB_COLUMNS, as_json=as_json)


def transfer(
    context: typer.Context,
    asset: Asset,
    amount: Amount,
    source: Annotated[str, typer.Option("--from", metavar="WALLET", help="Or sub:NAME.")],
    destination: Annotated[
        str, typer.Option("--to", metavar="WALLET", help="Or sub:NAME.")
    ],
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Move money between two wallets, or a wallet and a sub-account."""
    moved = ask_to_change(
        context,
        "transfer",
        f"move {amount} {asset} from {source} to {destination}",
        by=by,
        yes=yes,
        asset=asset,
        amount=amount,
        source=source,
        destination=destination,
    )
    tell_moved(context, moved, as_json=as_json)


def movements(context: typer.Context, as_json: AsJson = False) -> None:
    """List money that was asked to move, and what is in doubt. Works without a desk."""
    name = account_of(context)
    answer = invocation_of(context).read(
        "movements", {"account": name}, lambda journal: journal.movements(name)
    )
    show(
        answer,
        "movements",
        as_json=as_json,
        columns=MOVEMENT_COLUMNS,
        empty="no movements",
    )


def settle(
    context: typer.Context,
    movement: Annotated[str, typer.Argument(metavar="ID", help="See `movements`.")],
    verdict: Annotated[str, typer.Argument(metavar="live|absent", help="What happened.")],
    by: Annotated[str, typer.Option("--by", metavar="NAME", help="Who decides.")],
    words: Annotated[str, typer.Option("--words", help="How you know.")] = "",
    force: Annotated[
        bool, typer.Option("--force", help="Though it may still arrive there.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """End the doubt of a movement, in your name."""
    settled = ask(
        context,
        "settle_movement",
        movement=movement,
        verdict=verdict,
        by=by,
        words=words,
        force=force,
        door="cli",
    )
    if as_json:
        emit_json(settled)
    else:
        console().print(f"{movement} is {verdict}, says {by}: {settled['status']}")

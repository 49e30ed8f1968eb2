"""What idle assets earn."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.cli.commands.account.named import (
    Amount,
    Yes,
    ask,
    ask_to_change,
    tell,
    tell_moved,
)
from crossdock.cli.commands.options import AsJson, By

OFFER_COLUMNS = (
    "offer_id",
    "kind",
    "asset",
    "rate",
    "min_amount",
    "max_amount",
    "lock_s",
    "is_open",
)
HOLDING_COLUMNS = ("offer_id", "kind", "asset", "amount", "earned", "redeemable_time_ns")
OfferId = Annotated[str, typer.Argument(metavar="OFFER", help="See `earn offers`.")]

earn = typer.Typer(no_args_is_help=True, help="Savings, staking and lending.")


def add_to(group: typer.Typer) -> None:
    group.add_typer(earn, name="earn")


@earn.command()
def offers(
    context: typer.Context,
    asset: Annotated[str, typer.Argument(metavar="[ASSET]", help="Only of this.")] = "",
    as_json: AsJson = False,
) -> None:
    """List what the venue pays, as a fraction a year."""
    rows = ask(context, "earn_offers", asset=asset)
    tell(context, "offers", rows, OFFER_COLUMNS, as_json=as_json)


@earn.command()
def holdings(context: typer.Context, as_json: AsJson = False) -> None:
    """List what is left with the venue to earn."""
    rows = ask(context, "earn_holdings")
    tell(context, "holdings", rows, HOLDING_COLUMNS, as_json=as_json)


@earn.command()
def subscribe(
    context: typer.Context,
    offer: OfferId,
    amount: Amount,
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Leave an amount with the venue."""
    what = f"leave {amount} in {offer}"
    terms = {"offer": offer, "amount": amount}
    moved = ask_to_change(context, "earn_subscribe", what, by=by, yes=yes, **terms)
    tell_moved(context, moved, as_json=as_json)


@earn.command()
def redeem(
    context: typer.Context,
    offer: OfferId,
    amount: Amount,
    by: By = "",
    yes: Yes = False,
    as_json: AsJson = False,
) -> None:
    """Take an amount back."""
    what = f"take {amount} out of {offer}"
    terms = {"offer": offer, "amount": amount}
    moved = ask_to_change(context, "earn_redeem", what, by=by, yes=yes, **terms)
    tell_moved(context, moved, as_json=as_json)

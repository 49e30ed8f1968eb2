"""`venues` and `statement`."""

from __future__ import annotations

import csv
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from crossdock.app.venues import AssetClass, VenueKind, VenueStatus
from crossdock.cli.commands.options import AsJson, TimezoneHint
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.output import aside, console, emit_json, show_rows
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.app.registry import Registry
    from crossdock.app.venues import Venue
    from crossdock.model import Fill


def add_to(application: typer.Typer) -> None:
    application.command()(venues)
    application.command()(statement)


def venues(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One venue, in full: any of its names."),
    ] = None,
    kind: Annotated[VenueKind | None, typer.Option(help="Only these.")] = None,
    status: Annotated[VenueStatus | None, typer.Option(help="Only these.")] = None,
    asset_class: Annotated[AssetClass | None, typer.Option(help="Only these.")] = None,
    as_json: AsJson = False,
) -> None:
    """List every venue known, open or closed, or tell all about one, with sources."""
    from crossdock.app import venues as catalogue
    from crossdock.app.registry import Registry
    from crossdock.app.venues.telling import brief

    registry = Registry()
    if name is not None:
        _show(name, registry, as_json=as_json)
        return
    rows = [
        brief(venue, registry)
        for venue in catalogue.venues()
        if (kind is None or venue.kind is kind)
        and (status is None or venue.standing.word is status)
        and (asset_class is None or asset_class in venue.asset_classes)
    ]
    if as_json:
        emit_json({"venues": rows})
        return
    columns = ("id", "name", "kind", "status", "tier", "adapters", "fees")
    show_rows(rows, columns, empty="no venue is like that")


def _show(name: str, registry: Registry, *, as_json: bool) -> None:
    """Tell all about one venue; of a closed one all that is known, and then the error."""
    from crossdock.app import venues as catalogue
    from crossdock.app.venues.telling import told

    known = catalogue.venues()
    adapters = {manifest.id for manifest in registry.manifests("venue")}
    if known.get(name) is None and name in adapters:
        raise ConfigError(
            f"nothing is known of {name} besides its adapter",
            code="bad-argument",
            hint=f"see `crossdock adapters {name}`",
        )
    asked = known.find(name)
    venue = asked
    if asked.standing.word is VenueStatus.RENAMED:
        venue = catalogue.venues().find(asked.standing.successor)
    gone = catalogue.unavailable(venue)
    if as_json:
        found = told(venue, registry)
        if venue is not asked:
            found["renamed_from"] = {
                "id": asked.id,
                "since": str(asked.standing.since or ""),
                "why": asked.standing.why,
            }
        if gone:
            found["error"] = {
                "type": type(gone).__name__,
                "code": gone.code,
                "message": gone.message,
                "hint": gone.hint,
            }
        emit_json(found)
        if gone:
            raise typer.Exit(ExitCode.ERROR)
        return
    if venue is not asked:
        when = f" since {asked.standing.since}" if asked.standing.since else ""
        aside(f"note: {asked.name} has been called {venue.name}{when}")
    _show_one(venue, registry)
    if gone:
        sys.stdout.flush()
        raise gone


def _show_one(venue: Venue, registry: Registry) -> None:
    from crossdock.app.venues.reached import reached
    from crossdock.app.venues.telling import in_words

    out = console()
    also = f", also {', '.join(venue.aliases)}" if venue.aliases else ""
    out.print(f"{venue.name} ({venue.id}{also}): {venue.kind}", soft_wrap=True)
    out.print()
    sources = list(dict.fromkeys((fact.source, str(fact.day)) for fact in venue.facts))
    show_rows(
        [
            {
                "what": fact.name.replace("_", " "),
                "value": in_words(fact),
                "read": f"[{sources.index((fact.source, str(fact.day))) + 1}]",
            }
            for fact in venue.facts
        ],
        ("what", "value", "read"),
        empty="nothing is known",
    )
    out.print()
    for number, (source, day) in enumerate(sources, 1):
        out.print(f"[{number}] {source}, read {day}", soft_wrap=True)
    out.print()
    show_rows(
        [
            {
                "capability": str(each.capability),
                "adapter": each.adapter,
                "tier": str(each.tier),
                "date": each.date,
            }
            for each in reached(venue, registry)
        ],
        ("capability", "adapter", "tier", "date"),
        empty="no adapter for it is installed",
    )


def statement(
    venue: Annotated[str, typer.Argument(help="Whose export it is, by any of its names.")],
    file: Annotated[Path, typer.Argument(help="The CSV file it gave.")],
    account: Annotated[
        str, typer.Option(metavar="NAME", help="The account the fills are put under.")
    ] = "statement",
    timezone: TimezoneHint = "",
    as_csv: Annotated[bool, typer.Option("--csv", help="Print CSV.")] = False,
    as_json: AsJson = False,
) -> None:
    """Read the fills in a venue's export, of closed venues, too. All of it or nothing."""
    if as_csv and as_json:
        raise ConfigError(
            "--csv and --json exclude each other", code="bad-argument", hint="choose one"
        )
    from crossdock.app.venues.statements import read_statement

    found = read_statement(venue, file, account=account, timezone=timezone)
    rows = [_fill(fill) for fill in found.fills]
    if as_json:
        emit_json(
            {
                "venue": found.venue,
                "what": found.what,
                "fills": rows,
                "left_out": dict(found.left_out),
                "duplicates": found.duplicates,
                "notes": list(found.notes),
            }
        )
        return
    for note in found.notes:
        aside(f"note: {note}")
    for what, count in found.left_out.items():
        aside(f"note: {count} rows are no executions and were left out: {what}")
    if found.duplicates:
        aside(f"note: {found.duplicates} rows say again what another one said")
    if as_csv:
        writer = csv.DictWriter(sys.stdout, _FILL_COLUMNS, lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
        return
    show_rows(
        [row | {"at": row["time_ns"]} for row in rows],
        ("at", *(each for each in _FILL_COLUMNS if each not in ("account", "time_ns"))),
        empty="it holds no execution",
    )


_FILL_COLUMNS = (
    "time_ns",
    "account",
    "instrument",
    "side",
    "quantity",
    "price",
    "fee",
    "fee_asset",
    "venue_order_id",
    "execution_id",
)


def _fill(fill: Fill) -> dict[str, Any]:
    return {
        "time_ns": fill.venue_time_ns,
        "account": fill.account,
        "instrument": fill.instrument,
        "side": str(fill.side),
        "quantity": format(fill.quantity, "f"),
        "price": format(fill.price, "f"),
        "fee": format(fill.fee, "f"),
        "fee_asset": fill.fee_asset,
        "venue_order_id": fill.venue_order_id,
        "execution_id": fill.execution_id,
    }

"""`journal verify|show|export|backup|restore`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock.cli.commands.options import AsJson, Limit
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import console, emit_json, show_rows
from crossdock.errors import ConfigError

if TYPE_CHECKING:
    from crossdock.app.offline import JournalTools

journal = typer.Typer(no_args_is_help=True, help="The truth on disk.")


def add_to(application: typer.Typer) -> None:
    application.add_typer(journal, name="journal")


def _tools(context: typer.Context) -> JournalTools:
    from crossdock.app.offline import JournalTools

    return JournalTools(invocation_of(context).settings().desk.journal)


@journal.command()
def verify(context: typer.Context, as_json: AsJson = False) -> None:
    """Check every byte, checksum and link. Exits 5 when something is wrong."""
    tools = _tools(context)
    report = tools.verify()
    if as_json:
        emit_json(report)
    else:
        where = f"{report['entries']} records in {report['segments']} segments"
        console().print(f"{tools.folder}: {where}", soft_wrap=True)
        if report["tail_bytes"]:
            console().print(
                f"{report['tail_bytes']} bytes after the last whole record: a write under "
                "way, or cut short by a crash and set aside at the next start",
                soft_wrap=True,
            )
        if bad := report["bad"]:
            console().print(f"DAMAGED: {bad['words']}\n{bad['hint']}", soft_wrap=True)
        elif not report["whole"]:
            console().print("one copy of the head does not read; the other one does")
        else:
            console().print("whole")
    if not report["whole"]:
        raise typer.Exit(ExitCode.DOUBT)


@journal.command()
def show(
    context: typer.Context,
    first: Annotated[
        int | None, typer.Option("--from", min=1, metavar="SEQUENCE", help="Begin here.")
    ] = None,
    limit: Limit = 50,
    as_json: AsJson = False,
) -> None:
    """Tell records in words: the newest ones, or those from a sequence on."""
    tools = _tools(context)
    entries = tools.tail(limit) if first is None else tools.show(first=first, limit=limit)
    rows = [
        {"sequence": e.sequence, "at": e.at, "record": e.record, "words": e.words}
        for e in entries
    ]
    if as_json:
        emit_json({"records": rows})
        return
    show_rows(rows, ("sequence", "at", "record", "words"), empty="no records")


@journal.command()
def export(
    context: typer.Context,
    target: Annotated[
        Path | None, typer.Option("--to", metavar="FILE", help="Not to stdout.")
    ] = None,
) -> None:
    """Write every record as one line of JSON."""
    lines = _tools(context).export()
    if target is None:
        for line in lines:
            sys.stdout.write(line + "\n")
        return
    try:
        with target.open("x", encoding="utf-8") as opened:
            opened.writelines(line + "\n" for line in lines)
    except FileExistsError:
        raise ConfigError(
            f"{target} is there already and is not overwritten",
            code="config-exists",
            hint="name another file",
        ) from None
    except OSError as error:
        raise ConfigError(
            f"{target} cannot be written: {error.strerror}", code="config-file"
        ) from None


@journal.command()
def backup(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    as_json: AsJson = False,
) -> None:
    """Copy the journal, also while the desk runs, and check the copy."""
    report = _tools(context).backup(folder)
    if as_json:
        emit_json({"folder": str(folder), **report})
    else:
        console().print(f"{folder}: {report['entries']} records, whole", soft_wrap=True)


@journal.command()
def restore(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A backup's folder.")],
    as_json: AsJson = False,
) -> None:
    """Make this desk's journal from a backup. Never overwrites one."""
    tools = _tools(context)
    report = tools.restore(folder)
    if as_json:
        emit_json({"folder": str(tools.folder), **report})
    else:
        console().print(
            f"{tools.folder}: {report['entries']} records. What happened since the backup, "
            "the desk asks of the venues at its next start",
            soft_wrap=True,
        )


@journal.command()
def salvage(
    context: typer.Context,
    folder: Annotated[Path, typer.Argument(help="A folder that does not exist yet.")],
    as_json: AsJson = False,
) -> None:
    """Save what precedes the damage of a journal into a new one. Changes nothing else."""
    report = _tools(context).salvage(folder)
    if as_json:
        emit_json({"folder": str(folder), **report})
    else:
        console().print(
            f"{folder}: {report['last_sequence']} records saved. Set desk.journal to it; what "
            "is missing, the desk asks of the venues at its next start",
            soft_wrap=True,
        )

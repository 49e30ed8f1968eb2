"""`strategies` and `new`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from crossdock.cli.commands.options import AsJson
from crossdock.cli.output import console, emit_json, show_rows

new = typer.Typer(no_args_is_help=True, help="Begin something of your own.")


def add_to(application: typer.Typer) -> None:
    application.command()(strategies)
    application.add_typer(new, name="new")


def strategies(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="One, in full: a name or module:Class."),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List the strategies that settings can name, or tell all about one."""
    from crossdock.app.catalogue import describe, strategy_kinds

    if name is not None:
        found = _told(describe(name))
        if as_json:
            emit_json(found)
        else:
            _show_one(found)
        return
    rows = [_told(kind) for kind in strategy_kinds()]
    if as_json:
        emit_json({"strategies": rows})
        return
    show_rows(
        [
            {**row, "parameters": [each["name"] for each in row["parameters"]]}
            for row in rows
        ],
        ("name", "source", "words", "parameters"),
        empty="no strategies",
    )
    for row in rows:
        if row["problem"]:
            console().print(f"{row['name']} cannot be used: {row['problem']}", style="red")


@new.command("strategy")
def new_strategy(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Like my-breakout.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Where its folder is made.")
    ] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a strategy with its test into a folder NAME. Never overwrites one."""
    from crossdock.app import scaffold

    _show_written(scaffold.new_strategy(name, to), to / name, "pytest", as_json=as_json)


@new.command("venue")
def new_venue(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Like my-broker.")],
    to: Annotated[
        Path, typer.Option("--to", metavar="DIR", help="Where its folder is made.")
    ] = Path(),
    as_json: AsJson = False,
) -> None:
    """Write a venue's adapter, passing every question asked of one, into a folder NAME."""
    from crossdock.app import scaffold

    written = scaffold.new_venue(name, to)
    module = name.replace("-", "_")
    then = f"pip install -e . && pytest --pyargs crossdock.conformance -k {module}"
    _show_written(written, to / name, then, as_json=as_json)


def _show_written(written: list[Path], folder: Path, then: str, *, as_json: bool) -> None:
    if as_json:
        emit_json({"folder": str(folder), "files": [str(file) for file in written]})
        return
    for file in written:
        console().print(f"wrote {file}", soft_wrap=True)
    console().print(f"then: cd {folder} && {then}", soft_wrap=True)


def _told(kind: Any) -> dict[str, Any]:
    return {
        "name": kind.name,
        "target": kind.target,
        "source": kind.source,
        "words": kind.words,
        "timeframe": kind.timeframe,
        "problem": kind.problem,
        "parameters": [
            {
                "name": parameter.name,
                "type": parameter.type,
                "default": parameter.default,
                "least": parameter.least,
                "most": parameter.most,
                "choices": list(parameter.choices),
                "help": parameter.help,
            }
            for parameter in kind.parameters
        ],
    }


def _show_one(found: dict[str, Any]) -> None:
    out = console()
    out.print(f"{found['name']} ({found['target']}, {found['source']})")
    out.print(found["words"] or "it says nothing about itself")
    out.print()
    show_rows(
        [
            {
                "parameter": each["name"],
                "type": each["type"],
                "default": _shown(each["default"]),
                "bounds": _bounds(each),
                "meaning": each["help"],
            }
            for each in found["parameters"]
        ],
        ("parameter", "type", "default", "bounds", "meaning"),
        empty="no parameters",
    )


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    return '""' if value == "" else str(value)


def _bounds(parameter: dict[str, Any]) -> str:
    if parameter["choices"]:
        return " | ".join(str(choice) for choice in parameter["choices"])
    least, most = parameter["least"], parameter["most"]
    if least is None and most is None:
        return ""
    return f"{'' if least is None else least}..{'' if most is None else most}"

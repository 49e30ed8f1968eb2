"""`init`, `config check|show|explain` and `paths`."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from crossdock.app.paths import user_folders
from crossdock.cli.commands.options import AsJson
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import STYLES, console, emit_json, show_rows
from crossdock.errors import ConfigError

config = typer.Typer(no_args_is_help=True, help="Look at the settings.")


def add_to(application: typer.Typer) -> None:
    application.command()(init)
    application.add_typer(config, name="config")
    application.command()(paths)


def init(
    context: typer.Context,
    sandbox: Annotated[
        bool, typer.Option("--sandbox", help="With accounts at the sandbox's venues.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Write a settings file to begin with. Never overwrites one."""
    from crossdock.app.settings.first import SANDBOX_COMMAND, write_first_settings

    file = invocation_of(context).settings_file
    write_first_settings(file, sandbox=sandbox)
    if as_json:
        emit_json({"settings": str(file), "sandbox": sandbox})
        return
    console().print(f"wrote {file}", soft_wrap=True)
    if sandbox:
        console().print(f"start its venues: {SANDBOX_COMMAND}", soft_wrap=True)
        console().print("then the desk:    crossdock run")
        return
    console().print("every setting there is:   crossdock config explain")
    console().print("a venue's table to paste: crossdock adapters NAME --toml")


@config.command()
def check(context: typer.Context, as_json: AsJson = False) -> None:
    """Check the settings, strategies included, and start nothing."""
    from crossdock.app.doors.foreground import raise_if_unusable

    invocation = invocation_of(context)
    settings = invocation.settings()
    raise_if_unusable(settings)
    found = {
        "settings": str(invocation.settings_file),
        "mode": str(settings.desk.mode),
        "live_accounts": list(settings.live_accounts()),
        "accounts": list(settings.accounts),
        "strategies": list(settings.strategies),
        "digest": settings.digest(),
    }
    if as_json:
        emit_json(found)
        return
    console().print(
        f"{invocation.settings_file} can be used: {len(settings.accounts)} accounts, "
        f"{len(settings.strategies)} strategies",
        soft_wrap=True,
    )
    if live := settings.live_accounts():
        words = (
            f"LIVE: {', '.join(live)} trade real money; on exit: {settings.desk.on_exit}"
        )
        console().print(words, style=STYLES["LIVE"], soft_wrap=True)


@config.command()
def show(
    context: typer.Context,
    origin: Annotated[
        bool, typer.Option("--origin", help="Say where each value came from.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Print every setting that holds, secrets masked."""
    rows = [
        {"key": row.key, "value": row.value, "origin": str(row.origin)}
        for row in invocation_of(context).settings().shown()
    ]
    if as_json:
        emit_json({"settings": rows})
        return
    show_rows(rows, ["key", "value", *(["origin"] if origin else [])], empty="none")


@config.command()
def explain(
    section: Annotated[
        str, typer.Argument(metavar="[SECTION]", help="desk, risk, accounts, …")
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Tell every setting there is, or those of one section, as a settings file writes them."""
    from crossdock.app.settings import default_settings_text

    text = default_settings_text(section)
    if as_json:
        emit_json({"toml": text})
    else:
        sys.stdout.write(text)


def paths(context: typer.Context, as_json: AsJson = False) -> None:
    """Print where everything is kept."""
    invocation = invocation_of(context)
    rows = [{"what": "settings file", "path": str(invocation.settings_file)}]
    rows += [
        {"what": f"{purpose} folder", "path": str(path)}
        for purpose, path in user_folders().rows()
        if purpose != "settings"
    ]
    try:
        desk = invocation.settings().desk
    except ConfigError:
        pass  # the folders hold without a settings file that can be used
    else:
        rows += [
            {"what": "this desk's journal", "path": str(desk.journal)},
            {"what": "this desk's control socket", "path": str(desk.control)},
            {"what": "this desk's logs", "path": str(desk.log_folder)},
        ]
    if as_json:
        emit_json({row["what"]: row["path"] for row in rows})
        return
    show_rows(rows, ["what", "path"], empty="none")

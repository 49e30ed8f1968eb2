"""`kill`, `release`, `resume` and `stop`."""

from __future__ import annotations

import asyncio
import sys
import time
from typing import Annotated, Any

import typer

from crossdock.cli.commands.options import Account, AsJson, By, whoever
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.invocation import Invocation, invocation_of
from crossdock.cli.output import aside, console, emit_json
from crossdock.errors import DeskError

LOOK_EVERY_S = 0.1


def add_to(application: typer.Typer) -> None:
    for command in (kill, release, resume, stop):
        application.command()(command)


def kill(
    context: typer.Context,
    account: Account = "",
    flatten: Annotated[
        bool, typer.Option("--flatten", help="Close our positions too.")
    ] = False,
    reason: Annotated[
        str, typer.Option("--reason", help="Why, for the journal.")
    ] = "by hand",
    by: By = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    ready_s: Annotated[
        float,
        typer.Option("--ready-s", min=0, help="Without a desk: how long venues may take."),
    ] = 15.0,
    as_json: AsJson = False,
) -> None:
    """Cancel every order of ours and take no new one. Works without a desk, too."""
    invocation = invocation_of(context)
    settings = invocation.settings()
    invocation.require_account(account)
    if not yes and sys.stdin.isatty():
        what = "cancel every order" + (" and close every position" if flatten else "")
        where = account or ", ".join(settings.accounts) or "no account"
        live = "LIVE: " if settings.live_accounts() else ""
        typer.confirm(f"{live}{what} of ours at {where}?", abort=True, err=True)
    found = _kill(
        invocation,
        account,
        by=whoever(by),
        reason=reason,
        flatten=flatten,
        ready_s=ready_s,
    )
    if as_json:
        emit_json(found)
    else:
        _tell(found)
    if found["away"]:
        raise typer.Exit(ExitCode.NOT_RUNNING)
    if found["doubts_open"] or found["open_orders"] or (flatten and found["positions"]):
        raise typer.Exit(ExitCode.DOUBT)


def _kill(
    invocation: Invocation,
    account: str,
    *,
    by: str,
    reason: str,
    flatten: bool,
    ready_s: float,
) -> dict[str, Any]:
    try:
        found = invocation.ask(
            "kill", by=by, reason=reason, flatten=flatten, account=account, door="cli"
        )
    except DeskError as error:
        if error.code != "desk-not-running":
            raise
        aside("no desk runs: going straight to the venues")
        from crossdock.app.offline import kill_without_desk

        return asyncio.run(
            kill_without_desk(
                invocation.settings(),
                by=by,
                reason=reason,
                flatten=flatten,
                account=account,
                door="cli",
                ready_timeout_s=ready_s,
            )
        )
    standings = invocation.ask("status")["accounts"]
    away = {
        each["account"]: each["reason"] or each["standing"]
        for each in standings
        if each["standing"] != "ready" and account in ("", each["account"])
    }
    return {"desk_was_running": True, **found, "away": away}


def _tell(found: dict[str, Any]) -> None:
    out = console()
    out.print(f"sent {found['cancels_sent']} cancels", end="")
    out.print(
        f" and {found['flatten_orders']} closing orders" if found["flatten_orders"] else ""
    )
    out.print(
        f"stays: {found['open_orders']} open orders, {found['doubts_open']} doubts, "
        f"{len(found['positions'])} positions of ours"
    )
    for words in (*found["positions"], *found["left"]):
        out.print(f"  {words}", soft_wrap=True)
    for name, reason in found["away"].items():
        out.print(
            f"  {name} is away, nothing could be done there: {reason}", soft_wrap=True
        )
    out.print("no new order is taken there until it is released: `crossdock release`")


def release(
    context: typer.Context, account: Account = "", by: By = "", as_json: AsJson = False
) -> None:
    """Let trading begin again after a kill."""
    invocation = invocation_of(context)
    invocation.require_account(account)
    found = invocation.ask("release", by=whoever(by), account=account, door="cli")
    if as_json:
        emit_json(found)
    else:
        out = console()
        out.print(f"released {account or 'the switch for all accounts'}")
        if found["killed"]:
            out.print(f"all accounts are still stopped, by {found['killed']}")
        for name, why in found["accounts_killed"].items():
            out.print(f"{name} is still stopped, by {why}: `release --account {name}`")


def resume(
    context: typer.Context,
    account: Annotated[str, typer.Argument(metavar="ACCOUNT")],
    by: By = "",
    as_json: AsJson = False,
) -> None:
    """Lift the halt of one account, after you have looked at why."""
    found = invocation_of(context).ask(
        "resume", account=account, by=whoever(by), door="cli"
    )
    if as_json:
        emit_json(found)
    else:
        console().print(
            f"the halt of {account} is lifted"
            + (f"; it is still stopped, by {found['killed']}" if found["killed"] else "")
        )


def stop(
    context: typer.Context,
    on_exit: Annotated[
        str | None,
        typer.Option(
            "--on-exit", metavar="keep|cancel|flatten", help="Not as in settings."
        ),
    ] = None,
    wait_s: Annotated[
        float, typer.Option("--wait-s", min=0, help="How long to wait for its end.")
    ] = 30.0,
    as_json: AsJson = False,
) -> None:
    """End the running desk as Ctrl-C would."""
    invocation = invocation_of(context)
    invocation.ask("stop", on_exit=on_exit, by=whoever(""), door="cli")
    stopped = _gone(invocation, wait_s)
    if as_json:
        emit_json({"stopped": stopped})
    else:
        console().print("stopped" if stopped else f"still stopping after {wait_s:g} s")
    if not stopped:
        raise typer.Exit(ExitCode.ERROR)


def _gone(invocation: Invocation, wait_s: float) -> bool:
    end_s = time.monotonic() + wait_s
    while time.monotonic() < end_s:
        try:
            invocation.ask("status")
        except DeskError:
            return True
        time.sleep(LOOK_EVERY_S)
    return False

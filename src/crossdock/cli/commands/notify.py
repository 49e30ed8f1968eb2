"""`notify list`, `notify test` and `notify outbox`: who is told what."""

from __future__ import annotations

from typing import Annotated

import typer

from crossdock.app.user_name import user_name
from crossdock.cli.commands.options import AsJson, Limit
from crossdock.cli.commands.running import in_loop
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import console, emit_json, show_rows

notify = typer.Typer(no_args_is_help=True, help="Messages to people who do not watch.")
_RECEIVER_COLUMNS = ("name", "adapter", "enabled", "on", "level", "quiet")
_MESSAGE_COLUMNS = ("at", "receiver", "state", "tries", "title", "words")


def add_to(application: typer.Typer) -> None:
    application.add_typer(notify, name="notify")


@notify.command(name="list")
def list_(context: typer.Context, as_json: AsJson = False) -> None:
    """List the receivers of the settings, and what each is told."""
    rows = [
        {
            "name": name,
            "adapter": each.adapter,
            "enabled": each.enabled,
            "on": [str(kind) for kind in each.on],
            "level": str(each.level),
            "quiet": f"{each.quiet} {each.quiet_zone}" if each.quiet else "",
        }
        for name, each in invocation_of(context).settings().notify.items()
    ]
    if as_json:
        emit_json({"receivers": rows})
        return
    show_rows(rows, _RECEIVER_COLUMNS, empty="no [notify.NAME] in the settings")


@notify.command(name="test")
def send_test(
    context: typer.Context,
    name: Annotated[str, typer.Argument(metavar="NAME", help="As in [notify.NAME].")],
    as_json: AsJson = False,
) -> None:
    """Send one message now, and say whether it was taken."""
    from crossdock.app.notify import send_test_message

    settings = invocation_of(context).settings()
    alert = in_loop(send_test_message(settings, name, user_name()))
    if as_json:
        emit_json({"mode": alert.mode, "receiver": name, "sent": True, "id": alert.id})
        return
    console().print(f"{name} took {alert.title!r} ({alert.id})", soft_wrap=True)


@notify.command()
def outbox(context: typer.Context, limit: Limit = 100, as_json: AsJson = False) -> None:
    """List messages, newest first: sent, waiting, refused or too old, and why."""
    from crossdock.app.notify import Outbox, outbox_of

    settings = invocation_of(context).settings()
    path = outbox_of(settings)
    rows = []
    if path.exists():
        kept = Outbox(path)
        try:
            rows = kept.rows(limit)
        finally:
            kept.close()
    if as_json:
        emit_json({"mode": str(settings.desk.mode), "messages": rows})
        return
    show_rows(rows, _MESSAGE_COLUMNS, empty="no messages yet")

"""`dashboard`: the web dashboard and the API by themselves."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock.cli.commands.options import AsJson
from crossdock.cli.commands.running import in_loop
from crossdock.cli.dashboard_process import require_extra
from crossdock.cli.invocation import Invocation, invocation_of
from crossdock.cli.output import aside, console, emit_json

if TYPE_CHECKING:
    from crossdock.app.settings import Settings
    from crossdock.app.settings.dashboard import DashboardSettings
    from crossdock.web.serving import Served


def add_to(application: typer.Typer) -> None:
    application.command()(dashboard)


def dashboard(
    context: typer.Context,
    new_link: Annotated[
        str | None,
        typer.Option(
            "--new-link",
            metavar="USER",
            help="Print a one-time link by which a user chooses a password, and end.",
        ),
    ] = None,
    as_json: AsJson = False,
    signed_in: Annotated[str, typer.Option("--signed-in", hidden=True)] = "",
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
    may_move: Annotated[bool, typer.Option("--may-move", hidden=True)] = False,
) -> None:
    """Serve the web dashboard until Ctrl-C, whether or not its desk runs."""
    require_extra()
    from crossdock.app.logs import Logs
    from crossdock.web.serving import new_link as link_for
    from crossdock.web.serving import serve

    invocation = invocation_of(context)
    settings = _settings(invocation)
    if new_link is not None:
        link = in_loop(link_for(settings, new_link))
        if as_json:
            emit_json({"link": link})
        else:
            console().print(link, soft_wrap=True)
        return

    def tell(served: Served) -> None:
        if as_json:
            emit_json(told(served, settings))
        else:
            for line in words_of(told(served, settings)):
                aside(line)

    parent = os.getppid() if with_parent else None
    desk = settings.desk.model_copy(update={"name": f"{settings.desk.name}-dashboard"})
    with Logs(desk, settings.masker(), debug=invocation.debug):
        in_loop(
            serve(
                settings,
                tell,
                parent=parent,
                signed_in=signed_in,
                may_move=True if may_move else None,
            )
        )


def told(served: Served, settings: Settings) -> dict[str, object]:
    return {
        "url": served.url,
        "link": served.link,
        "purpose": served.purpose,
        "notes": [*served.notes, *_of_listening(settings.dashboard)],
    }


def _of_listening(chosen: DashboardSettings) -> list[str]:
    """Return what to know of a dashboard that other machines reach."""
    with contextlib.suppress(ValueError):
        if ip_address(chosen.host).is_loopback:
            return []
    if chosen.host == "localhost":
        return []
    words = f"it listens on {chosen.host}, where other machines reach it"
    if chosen.public_url.startswith("https:"):
        return [f"{words}: its port is for the proxy alone"]
    words += (
        ", and lets nobody sign in from there over plain http: put a proxy with TLS in "
    )
    return [f"{words}front, and set dashboard.public_url and dashboard.trusted_proxies"]


def words_of(served: Mapping[str, object]) -> list[str]:
    """Return what a person is told of a dashboard that answers."""
    lines = [*(str(note) for note in _list(served["notes"]))]
    lines.append(f"dashboard: {served['url']}")
    if served["purpose"] == "set-up":
        lines.append(
            f"nobody can sign in yet; this link, once and for an hour: {served['link']}"
        )
    elif served["link"]:
        lines.append(f"signed in already, once and for five minutes: {served['link']}")
    return lines


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _settings(invocation: Invocation) -> Settings:
    """Return the settings; without a file, what the environment says, as in a container."""
    from crossdock.app.settings import load_settings

    if invocation.file is None and not invocation.settings_file.exists():
        return load_settings(None, overrides=invocation.overrides)
    return invocation.settings()

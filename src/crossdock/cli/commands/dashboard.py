"""`dashboard`: the web dashboard and the API by themselves, and a new link into it."""

from __future__ import annotations

import contextlib
import os
import shlex
from collections.abc import Mapping
from ipaddress import ip_address
from typing import TYPE_CHECKING, Annotated

import typer

from crossdock.cli.commands.options import AsJson
from crossdock.cli.commands.running import in_loop
from crossdock.cli.dashboard_process import LINK_COMMAND, require_extra
from crossdock.cli.invocation import Invocation, invocation_of
from crossdock.cli.output import aside, console, emit_json
from crossdock.errors import DeskError

if TYPE_CHECKING:
    from crossdock.app.settings import Settings
    from crossdock.app.settings.dashboard import DashboardSettings
    from crossdock.web.running import RunningDashboard
    from crossdock.web.serving import Served


application = typer.Typer(invoke_without_command=True)


def add_to(whole: typer.Typer) -> None:
    whole.add_typer(application, name="dashboard")


@application.callback()
def dashboard(
    context: typer.Context,
    as_json: AsJson = False,
    signed_in: Annotated[str, typer.Option("--signed-in", hidden=True)] = "",
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
    may_move: Annotated[bool, typer.Option("--may-move", hidden=True)] = False,
) -> None:
    """Serve the web dashboard until Ctrl-C, whether or not its desk runs."""
    require_extra()
    if context.invoked_subcommand is not None:
        return
    from crossdock.app.logs import Logs
    from crossdock.web.serving import serve

    invocation = invocation_of(context)
    settings = _settings(invocation)

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


@application.command()
def link(
    context: typer.Context,
    user: Annotated[
        str,
        typer.Argument(metavar="[USER]", help="Whom it lets in; the only one it can be."),
    ] = "",
    as_json: AsJson = False,
) -> None:
    """Print a new link into the dashboard that runs here. It works once; older ones end."""
    from crossdock.web.new_link import new_link, require_same_place

    settings, running = _meant(invocation_of(context))
    if running is not None:
        require_same_place(settings.dashboard, running.keeps_in)
    url = running.url if running else _address_of(settings)
    made = in_loop(new_link(settings.dashboard, url, user))
    if as_json:
        emit_json({"link": made.link, "purpose": made.purpose, "user": made.user})
        return
    if running is None:
        aside(f"no dashboard of {settings.desk.name} runs here: it works when one does")
    aside(_MEANINGS[made.purpose].format(user=made.user))
    console().print(made.link, soft_wrap=True)


_MEANINGS: Mapping[str, str] = {
    "set-up": "this link makes the first administrator, once and within an hour:",
    "password": "by this link {user} chooses a new password, once and within three days:",
    "sign-in": "this link signs in as {user}, once and within five minutes:",
}


def _meant(invocation: Invocation) -> tuple[Settings, RunningDashboard | None]:
    """Return the settings of the dashboard meant, and where it runs.

    That of the settings named, else the only one that runs, else that of one's own settings.
    """
    from crossdock.web.running import running_dashboards
    from crossdock.web.serving import dashboards_folder

    running = running_dashboards(dashboards_folder())
    is_named = invocation.file is not None or invocation.overrides
    if not is_named and len(running) == 1:
        return _settings_of(running[0]), running[0]
    settings = _settings(invocation)
    database = settings.dashboard.database.absolute()
    mine = [each for each in running if each.database == database]
    if not mine and running and not is_named:
        raise DeskError(
            f"{len(running)} dashboards run here, and which one is meant was not said",
            code="unknown-dashboard",
            hint="; ".join(f"`{_command_for(each)}` is {each.url}" for each in running),
        )
    return settings, next(iter(mine), None)


def _settings_of(running: RunningDashboard) -> Settings:
    from crossdock.app.settings import load_settings

    # Wherever it was told to keep its users when it was started.
    return load_settings(
        running.settings, overrides=[f"dashboard.database={running.database}"]
    )


def _command_for(running: RunningDashboard) -> str:
    named = ["--settings", str(running.settings)] if running.settings else []
    return shlex.join(["crossdock", *named, *LINK_COMMAND.split()[1:]])


def _address_of(settings: Settings) -> str:
    from crossdock.web.serving import address_of

    return address_of(settings)


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
    if served["link"]:
        lines.append(f"when it is used up or too old, another one: {LINK_COMMAND}")
    return lines


def _list(value: object) -> list[object]:
    return list(value) if isinstance(value, list | tuple) else []


def _settings(invocation: Invocation) -> Settings:
    """Return the settings; without a file, what the environment says, as in a container."""
    from crossdock.app.settings import load_settings

    if invocation.file is None and not invocation.settings_file.exists():
        return load_settings(None, overrides=invocation.overrides)
    return invocation.settings()

"""`run`, `demo`, `sandbox` and `torture`."""

from __future__ import annotations

import asyncio
import logging
import os
import sys
from collections.abc import Callable, Coroutine, Mapping, Sequence
from functools import partial
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from crossdock.cli.commands.options import AsJson
from crossdock.cli.dashboard_process import LINK_COMMAND, DashboardProcess, open_browser
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.going_live import confirmations
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import aside, console, emit_json

if TYPE_CHECKING:
    from crossdock.app.demo import WatchedDesk
    from crossdock.app.doors.foreground import Ending
    from crossdock.app.kernel import Checkpoint

UNWATCHED_S = 20.0
LEFT = "nothing of it is left: its processes have ended, its folder is removed"
_LOG = logging.getLogger(__name__)
_Result = TypeVar("_Result")


def add_to(application: typer.Typer) -> None:
    application.command()(demo)
    application.command()(run)
    application.command(
        context_settings={"allow_extra_args": True, "ignore_unknown_options": True},
        add_help_option=False,
    )(sandbox)
    application.command()(torture)


def in_loop(running: Coroutine[Any, Any, _Result], *, uvloop: bool = True) -> _Result:
    """Run a coroutine on uvloop where it is installed, else on the standard loop."""
    factory = None
    if uvloop and find_spec("uvloop") is not None:
        factory = import_module("uvloop").new_event_loop
    with asyncio.Runner(loop_factory=factory) as runner:
        return runner.run(running)


# ---- the desk ----------------------------------------------------------------


def run(
    context: typer.Context,
    view: Annotated[bool, typer.Option("--view", help="Watch it live.")] = False,
    uvloop: Annotated[
        bool, typer.Option("--uvloop/--no-uvloop", help="Use uvloop where installed.")
    ] = True,
    yes_live: Annotated[
        list[str] | None,
        typer.Option(
            "--yes-live",
            metavar="NAME",
            help="This account may trade real money for the first time; else it is asked.",
        ),
    ] = None,
    dashboard: Annotated[
        bool,
        typer.Option("--dashboard/--no-dashboard", help="Serve the web dashboard with it."),
    ] = True,
    as_json: AsJson = False,
    seconds: Annotated[float | None, typer.Option("--seconds", min=0, hidden=True)] = None,
    with_parent: Annotated[bool, typer.Option("--with-parent", hidden=True)] = False,
    die_at: Annotated[str, typer.Option("--die-at", metavar="MOMENT:N", hidden=True)] = "",
) -> None:
    """Run the desk until Ctrl-C, then say what stays at the venues."""
    from crossdock.app.doors.foreground import run_desk
    from crossdock.app.logs import Logs
    from crossdock.cli.view.live import is_watchable, watch_desk

    invocation = invocation_of(context)
    checkpoint = _dying(die_at)
    parent = os.getppid() if with_parent else None
    settings = invocation.settings()
    confirmed = confirmations(settings, yes_live or ())
    watched = view and is_watchable()
    beside = _Beside()
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        Logs(
            settings.desk,
            settings.masker(),
            stream=nowhere if watched else sys.stderr,
            debug=invocation.debug,
        ),
    ):
        running = run_desk(
            settings,
            checkpoint=checkpoint,
            seconds=seconds,
            parent=parent,
            beside=partial(watch_desk, notice=lambda: beside.notice) if watched else None,
            confirmations=confirmed,
        )
        # A desk that is somebody's child leaves the dashboard to whoever started it.
        if dashboard and settings.dashboard.enabled and not with_parent:
            process = DashboardProcess(
                settings.file,
                beside.tell,
                overrides=invocation.overrides,
                quiet=watched,
                say=beside.say,
            )
            running = _beside(process, running)
        ending = in_loop(running, uvloop=uvloop)
    if as_json:
        mode = str(settings.desk.mode)
        emit_json({"mode": mode, "left": ending.left, "hastened": ending.hastened})
    else:
        _tell_left(ending)
    if ending.hastened:
        raise typer.Exit(ExitCode.INTERRUPTED)


class _Beside:
    """What is told of the dashboard of a desk: in the log, and in the view of it."""

    def __init__(self) -> None:
        self.notice = ""

    def tell(self, served: Mapping[str, Any]) -> None:
        self.notice = ""
        _tell_dashboard(served)

    def say(self, words: str) -> None:
        self.notice = words
        _LOG.warning(words)


async def _beside(
    process: DashboardProcess, running: Coroutine[Any, Any, _Result]
) -> _Result:
    async with process:
        return await running


def _tell_dashboard(served: Mapping[str, Any]) -> None:
    from crossdock.cli.commands.dashboard import words_of

    for line in words_of(served):
        aside(line)


def _dying(die_at: str) -> Checkpoint:
    from crossdock.app.kernel import pass_by

    if not die_at:
        return pass_by
    torture = "crossdock.conformance.torture"
    moments = import_module(f"{torture}.plan").MOMENTS
    moment, _, passes = die_at.partition(":")
    if moment not in moments or not passes.isdecimal() or int(passes) < 1:
        raise typer.BadParameter(f"--die-at takes MOMENT:N; moments: {', '.join(moments)}")
    checkpoint: Checkpoint = import_module(f"{torture}.child").die_at(moment, int(passes))
    return checkpoint


def _tell_left(ending: Ending) -> None:
    out = console()
    for account, left in ending.left.items():
        out.print(
            f"{account}: {left['open_orders']} open orders, {left['doubts_open']} doubts, "
            f"{len(left['positions'])} positions of ours stay"
        )
        for words in left["positions"]:
            out.print(f"  {words}", soft_wrap=True)


# ---- the demo ----------------------------------------------------------------


def demo(
    seconds: Annotated[
        float | None, typer.Option("--seconds", min=0, help="End by itself after these.")
    ] = None,
    market: Annotated[
        Path | None,
        typer.Option("--market", metavar="PATH", help="A recorded stream as the market."),
    ] = None,
    seed: Annotated[int, typer.Option("--seed", help="Of the invented markets.")] = 1,
    live: Annotated[
        bool,
        typer.Option(
            "--live", help="Real public data of several exchanges: no key, paper fills."
        ),
    ] = False,
    dashboard: Annotated[
        bool,
        typer.Option("--dashboard/--no-dashboard", help="Serve the web dashboard with it."),
    ] = True,
    browser: Annotated[
        bool,
        typer.Option("--browser/--no-browser", help="Open it, or print its link instead."),
    ] = True,
    port: Annotated[
        int | None,
        typer.Option("--port", min=0, max=65535, help="Its port, or the next free one."),
    ] = None,
    as_json: AsJson = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", hidden=True)
    ] = None,
) -> None:
    """Trade on three venues of your own and watch. Key k kills the desk, q ends it."""
    from crossdock.app.demo import Demo, LiveDemo
    from crossdock.cli.view.live import is_watchable, watch_demo
    from crossdock.cli.view.picture import take_picture
    from crossdock.cli.view.unwatched import run_unwatched

    if live and market is not None:
        raise typer.BadParameter("--live has its own market: leave --market out")
    stage = LiveDemo() if live else Demo(market=market, seed=seed)
    if picture is not None and isinstance(stage, Demo):
        in_loop(take_picture(stage, picture, UNWATCHED_S if seconds is None else seconds))
        aside(f"wrote {picture}")
        return
    watched = not as_json and is_watchable()
    chosen = () if port is None else (f"dashboard.port={port}",)
    served = None
    if dashboard:
        served = _demo_dashboard(stage, watched, browser and not as_json, chosen)
    if not watched:
        lasting_s = UNWATCHED_S if seconds is None else seconds
        found = in_loop(run_unwatched(stage, lasting_s, served))
        aside(LEFT)
        if found is not None:
            emit_json(found)
        return
    summary = in_loop(watch_demo(stage, seconds, served))
    aside(LEFT)
    if summary is not None:
        words = ", ".join(f"{name.replace('_', ' ')} {v}" for name, v in summary.items())
        console().print(words, soft_wrap=True)


def _demo_dashboard(
    stage: WatchedDesk, watched: bool, browser: bool, overrides: Sequence[str]
) -> Callable[[], DashboardProcess]:
    """Return how the demo's dashboard is started, once its desk is there."""
    told = DemoDashboard(stage, watched=watched, browser=browser)

    def start() -> DashboardProcess:
        return DashboardProcess(
            stage.settings_file,
            told.tell,
            overrides=overrides,
            options=["--signed-in", "demo", "--may-move"],
            quiet=True,
            say=told.say,
        )

    return start


class DemoDashboard:
    """What is told of the demo's dashboard: on its screen, or on stderr without one."""

    def __init__(
        self,
        stage: WatchedDesk,
        *,
        watched: bool,
        browser: bool,
        open_link: Callable[[str], bool] = open_browser,
    ) -> None:
        self._stage = stage
        self._watched = watched
        self._browser = browser  # only once: a page that is open finds its way back
        self._open_link = open_link

    def tell(self, served: Mapping[str, Any]) -> None:
        """Show the link that signs in while it does, the plain address when it is spent."""
        link = served["link"]
        opened = bool(link and self._browser) and self._open_link(link)
        self._browser = False
        if self._watched:
            self._stage.notice = ""
            spent = f"{served['url']}   another link: {LINK_COMMAND}"
            self._stage.beside = link if link and not opened else spent
        elif opened:
            aside(f"dashboard: {served['url']}, opened in the browser")
        elif link:
            _tell_dashboard(served)

    def say(self, words: str) -> None:
        if self._watched:
            self._stage.notice = words
        else:
            aside(words)


# ---- the venues, and trials --------------------------------------------------


def sandbox(context: typer.Context) -> None:
    """Run the hostile exchanges in the foreground; options are the sandbox's own."""
    from crossdock.app.demo import sandbox_in_foreground

    sandbox_in_foreground(context.args)


def torture(
    trials: Annotated[int, typer.Option("--trials", min=1, help="How many.")] = 20,
    face: Annotated[
        str,
        typer.Option(
            "--face",
            metavar="NAME",
            help="What the venue speaks as: native, binance, kraken, coinbase or alpaca.",
        ),
    ] = "native",
    seed: Annotated[int, typer.Option("--seed", help="Repeats a run.")] = 1,
    lose_unsynced: Annotated[
        bool,
        typer.Option(
            "--lose-unsynced", help="Throw away what was not synced, as a power cut."
        ),
    ] = False,
    jobs: Annotated[int, typer.Option("--jobs", min=1, help="Trials at a time.")] = 2,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep", metavar="FOLDER", help="Keep the evidence of failed trials."
        ),
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Kill a desk at random moments on hostile venues; compare the truths. Exits 5 on a difference."""
    trial = import_module("crossdock.conformance.torture")
    plan = trial.Plan(
        trials=trials,
        face=face,
        seed=seed,
        lose_unsynced=lose_unsynced,
        jobs=jobs,
        keep=keep,
    )

    def progress(done: int, total: int, words: str) -> None:
        aside(f"{done}/{total} {words}")

    found = trial.run_torture(plan, progress)
    if as_json:
        emit_json(found)
    else:
        for name, value in found.items():
            console().print(f"{name.replace('_', ' ')}: {value}", soft_wrap=True)
    if found["failed"]:
        raise typer.Exit(ExitCode.DOUBT)

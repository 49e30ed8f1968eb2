"""`run`, `demo`, `sandbox` and `torture`."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Callable, Coroutine, Mapping
from contextlib import AsyncExitStack
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import typer

from crossdock.cli.commands.options import AsJson
from crossdock.cli.dashboard_process import DashboardProcess, open_browser
from crossdock.cli.exit_codes import ExitCode
from crossdock.cli.going_live import confirmations
from crossdock.cli.invocation import invocation_of
from crossdock.cli.output import aside, console, emit_json

if TYPE_CHECKING:
    from crossdock.app.demo import WatchedDesk
    from crossdock.app.doors.foreground import Ending
    from crossdock.app.kernel import Checkpoint

UNWATCHED_S = 20.0
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
            beside=watch_desk if watched else None,
            confirmations=confirmed,
        )
        # A desk that is somebody's child leaves the dashboard to whoever started it.
        if dashboard and settings.dashboard.enabled and not with_parent:
            process = DashboardProcess(
                settings.file,
                _tell_dashboard,
                overrides=invocation.overrides,
                quiet=watched,
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
    as_json: AsJson = False,
    picture: Annotated[
        Path | None, typer.Option("--picture", metavar="FILE", hidden=True)
    ] = None,
) -> None:
    """Trade on three venues of your own and watch. Key k kills the desk, q ends it."""
    from crossdock.app.demo import Demo, LiveDemo
    from crossdock.cli.view.live import is_watchable, watch_demo
    from crossdock.cli.view.picture import take_picture

    if live and market is not None:
        raise typer.BadParameter("--live has its own market: leave --market out")
    stage = LiveDemo() if live else Demo(market=market, seed=seed)
    if picture is not None and isinstance(stage, Demo):
        in_loop(take_picture(stage, picture, UNWATCHED_S if seconds is None else seconds))
        aside(f"wrote {picture}")
        return
    watched = not as_json and is_watchable()
    served = _demo_dashboard(stage, watched, browser and not as_json) if dashboard else None
    if not watched:
        lasting_s = UNWATCHED_S if seconds is None else seconds
        emit_json(in_loop(_unwatched(stage, lasting_s, served)))
        return
    summary = in_loop(watch_demo(stage, seconds, served))
    if summary is not None:
        words = ", ".join(f"{name.replace('_', ' ')} {v}" for name, v in summary.items())
        console().print(words, soft_wrap=True)


def _demo_dashboard(
    stage: WatchedDesk, watched: bool, browser: bool
) -> Callable[[], DashboardProcess]:
    """Return how the demo's dashboard is started, once its desk is there."""

    def tell(served: Mapping[str, Any]) -> None:
        # The link is one of paper money on this machine, spent as soon as it is opened: so it
        # may stand among a browser's arguments.
        opened = browser and open_browser(served["link"])
        if watched:
            shown = served["url"] if opened else served["link"]
            stage.keys = f"{stage.keys}   {shown}"
        elif opened:
            aside(f"dashboard: {served['url']}, opened in the browser")
        else:
            _tell_dashboard(served)

    def start() -> DashboardProcess:
        options = ["--signed-in", "demo", "--may-move"]
        return DashboardProcess(stage.settings_file, tell, options=options, quiet=True)

    return start


async def _unwatched(
    stage: WatchedDesk, seconds: float, served: Callable[[], DashboardProcess] | None
) -> dict[str, Any]:
    async with AsyncExitStack() as stack:
        await stack.enter_async_context(stage)
        if served is not None:
            await stack.enter_async_context(served())
        for name, why in stage.left_out.items():
            aside(f"{name} is left out: {why}")
        aside(f"trading for {seconds:g} s on {', '.join(stage.symbols)}")
        await asyncio.sleep(seconds)
        return await stage.settle()


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

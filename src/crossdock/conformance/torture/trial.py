"""One trial: a desk trades at a hostile venue, dies, comes back, and is judged."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import aiohttp

from crossdock.app.demo.processes import SandboxProcess
from crossdock.app.demo.venues import RISK
from crossdock.app.doors.control.control import ask
from crossdock.app.journal_tools import export_lines, lose_unsynced
from crossdock.app.settings import sandbox_settings
from crossdock.conformance.hostile import Hostile
from crossdock.conformance.torture.grounds import Ground, ground_of
from crossdock.conformance.torture.plan import (
    LEAST_ACCEPTED,
    OPERATIONS,
    SECONDS,
    Plan,
    Trial,
)
from crossdock.errors import DeskError, Error

JUDGE = Path(__file__).with_name("judge.py")
MOST_OPEN_IN_ONE = 8  # orders that the strategy leaves open in one symbol
START_S = 90.0  # on a machine that does much besides
DIES_S = 60.0  # at most until the moment it is to die at: there, too
POLL_S = 0.1
ORDERS_A_FAULT = 1.5
TRADES_ON_S = 60.0  # at most
BITES_S = 5.0  # at most, for faults armed and not met
STILL_S = 10.0  # without a new order: it is so broken that it trades no more


@dataclass(slots=True)
class Result:
    """What one trial showed. `failed` says in words what must not have happened."""

    number: int
    kills: dict[str, int] = field(default_factory=dict)
    faults: dict[str, int] = field(default_factory=dict)
    verdict: dict[str, Any] = field(default_factory=dict)
    status: dict[str, Any] = field(default_factory=dict)
    failed: list[str] = field(default_factory=list)


class DeskProcess:
    """The desk under torture."""

    def __init__(self, plan: Plan, ground: Ground, settings: Path, log: Path) -> None:
        self._command = (*plan.desk_command, str(settings), "--hurry", str(ground.hurry))
        self._log = log
        self._process: asyncio.subprocess.Process | None = None

    async def start(self, die_at: str = "") -> bool:
        """Start, and wait until it runs. False: it died on the way, as told."""
        more = ["--die-at", die_at] if die_at else []
        with self._log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *self._command,
                *more,
                stdout=asyncio.subprocess.PIPE,
                stderr=log,
            )
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_S):
                line = await self._process.stdout.readline()
        except TimeoutError:
            raise RuntimeError(f"the desk did not start in {START_S:g} s") from None
        return line.strip() == b"running"

    @property
    def alive(self) -> bool:
        return self._process is not None and self._process.returncode is None

    async def died_by_itself(self, within_s: float) -> bool:
        """Wait for the death that was asked for."""
        assert self._process is not None
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                await self._process.wait()
        return self._process.returncode == -signal.SIGKILL

    async def kill(self) -> None:
        if self._process is not None and self._process.returncode is None:
            with contextlib.suppress(ProcessLookupError):
                os.kill(self._process.pid, signal.SIGKILL)
            await self._process.wait()

    async def stop(self) -> int | None:
        """Stop it as a user would. Returns the exit code."""
        assert self._process is not None
        with contextlib.suppress(ProcessLookupError):
            self._process.terminate()
        try:
            async with asyncio.timeout(START_S):
                await self._process.wait()
        except TimeoutError:
            await self.kill()
        return self._process.returncode


async def run_trial(plan: Plan, trial: Trial) -> Result:
    result = Result(trial.number)
    ground = ground_of(plan.face)
    plan = replace(plan, phase_s=plan.phase_s * ground.pace)
    folder = Path(tempfile.mkdtemp(prefix=f"crossdock-torture-{trial.number}-"))
    try:
        async with _venue(ground, folder, trial) as (sandbox, hostile):
            settings = _settings(folder, sandbox, plan, ground, trial)
            desk = DeskProcess(plan, ground, settings, folder / "stderr")
            try:
                await _torture(plan, trial, desk, hostile, folder, result)
                settle_s = plan.settle_s or ground.settle_s
                await _settle(folder / "desk.sock", desk, settle_s, result)
            finally:
                await desk.kill()
            await _judge(plan, ground, folder, hostile, result)
    except (Error, RuntimeError, TimeoutError, OSError) as error:
        result.failed.append(f"trial {trial.number}: {type(error).__name__}: {error}")
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    _keep_or_remove(plan, folder, result)
    return result


@contextlib.asynccontextmanager
async def _venue(
    ground: Ground, folder: Path, trial: Trial
) -> AsyncIterator[tuple[SandboxProcess, Hostile]]:
    async with (
        SandboxProcess(*ground.arguments(folder, trial.seed)) as sandbox,
        aiohttp.ClientSession() as http,
    ):
        yield sandbox, Hostile(sandbox.addresses["admin"], http, ground.venue)


def _settings(
    folder: Path, sandbox: SandboxProcess, plan: Plan, ground: Ground, trial: Trial
) -> Path:
    address = sandbox.addresses["venues"][ground.venue]
    text = sandbox_settings(
        sandbox.addresses,
        {ground.venue: ground.account(address, trial)},
        desk={
            "name": "torture",
            "currency": ground.currency,
            "journal": str(folder / "journal"),
            "control": str(folder / "desk.sock"),
            "log_folder": str(folder / "logs"),
            "durability": "power" if plan.lose_unsynced else "process",
            "log_level": "info",
            "audit_s": ground.audit_s,
        },
        risk={
            **RISK,
            "max_open_orders": plan.most_open,
            "orders_per_s": ground.orders_per_s,
        },
        strategies=_strategies(ground, trial),
    )
    file = folder / "settings.toml"
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file


def _strategies(ground: Ground, trial: Trial) -> dict[str, dict[str, object]]:
    """Return one strategy for each lot that something is traded in."""
    params: dict[str, object] = {
        "seed": trial.seed,
        "rate_per_s": ground.rate_per_s,
        "most_open": MOST_OPEN_IN_ONE,
        "waits_pct": ground.waits_pct,
        "exits_pct": ground.exits_pct,
    }
    symbols: dict[Decimal, list[str]] = {}
    for symbol in ground.symbols:
        symbols.setdefault(ground.lots.get(symbol, Decimal(0)), []).append(symbol)
    return {
        f"exercise-{number}": {
            "kind": "exercise",
            "symbols": traded,
            "params": {**params, "lot": lot},
        }
        for number, (lot, traded) in enumerate(symbols.items())
    }


async def _torture(
    plan: Plan,
    trial: Trial,
    desk: DeskProcess,
    hostile: Hostile,
    folder: Path,
    result: Result,
) -> None:
    phases = len(trial.moments) + 1
    trading_s = phases * plan.phase_s
    faults = asyncio.ensure_future(_inject(trial, hostile, folder / "desk.sock", trading_s))
    try:
        for moment, passes in zip(trial.moments, trial.passes, strict=True):
            await desk.start(f"{moment}:{passes}")
            if await desk.died_by_itself(max(plan.phase_s * 3, DIES_S)):
                result.kills[moment] = result.kills.get(moment, 0) + 1
            await desk.kill()
            if plan.lose_unsynced:
                lose_unsynced(folder / "journal")
        if not await desk.start():
            raise RuntimeError("the desk did not start again")
        try:
            async with asyncio.timeout(START_S + trading_s):
                await faults
        except TimeoutError:
            raise RuntimeError("the desk was never ready for faults") from None
        await asyncio.sleep(plan.phase_s)
        await _trade_on(folder / "desk.sock", int(ORDERS_A_FAULT * len(trial.faults)))
        await _let_bite(hostile)
    finally:
        faults.cancel()
    result.faults = await hostile.hits()
    await hostile.disarm()


async def _trade_on(control: Path, orders: int) -> None:
    """Wait until so many orders were made: on a slow machine the time is over before.

    Else most of the few there are were met by a fault, and a desk that dares looks afraid.
    """
    made, now = -1, time.monotonic()
    end = still = now + TRADES_ON_S
    while now < min(end, still):
        before, made = made, (await _ask(control, "status"))["orders"]
        if made >= orders:
            return
        await asyncio.sleep(POLL_S)
        now = time.monotonic()
        still = now + STILL_S if made > before else still


async def _let_bite(hostile: Hostile) -> None:
    """Wait for the faults that are still to come, though some never may."""
    end = time.monotonic() + BITES_S
    while time.monotonic() < end:
        if not await hostile.is_armed():
            return
        await asyncio.sleep(POLL_S)


async def _inject(trial: Trial, hostile: Hostile, control: Path, trading_s: float) -> None:
    """Arm the trial's faults at their moments, from the account's baseline on."""
    while not await _has_baseline(control):  # noqa: ASYNC110  another process says so
        await asyncio.sleep(POLL_S)
    began = time.monotonic()
    for share, kind in sorted(trial.faults):
        await asyncio.sleep(max(0.0, began + share * trading_s - time.monotonic()))
        terms: dict[str, object] = {}
        if kind in SECONDS:
            terms["seconds"] = SECONDS[kind]
        if kind in OPERATIONS:
            terms["operation"] = OPERATIONS[kind]
        await hostile.arm(kind, **terms)
        if kind == "old_socket":
            # It bites when a connection is replaced, as one that lost a message is.
            await hostile.arm("stream_missing")
        if kind == "lookup_lag":
            # It bites when an order is looked up that was just accepted.
            await hostile.arm("reply_lost_after", operation="submit")


async def _has_baseline(control: Path) -> bool:
    """Tell whether the desk has read its account; what came before is not its to explain."""
    try:
        status = await asyncio.to_thread(ask, control, "status")
    except DeskError:
        return False
    return bool(status["accounts"][0]["steps"]["read account"] == "done")


async def _settle(
    control: Path, desk: DeskProcess, within_s: float, result: Result
) -> None:
    """Cancel everything and wait until nothing is in doubt, open or unexplained."""
    await _ask(control, "kill", {"by": "torture", "reason": "the trial ends"})
    end = time.monotonic() + within_s
    audits, calm = -1, False
    while time.monotonic() < end and not calm:
        result.status = await _ask(control, "status")
        settled = (
            result.status["doubts_open"] == 0
            and result.status["open_orders"] == 0
            and all(account["standing"] == "ready" for account in result.status["accounts"])
        )
        # Two whole audits after the last thing happened: nothing is still on its way.
        done = result.status["accounts"][0]["audits"]
        audits = (done if audits < 0 else audits) if settled else -1
        calm = settled and done >= audits + 2
        await asyncio.sleep(POLL_S)
    if not calm:
        accounts = result.status["accounts"]
        standings = ", ".join(str(account["standing"]) for account in accounts)
        result.failed.append(
            f"not settled after {within_s:g} s: {result.status['doubts_open']} doubts, "
            f"{result.status['open_orders']} open, {standings}, "
            f"{accounts[0]['audits']} audits"
        )
    positions = await _ask(control, "positions")
    books = {row["asset"]: row["total"] for row in positions if "asset" in row}
    (control.parent / "books.json").write_text(json.dumps(books), encoding="utf-8")
    code = await desk.stop()
    if code != 0:
        result.failed.append(f"the desk ended with exit code {code}")


async def _ask(control: Path, op: str, args: dict[str, Any] | None = None) -> Any:
    for attempt in range(3):
        try:
            return await asyncio.to_thread(ask, control, op, args)
        except DeskError as error:
            if error.code != "desk-not-running" or attempt == 2:
                raise
            await asyncio.sleep(POLL_S * 5)
    return None


async def _judge(
    plan: Plan, ground: Ground, folder: Path, hostile: Hostile, result: Result
) -> None:
    truth = {**await hostile.truth(), "renames_events": ground.renames_events}
    (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
    with (folder / "journal.jsonl").open("w", encoding="utf-8") as stream:
        for line in export_lines(folder / "journal"):
            stream.write(line + "\n")
    judged = await asyncio.create_subprocess_exec(
        sys.executable,
        "-I",
        str(JUDGE),
        *(str(folder / name) for name in ("truth.json", "journal.jsonl", "books.json")),
        str(plan.most_open),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    output, words = await judged.communicate()
    if judged.returncode != 0:
        raise RuntimeError(f"the judge failed: {words.decode()[-500:]}")
    result.verdict = json.loads(output)
    result.failed += [f"trial {result.number}: {w}" for w in result.verdict["words"]]


def _keep_or_remove(plan: Plan, folder: Path, result: Result) -> None:
    accepted, orders = (result.verdict.get(name, 0) for name in ("accepted", "orders"))
    is_wanted = bool(result.failed) or accepted < LEAST_ACCEPTED * orders
    if is_wanted and plan.keep is not None:
        plan.keep.mkdir(parents=True, exist_ok=True)
        target = plan.keep / f"trial-{result.number}"
        shutil.rmtree(target, ignore_errors=True)
        shutil.move(folder, target)
        return
    shutil.rmtree(folder, ignore_errors=True)

"""Contenders side by side, each at a venue of its own, with the same faults."""

from __future__ import annotations

import asyncio
import json
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from crossdock.conformance.bots.contender import Contender
from crossdock.conformance.bots.desk import Desk
from crossdock.conformance.bots.freqtrade import Freqtrade
from crossdock.conformance.bots.stage import KINDS, Stage, stage
from crossdock.conformance.bots.verdict import Verdict, compare

START_S = 90.0
SETTLE_S = 60.0
POLL_S = 0.5
CALM_POLLS = 10

Make = Callable[[Stage, Path, int], Contender]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A campaign. Each round has the next seed; `keep` takes every contender's own files."""

    freqtrade: Path
    rounds: int = 3
    seconds: float = 60.0
    faults_per_s: float = 0.5
    seed: int = 1
    keep: Path | None = None


@dataclass(slots=True, kw_only=True)
class Result:
    """How one contender fared, over all its rounds.

    A round is settled when the contender, after the faults, believed its last order done.
    """

    name: str
    rounds: int = 0
    settled: int = 0
    ended_early: int = 0
    verdict: Verdict = field(default_factory=Verdict)
    faults: dict[str, int] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)

    @property
    def is_clean(self) -> bool:
        return self.verdict.is_clean and self.settled == self.rounds and not self.words


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A contender before it starts."""

    name: str
    make: Make
    has_faults: bool = True


def entries(freqtrade: Path) -> tuple[Entry, ...]:
    """Return who competes.

    The first, without faults, shows that what is found of the others is the faults' doing.
    """
    return (
        Entry(
            name="freqtrade-calm",
            make=lambda venue, folder, _: Freqtrade(freqtrade, venue, folder),
            has_faults=False,
        ),
        Entry(
            name="freqtrade-stops",
            make=lambda venue, folder, _: Freqtrade(freqtrade, venue, folder),
        ),
        Entry(
            name="freqtrade",
            make=lambda venue, folder, _: Freqtrade(
                freqtrade, venue, folder, has_stops=False
            ),
        ),
        Entry(name="crossdock", make=Desk),
    )


async def run(plan: Plan, say: Say) -> list[Result]:
    """Run every contender. Raises RuntimeError when one does not trade at all."""
    chosen = entries(plan.freqtrade)
    results = [Result(name=entry.name) for entry in chosen]
    for number in range(plan.rounds):
        seed = plan.seed + number
        say(f"round {number + 1} of {plan.rounds}, seed {seed} …")
        try:
            async with asyncio.TaskGroup() as group:
                for entry, result in zip(chosen, results, strict=True):
                    group.create_task(_in_a_folder(plan, entry, seed, result))
        except ExceptionGroup as several:
            raise several.exceptions[0] from None
    for entry, result in zip(chosen, results, strict=True):
        if not result.verdict.fills:
            result.words.append("nothing was traded: this run proves nothing")
        if entry.has_faults and not result.faults:
            result.words.append("no fault hit: this run proves nothing")
    return results


async def _in_a_folder(plan: Plan, entry: Entry, seed: int, result: Result) -> None:
    folder = Path(tempfile.mkdtemp(prefix=f"crossdock-bots-{entry.name}-"))
    try:
        async with stage(folder, seed) as venue:
            contender = entry.make(venue, folder, seed)
            rate = plan.faults_per_s if entry.has_faults else 0.0
            truth = await _trade(plan, contender, venue, rate, seed, result)
        (folder / "truth.json").write_text(json.dumps(truth), encoding="utf-8")
        beliefs, words = contender.beliefs(truth)
        result.rounds += 1
        result.verdict += compare(truth, beliefs)
        result.words += words
    finally:
        if plan.keep is not None:
            shutil.copytree(
                folder,
                plan.keep / f"{entry.name}-{seed}",
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("*.sock"),
            )
        shutil.rmtree(folder, ignore_errors=True)


async def _trade(
    plan: Plan, contender: Contender, venue: Stage, rate: float, seed: int, result: Result
) -> dict[str, Any]:
    """Let it trade, and note how; returns the truth in the end."""
    try:
        await contender.start()
        await until_it_trades(contender, venue, result.name)
        if rate:
            await venue.seed(seed, rate, KINDS)
        await _unless_ended(contender, plan.seconds)
        hits = Counter(result.faults) + Counter(await venue.hits())
        result.faults = dict(sorted(hits.items()))
        await venue.disarm()
        has_ended = contender.has_ended()
        result.ended_early += has_ended
        result.settled += not has_ended and await _settle(contender, venue)
    finally:
        await contender.stop()
    return await venue.truth()


async def until_it_trades(contender: Contender, venue: Stage, name: str) -> None:
    """Wait for its first order. Raises RuntimeError when none comes."""
    end = time.monotonic() + START_S
    while not (await venue.truth())["orders"]:
        if contender.has_ended() or time.monotonic() > end:
            raise RuntimeError(f"{name} did not begin to trade")
        await asyncio.sleep(POLL_S)


async def _unless_ended(contender: Contender, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not contender.has_ended():  # noqa: ASYNC110  a process
        await asyncio.sleep(POLL_S)


async def _settle(contender: Contender, venue: Stage) -> bool:
    """Tell whether it believes in time that it is done, and sends nothing more."""
    await contender.calm()
    end = time.monotonic() + SETTLE_S
    polls, orders = 0, -1
    while polls < CALM_POLLS and time.monotonic() < end:
        placed = len((await venue.truth())["orders"])
        is_calm = placed == orders and await contender.is_calm()
        polls, orders = polls + 1 if is_calm else 0, placed
        await asyncio.sleep(POLL_S)
    return polls >= CALM_POLLS

"""One contender after the other, each at a venue of its own, with the same faults."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from crossdock.conformance.bots.contender import Contender
from crossdock.conformance.bots.desk import Desk
from crossdock.conformance.bots.freqtrade import Freqtrade
from crossdock.conformance.bots.stage import Stage, stage
from crossdock.conformance.bots.verdict import Verdict, compare

START_S = 90.0
SETTLE_S = 90.0
POLL_S = 0.5

Make = Callable[[Stage, Path], Contender]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A campaign. `keep` takes every contender's own files."""

    freqtrade: Path
    seconds: float = 240.0
    faults_per_s: float = 0.5
    seed: int = 1
    keep: Path | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How one contender fared."""

    name: str
    faults_per_s: float
    verdict: Verdict
    faults: dict[str, int]
    settled: bool
    ended_early: bool
    words: list[str]

    @property
    def is_clean(self) -> bool:
        return self.verdict.is_clean and self.settled and not self.words

    def payload(self) -> dict[str, Any]:
        return asdict(self)


async def run(plan: Plan, say: Say) -> list[Result]:
    """Run the bot without faults, the bot with them, and a desk with them.

    The first shows that what is counted of the second is the faults' doing. Raises
    RuntimeError when a contender does not trade at all.
    """

    def bot(stage: Stage, folder: Path) -> Contender:
        return Freqtrade(plan.freqtrade, stage, folder)

    def desk(stage: Stage, folder: Path) -> Contender:
        return Desk(stage, folder, plan.seed)

    results = []
    for name, make, rate in (
        ("freqtrade-calm", bot, 0.0),
        ("freqtrade", bot, plan.faults_per_s),
        ("crossdock", desk, plan.faults_per_s),
    ):
        say(f"{name}: {plan.seconds:g} s, {rate:g} faults a second …")
        results.append(await _in_a_folder(plan, name, make, rate))
    return results


async def _in_a_folder(plan: Plan, name: str, make: Make, rate: float) -> Result:
    folder = Path(tempfile.mkdtemp(prefix=f"crossdock-bots-{name}-"))
    try:
        async with stage(folder, plan.seed) as venue:
            return await _trade(plan, make(venue, folder), venue, rate)
    finally:
        if plan.keep is not None:
            shutil.copytree(
                folder,
                plan.keep / name,
                dirs_exist_ok=True,
                ignore=shutil.ignore_patterns("*.sock"),
            )
        shutil.rmtree(folder, ignore_errors=True)


async def _trade(plan: Plan, contender: Contender, venue: Stage, rate: float) -> Result:
    try:
        await contender.start()
        await _until_it_trades(contender, venue)
        if rate:
            await venue.seed(plan.seed, rate)
        await _unless_ended(contender, plan.seconds)
        hits = await venue.hits()
        await venue.disarm()
        ended_early = contender.has_ended()
        settled = not ended_early and await _settle(contender, venue)
    finally:
        await contender.stop()
    truth = await venue.truth()
    beliefs, words = contender.beliefs(truth)
    return Result(
        name=contender.name,
        faults_per_s=rate,
        verdict=compare(truth, beliefs),
        faults=dict(sorted(hits.items())),
        settled=settled,
        ended_early=ended_early,
        words=words,
    )


async def _until_it_trades(contender: Contender, venue: Stage) -> None:
    end = time.monotonic() + START_S
    while not (await venue.truth())["orders"]:
        if contender.has_ended() or time.monotonic() > end:
            raise RuntimeError(f"{contender.name} did not begin to trade")
        await asyncio.sleep(POLL_S)


async def _unless_ended(contender: Contender, seconds: float) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end and not contender.has_ended():
        await asyncio.sleep(min(POLL_S, max(0.0, end - time.monotonic())))


async def _settle(contender: Contender, venue: Stage) -> bool:
    """Wait until it believes that it is done, and for what it has then still on its way."""
    await contender.calm()
    end = time.monotonic() + SETTLE_S
    calm, orders = 0, -1
    while calm < 10 and time.monotonic() < end:
        placed = len((await venue.truth())["orders"])
        is_calm = await contender.is_calm() and placed == orders
        calm, orders = calm + 1 if is_calm else 0, placed
        await asyncio.sleep(POLL_S)
    return calm >= 10

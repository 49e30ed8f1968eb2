"""Runs the trials, adds them up, and says whether the run proves anything."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

from crossdock.conformance.torture.grounds import ground_of
from crossdock.conformance.torture.plan import (
    FAULTS,
    LEAST_ACCEPTED,
    MOMENTS,
    Plan,
    trials,
)
from crossdock.conformance.torture.trial import Result, run_trial

Progress = Callable[[int, int, str], None]

ZEROES = (
    "duplicate_orders",
    "lost_fills",
    "invented_fills",
    "wrong_verdicts",
    "wrong_orders",
    "unexplained_positions",
    "limit_breaches",
    "doubts_open",
)
FULL_RUN = 200  # from here on every moment and every fault must have been hit often
LEAST_HITS = 50
LEAST_FILLS = 2_000


def run_torture(plan: Plan, progress: Progress | None = None) -> dict[str, Any]:
    """Run a plan and return its sums, with `failed`: what must not have happened.

    Kinds of faults that a face has no words for are left out. Raises ConfigError for a
    face that is not tortured.
    """
    return asyncio.run(_run(replace(plan, faults=kinds_of(plan)), progress))


def kinds_of(plan: Plan) -> tuple[str, ...]:
    """Return the kinds of faults that a plan's face has words for."""
    absent = ground_of(plan.face).absent
    return tuple(kind for kind in plan.faults if kind not in absent)


async def _run(plan: Plan, progress: Progress | None) -> dict[str, Any]:
    waiting = iter(trials(plan))
    results: list[Result] = []

    async def work() -> None:
        for trial in waiting:
            result = await run_trial(plan, trial)
            results.append(result)
            if progress is not None:
                words = "; ".join(result.failed[:1]) or "clean"
                progress(len(results), plan.trials, words)

    async with asyncio.TaskGroup() as group:
        for _ in range(min(plan.jobs, plan.trials)):
            group.create_task(work())
    return add_up(plan, results)


def add_up(plan: Plan, results: list[Result]) -> dict[str, Any]:
    """Return the sums of all trials. A run that hit too little has failed as well."""
    kills, faults, sums = Counter[str](), Counter[str](), Counter[str]()
    unaccepted = Counter[str]()
    doubt_s: list[float] = []
    failed: list[str] = []
    for result in results:
        kills.update(result.kills)
        faults.update(result.faults)
        failed += result.failed
        verdict = result.verdict
        sums.update({k: v for k, v in verdict.items() if isinstance(v, int)})
        unaccepted.update(verdict.get("unaccepted", {}))
        doubt_s += verdict.get("doubt_s", [])
    asked = sums["orders"] or 1
    ratio = sums["accepted"] / asked
    told: dict[str, Any] = {
        "trials": len(results),
        "kills": {moment: kills[moment] for moment in MOMENTS},
        "faults": {kind: faults[kind] for kind in FAULTS},
        "orders": sums["orders"],
        "fills": sums["fills"],
        "accepted_ratio": round(ratio, 4),
    }
    told |= {name: sums[name] for name in ZEROES}
    told |= {
        "doubts_resolved_live": sums["doubts_resolved_live"],
        "doubts_resolved_absent": sums["doubts_resolved_absent"],
        "doubts_to_person": sums["doubts_to_person"],
        "doubt_s_p50": _percentile(doubt_s, 50),
        "doubt_s_p99": _percentile(doubt_s, 99),
    }
    failed += _vacuous(plan, told, unaccepted)
    told["failed"] = failed
    return told


def _vacuous(plan: Plan, told: dict[str, Any], unaccepted: Mapping[str, int]) -> list[str]:
    """Return what the run did not show, though it should have."""
    words = []
    if told["fills"] == 0 or told["orders"] == 0:
        words.append("nothing was traded: this run proves nothing")
    elif told["accepted_ratio"] < LEAST_ACCEPTED:
        others = ", ".join(f"{n} {how}" for how, n in sorted(unaccepted.items()))
        words.append(
            f"only {told['accepted_ratio']:.0%} of the orders were accepted: the desk "
            f"stopped trading out of fear, or found no time to ({others})"
        )
    if plan.trials < FULL_RUN:
        return words
    words += [f"{m}: {n} kills" for m, n in told["kills"].items() if n < LEAST_HITS]
    hits = told["faults"]
    words += [f"{k}: {hits[k]} hits" for k in plan.faults if hits[k] < LEAST_HITS]
    if told["fills"] < LEAST_FILLS:
        words.append(f"{told['fills']} fills are fewer than {LEAST_FILLS}")
    return words


def _percentile(values: list[float], percent: float) -> float:
    if not values:
        return 0.0
    ordered = sorted(values)
    return round(ordered[round(percent / 100 * (len(ordered) - 1))], 3)

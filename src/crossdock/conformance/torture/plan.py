"""What a torture run does: which faults, which deaths, by seed."""

from __future__ import annotations

import random
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

MOMENTS = (
    "before_journal",
    "journal_to_send",
    "send_to_reply",
    "reply_to_journal",
    "in_reconcile",
)

FAULTS = (
    "reply_lost_before",
    "reply_lost_after",
    "reply_late",
    "request_late",
    "reply_cut",
    "lookup_lag",
    "fill_before_ack",
    "stream_duplicate",
    "stream_reorder",
    "stream_missing",
    "stream_mute",
    "market_gap",
    "old_socket",
    "half_open",
    "rate_limit",
    "rate_limit_bare",
    "server_error",
    "server_error_after",
    "html",
    "cancel_fill_race",
    "replace_fill_race",
    "history_truncated",
    "key_revoked",
    "session_expired",
    "clock_step",
    "liquidation",
    "bust",
    "correction",
    "manual_order",
    "deposit",
    "funding",
    "tick_change",
    "venue_restart",
)

SECONDS = {
    "reply_late": 0.4,
    "request_late": 0.5,
    "lookup_lag": 1.0,
    "stream_mute": 0.8,
    "rate_limit": 0.3,
    "rate_limit_bare": 0.3,
    "key_revoked": 0.4,
    "clock_step": 4.0,
}
"""How long the faults last that last; the venue's own defaults for the others."""

OPERATIONS = {
    "reply_lost_before": "write",
    "reply_lost_after": "write",
    "reply_late": "write",
    "request_late": "write",
    "reply_cut": "write",
    "server_error": "write",
    "server_error_after": "write",
    "html": "write",
}

PATIENT = frozenset(
    {"cancel_fill_race", "replace_fill_race", "lookup_lag", "fill_before_ack"}
)
"""Faults that wait for a write that fits: armed early, so that one comes."""

LEAST_ACCEPTED = 0.5
"""The share of orders that must be accepted: a desk that does not dare loses nothing."""

DESK_COMMAND = (sys.executable, "-m", "crossdock.conformance.torture.child")


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """A run. Trials are spread over `jobs` processes at a time."""

    trials: int
    face: str = "native"
    seed: int = 1
    lose_unsynced: bool = False
    jobs: int = 4
    keep: Path | None = (
        None  # where to leave evidence: of trials that failed or hardly traded
    )
    desk_command: Sequence[str] = DESK_COMMAND
    faults_per_trial: int = 14
    kills_per_trial: int = 2
    faults: tuple[str, ...] = FAULTS
    phase_s: float = 2.5
    most_open: int = 8  # orders that the desk may have open
    settle_s: float | None = None  # None: as the face's ground says


@dataclass(frozen=True, slots=True, kw_only=True)
class Trial:
    """One trial, decided beforehand."""

    number: int
    seed: int
    order_entry: str
    moments: tuple[str, ...]
    passes: tuple[int, ...]
    faults: tuple[tuple[float, str], ...]  # (share of the trading time, kind)


def trials(plan: Plan) -> list[Trial]:
    """Return every trial. Faults and moments go round, so that each gets its turns."""
    chance = random.Random(plan.seed)  # noqa: S311  no secret
    made = []
    fault_round: list[str] = []
    for number in range(plan.trials):
        kinds: list[str] = []
        while len(kinds) < plan.faults_per_trial:
            if not fault_round:
                fault_round = list(plan.faults)
                chance.shuffle(fault_round)
            kinds.append(fault_round.pop())
        moments = [
            MOMENTS[(number * plan.kills_per_trial + i) % len(MOMENTS)]
            for i in range(plan.kills_per_trial)
        ]
        made.append(
            Trial(
                number=number,
                seed=chance.getrandbits(30),
                # Over HTTP the bytes leave a moment later than the call: the moment
                # between send and reply is only exact over the WebSocket.
                order_entry="ws" if "send_to_reply" in moments or number % 3 else "rest",
                moments=tuple(moments),
                passes=tuple(_passes(chance, moment) for moment in moments),
                faults=tuple((_share(chance, kind), kind) for kind in kinds),
            )
        )
    return made


def _share(chance: random.Random, kind: str) -> float:
    share = chance.random()
    return share / 2 if kind in PATIENT else share


def _passes(chance: random.Random, moment: str) -> int:
    return chance.randint(1, 4) if moment == "in_reconcile" else chance.randint(3, 14)

"""Whether orders like this one may be sent now, whatever their size."""

from __future__ import annotations

from crossdock.core.risk.case import Case, Finding
from crossdock.model import ZERO, PositionSide


def journal(case: Case) -> Finding | None:
    if case.view.journal_writable():
        return None
    return Finding("journal", "the journal cannot be written: only cancels go out")


def quarantine(case: Case) -> Finding | None:
    reason = case.account.quarantine
    if not reason:
        return None
    return Finding("quarantine", f"{case.request.account} is quarantined: {reason}")


def kill_switch(case: Case) -> Finding | None:
    reason = case.view.kill_switch(case.request.account)
    if not reason:
        return None
    return Finding("kill_switch", f"the kill switch is engaged by {reason}")


def doubts(case: Case) -> Finding | None:
    """Refuse a second doubt where nothing could tell two orders of a side apart."""
    if case.terms.can_look_up:
        return None
    open_doubts = case.view.doubts(
        case.request.account, case.request.instrument, case.request.side
    )
    if not open_doubts:
        return None
    return Finding(
        "doubts",
        f"{open_doubts} {case.request.side} order(s) of {case.request.instrument} are in doubt, and "
        f"the venue has no look-up: a person must settle them first",
    )


def symbols(case: Case) -> Finding | None:
    return Finding("symbols", case.symbol_refusal) if case.symbol_refusal else None


def paper_only(case: Case) -> Finding | None:
    if not case.limits.paper_only or not case.account.live:
        return None
    return Finding(
        "paper_only", f"{case.request.account} is live, and orders are paper only"
    )


def short(case: Case) -> Finding | None:
    if case.limits.short_allowed or case.sign > 0:
        return None
    held = ZERO
    if case.request.position_side is not PositionSide.SHORT:
        held = case.position - case.open_same_side
    if held >= case.worst_leaves:
        return None
    return Finding(
        "short",
        f"selling {case.worst_leaves} with {held} held and not on sale would be short, "
        f"which is not allowed",
        case.fitting(held),
    )

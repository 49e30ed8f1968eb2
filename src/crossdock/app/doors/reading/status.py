"""The desk's status: every account, stream, count and alarm, in plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.app.desk.accounts.absent import left_behind
from crossdock.app.doors.reading.portfolio import shares_told
from crossdock.app.showing import show_counts, show_facts, show_streams
from crossdock.core.amounts import money
from crossdock.model import AccountId

if TYPE_CHECKING:
    from crossdock.app.desk import Desk


def desk_status(desk: Desk) -> dict[str, Any]:
    """Return the whole status, as every door shows it."""
    state = desk.kernel.state
    profit, missing = desk.figures.pnl()
    return {
        "desk": desk.settings.desk.name,
        "mode": str(desk.settings.desk.mode),
        "session": desk.session,
        "uptime_s": round(desk.uptime_s, 1),
        "killed": state.killed,
        "journal": {
            "path": str(desk.settings.desk.journal),
            "durability": str(desk.settings.desk.durability),
            "writable": desk.kernel.journal.writable,
            "unwritten": desk.kernel.unwritten,
        },
        "on_exit": str(desk.settings.desk.on_exit),
        "accounts": [_account(desk, account) for account in desk.gateways],
        "data_accounts": [_watch(desk, account) for account in desk.watches],
        "left_behind": list(left_behind(desk.gateways, state)),
        "strategies": [
            {
                "name": name,
                "portfolio": runner.portfolio,
                "running": runner.running,
                "failed": runner.failed,
            }
            for name, runner in desk.strategies.items()
        ],
        "portfolios": shares_told(desk),
        **show_counts(state),
        "doubts_opened": state.counts.doubts_opened,
        "doubts_resolved_live": state.counts.doubts_live,
        "doubts_resolved_absent": state.counts.doubts_absent,
        "doubts_to_person": state.counts.doubts_by_person
        + sum(doubt.escalated for _, doubt in state.doubts()),
        "unexplained_positions": sum(len(g.unexplained) for g in desk.gateways.values()),
        "pnl": money(profit),
        "pnl_missing_rates": missing,
        "currency": desk.settings.desk.currency,
        "market_messages": desk.markets.messages,
        "loop_lag_ms": round(desk.upkeep.loop_lag_ms, 2),
        "alarms": [
            {"at": alarm.at, "code": alarm.code, "words": alarm.words}
            for alarm in list(state.alarms)[-10:]
        ],
    }


def _account(desk: Desk, account: AccountId) -> dict[str, Any]:
    gateway = desk.gateways[account]
    state = desk.kernel.state
    return {
        "account": account,
        "venue": gateway.options.venue,
        "mode": "live" if gateway.options.moves_money else "paper",
        "adapter": gateway.manifest.id,
        "tier": str(gateway.manifest.tier),
        "standing": str(gateway.standing),
        "reason": desk.settings.mask.scrub(gateway.reason or gateway.trouble),
        "halted": state.account(account).halted,
        "killed": state.account(account).killed,
        "audits": gateway.audits,
        "compared_at": gateway.compared_ns,
        "foreign_orders": sum(1 for _ in state.foreign_orders(account)),
        "key": gateway.key,
        "broker": show_facts(gateway.facts),
        "steps": gateway.steps(),
        "streams": show_streams(gateway.streams()),
    }


def _watch(desk: Desk, account: AccountId) -> dict[str, Any]:
    watch = desk.watches[account]
    return {
        "account": account,
        "venue": watch.options.venue,
        "adapter": watch.manifest.id,
        "standing": str(watch.standing),
        "reason": desk.settings.mask.scrub(watch.reason),
        "streams": show_streams(watch.streams()),
    }

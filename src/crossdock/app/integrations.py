"""How each integration did: calls, success, latency and quota; now, and month by month."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from crossdock.app.settings import Settings
from crossdock.toolkit.ratelimit import RateBudgets
from crossdock.toolkit.usage import Quota, Tally, tally_of

log = logging.getLogger(__name__)

Integration = tuple[str, str]  # account, host
_FILE_MODE = 0o600


class UsageLog:
    """Hourly summaries in a folder, one file a month, one line an hour and integration.

    A line that does not read, as the last one after a power cut, is passed over.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def append(self, now_ns: int, tallies: Iterable[tuple[Integration, Tally]]) -> None:
        """Add what came since the last time. Raises OSError."""
        hour = _moment(now_ns).strftime("%Y-%m-%dT%H")
        lines = [
            json.dumps({"hour": hour, "account": account, "host": host, **tally.row()})
            for (account, host), tally in tallies
            if tally.calls
        ]
        if not lines:
            return
        self._folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        file = self._file(month_of(now_ns))
        with file.open("a", encoding="utf-8") as opened:
            opened.write("\n".join(lines) + "\n")
        file.chmod(_FILE_MODE)

    def month(self, month: str) -> dict[Integration, Tally]:
        """Add up a month, such as 2026-11."""
        found: dict[Integration, Tally] = {}
        for row in self._rows(month):
            key = (str(row.get("account")), str(row.get("host")))
            try:
                found.setdefault(key, Tally()).add(tally_of(row))
            except (ValueError, TypeError):
                log.warning("a line of the usage of %s does not read", month)
        return found

    def _rows(self, month: str) -> Iterator[Mapping[str, Any]]:
        try:
            lines = self._file(month).read_text("utf-8").splitlines()
        except (FileNotFoundError, UnicodeDecodeError):
            return
        for line in lines:
            try:
                row = json.loads(line)
            except ValueError:
                continue
            if isinstance(row, dict):
                yield row

    def _file(self, month: str) -> Path:
        return self._folder / f"{month}.jsonl"


def usage_log(settings: Settings) -> UsageLog:
    """Return where a desk keeps its usage: beside its journal."""
    return UsageLog(settings.desk.journal.parent / "usage")


class Integrations:
    """What a running desk calls. `keep` is called often and writes once an hour."""

    def __init__(self, budgets: RateBudgets, kept: UsageLog, now_ns: int) -> None:
        self._budgets = budgets
        self._kept = kept
        self._hour = _hour(now_ns)

    def keep(self, now_ns: int, *, ends: bool = False) -> None:
        """Write the hour that is over, or with `ends` what there is of this one."""
        hour = _hour(now_ns)
        if hour == self._hour and not ends:
            return
        before_ns = now_ns if ends else self._hour * _HOUR_NS
        self._hour = hour
        taken = [((a, host), usage.take()) for a, host, usage in self._budgets.usage]
        try:
            self._kept.append(before_ns, taken)
        except OSError as error:
            log.warning("the usage of the last hour is not kept: %s", error)

    def rows(self, now_ns: int, month: str = "") -> list[dict[str, Any]]:
        """Return every integration since the start, its limits, and a month's sums."""
        month = month or month_of(now_ns)
        sums = self._kept.month(month)
        rows = []
        for account, host, usage in self._budgets.usage:
            known = sums.pop((account, host), Tally())
            if month == month_of(now_ns):
                known.add(usage.fresh)
            row = _row(account, host, usage.total)
            row["quotas"] = [_quota(q) for q in self._budgets.quotas(account, host)]
            row["month"] = {"month": month, **_figures(known)}
            rows.append(row)
        return rows + _month_rows(sums, month)


def month_rows(kept: UsageLog, month: str) -> list[dict[str, Any]]:
    """Return what is known of a month with no desk running."""
    return _month_rows(kept.month(month), month)


def month_of(now_ns: int) -> str:
    return _moment(now_ns).strftime("%Y-%m")


_HOUR_NS = 3_600_000_000_000


def _month_rows(sums: Mapping[Integration, Tally], month: str) -> list[dict[str, Any]]:
    return [
        _row(account, host, Tally())
        | {"quotas": [], "month": {"month": month, **_figures(tally)}}
        for (account, host), tally in sorted(sums.items())
    ]


def _hour(now_ns: int) -> int:
    return now_ns // _HOUR_NS


def _moment(now_ns: int) -> datetime:
    return datetime.fromtimestamp(now_ns / 1e9, UTC)


def _row(account: str, host: str, tally: Tally) -> dict[str, Any]:
    return {"account": account, "host": host, **_figures(tally)}


def _figures(tally: Tally) -> dict[str, Any]:
    percentiles = {
        f"p{each}_ms": _milliseconds(tally.latencies.percentile_s(each))
        for each in (50, 95, 99)
    }
    success = tally.success_pct
    return {
        "calls": tally.calls,
        "success_pct": None if success is None else round(success, 2),
        "errors": dict(tally.errors.most_common()),
        **percentiles,
    }


def _quota(quota: Quota) -> dict[str, Any]:
    return {
        "scope": quota.scope,
        "per_s": quota.per_s,
        "limit": quota.limit,
        "ours": quota.ours,
        "foreign": quota.foreign,
        "used_pct": round(quota.used_pct, 1),
    }


def _milliseconds(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 2)

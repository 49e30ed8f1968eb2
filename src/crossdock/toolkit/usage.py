"""What was asked of each host, how it ended and how long it took."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from crossdock.model import AccountId

_STEPS = 8  # buckets in a doubling: a percentile is read at most 9 % too high
_SHORTEST_S = 1e-6


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """How much of one limit is used: by us, and by others as the venue counts."""

    scope: str
    per_s: float
    limit: int
    ours: int
    foreign: int

    @property
    def used_pct(self) -> float:
        return 100 * (self.ours + self.foreign) / self.limit


@dataclass(slots=True, eq=False)
class Latencies:
    """Durations in buckets that grow by a fixed share: small, and they add up."""

    buckets: Counter[int] = field(default_factory=Counter)

    def note(self, seconds: float) -> None:
        self.buckets[math.ceil(math.log2(max(seconds, _SHORTEST_S)) * _STEPS)] += 1

    def percentile_s(self, percentile: float) -> float | None:
        """Return the upper end of the bucket a percentile (0 to 100) lies in."""
        count = self.buckets.total()
        if not count:
            return None
        wanted = max(1, math.ceil(count * percentile / 100))
        seen = 0
        for bucket in sorted(self.buckets):
            seen += self.buckets[bucket]
            if seen >= wanted:
                return float(2 ** (bucket / _STEPS))
        raise AssertionError("the buckets hold what they count")


@dataclass(slots=True, eq=False)
class Tally:
    """Calls, how many failed and as what, and how long those with a reply took."""

    calls: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    latencies: Latencies = field(default_factory=Latencies)

    @property
    def failed(self) -> int:
        return self.errors.total()

    @property
    def success_pct(self) -> float | None:
        return 100 * (self.calls - self.failed) / self.calls if self.calls else None

    def add(self, other: Tally) -> None:
        self.calls += other.calls
        self.errors += other.errors
        self.latencies.buckets += other.latencies.buckets

    def row(self) -> dict[str, object]:
        """Return plain values, which `tally_of` reads again."""
        return {
            "calls": self.calls,
            "errors": dict(self.errors),
            "latency_buckets": {
                str(b): n for b, n in sorted(self.latencies.buckets.items())
            },
        }


def tally_of(row: Mapping[str, object]) -> Tally:
    """Read what `Tally.row` wrote. Raises ValueError for anything else."""
    calls, errors, buckets = (row.get(n) for n in ("calls", "errors", "latency_buckets"))
    if not (
        isinstance(calls, int)
        and isinstance(errors, Mapping)
        and isinstance(buckets, Mapping)
    ):
        raise ValueError("not a tally")  # noqa: TRY004 - one kind of wrong for the reader
    return Tally(
        calls=calls,
        errors=Counter({str(kind): int(count) for kind, count in errors.items()}),
        latencies=Latencies(Counter({int(b): int(n) for b, n in buckets.items()})),
    )


class Usage:
    """One account's calls to one host. `total` is since the start, `fresh` since `take`."""

    def __init__(self) -> None:
        self.total = Tally()
        self.fresh = Tally()

    def ended(self, latency_s: float | None, problem: str = "") -> None:
        """Note how a call ended. `problem` is an error's code, "" for success.

        `latency_s` is None where no reply came: a timeout says nothing of speed.
        """
        for tally in (self.total, self.fresh):
            tally.calls += 1
            if problem:
                tally.errors[problem] += 1
            if latency_s is not None:
                tally.latencies.note(latency_s)

    def take(self) -> Tally:
        """Return what was noted since the last time."""
        taken, self.fresh = self.fresh, Tally()
        return taken


class UsageRegistry:
    """Every integration's usage, by account and host."""

    def __init__(self) -> None:
        self._usages: dict[tuple[AccountId, str], Usage] = {}

    def of(self, account: AccountId, host: str) -> Usage:
        key = (account, host.lower())
        usage = self._usages.get(key)
        if usage is None:
            usage = self._usages[key] = Usage()
        return usage

    def __iter__(self) -> Iterator[tuple[AccountId, str, Usage]]:
        for (account, host), usage in self._usages.items():
            yield account, host, usage

"""Whether a stream really works, judged by evidence and not by an open connection."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from crossdock.ports import Clock

_LEARNED_FROM = 20  # intervals seen before silence is judged by them
_INTERVALS = 256
_LATENCIES = 512
_SILENT_INTERVALS = 4  # times the longest interval seen, or declared, is mute


class HealthState(StrEnum):
    """Worst first."""

    DOWN = "down"  # not connected
    MUTE = "mute"  # connected, and no data where data is expected
    STALE = "stale"  # data comes, but it is old
    SKEWED = "skewed"  # the venue's clock and ours differ too much
    EXPIRING = "expiring"  # the session's token ends soon
    OK = "ok"


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    state: HealthState
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skew:
    """Venue's clock minus ours lies in `offset_s` plus or minus `uncertainty_s`."""

    offset_s: float
    uncertainty_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class HealthLimits:
    """When a stream is called bad.

    `data_interval_s` is the longest usual pause between data messages. None: learned from
    what came (after 20 messages), never shorter than `least_mute_s`. A stream that may
    rightly be quiet, as an account's is, sets `quiet_is_normal`.
    """

    data_interval_s: float | None = None
    heartbeat_interval_s: float | None = None
    quiet_is_normal: bool = False
    least_mute_s: float = 5.0
    stale_s: float = 5.0
    skew_s: float = 1.0
    expiring_s: float = 300.0


class StreamHealth:
    """What is known about one stream. Every call is cheap; judging happens in `verdict`."""

    def __init__(self, name: str, clock: Clock, limits: HealthLimits | None = None) -> None:
        self.name = name
        self.reconnects = 0
        self.gaps = 0
        self.last_gap = ""
        self.last_end = ""
        self._clock = clock
        self.limits = limits or HealthLimits()
        self._connected_ns: int | None = None
        self._ever_connected = False
        self._connections = 0
        self._message_ns: int | None = None
        self._heartbeat_ns: int | None = None
        self._data_ns: int | None = None
        self._order_ns: int | None = None
        self._intervals_ns: deque[int] = deque(maxlen=_INTERVALS)
        self._latencies_ns: deque[int] = deque(maxlen=_LATENCIES)
        self._skew_low_ns: int | None = None
        self._skew_high_ns: int | None = None
        self._expires_ns: int | None = None

    def connected(self) -> None:
        self._connections += 1
        if self._ever_connected:
            self.reconnects += 1
        self._ever_connected = True
        self._connected_ns = self._clock.monotonic_ns()
        # Silence before this connection is not this connection's.
        self._message_ns = self._heartbeat_ns = self._data_ns = None

    def disconnected(self, reason: str) -> None:
        """Note the end of a connection; another one may have taken over before."""
        self._connections = max(self._connections - 1, 0)
        self.last_end = reason
        if not self._connections:
            self._connected_ns = None

    def received(self) -> None:
        """Note a message of any kind."""
        self._message_ns = self._clock.monotonic_ns()

    def heartbeat(self) -> None:
        """Note a message that proves the connection, and nothing about the data."""
        self._message_ns = self._heartbeat_ns = self._clock.monotonic_ns()

    def data(self, venue_time_ns: int | None = None) -> None:
        """Note a data message, with the venue's own time where it carries one."""
        now_ns = self._clock.monotonic_ns()
        if self._data_ns is not None:
            self._intervals_ns.append(now_ns - self._data_ns)
        self._message_ns = self._data_ns = now_ns
        if venue_time_ns is not None:
            latency_ns = self._clock.time_ns() - venue_time_ns
            self._latencies_ns.append(latency_ns)
            # Nothing arrives before it was sent: the venue's clock is ahead at least this.
            if self._skew_low_ns is None or -latency_ns > self._skew_low_ns:
                self._bound_skew(-latency_ns, self._skew_high_ns)

    def order_event(self, venue_time_ns: int | None = None) -> None:
        """Note a data message about one of our orders."""
        self.data(venue_time_ns)
        self._order_ns = self._data_ns

    def gap(self, reason: str) -> None:
        self.gaps += 1
        self.last_gap = reason

    def server_time(self, venue_time_ns: int, sent_ns: int, received_ns: int) -> None:
        """Note the venue's time, read somewhen between two UTC times of ours."""
        low_ns, high_ns = venue_time_ns - received_ns, venue_time_ns - sent_ns
        known_low, known_high = self._skew_low_ns, self._skew_high_ns
        if known_low is not None and known_low <= high_ns:
            low_ns = max(low_ns, known_low)
        if known_high is not None and known_high >= low_ns:
            high_ns = min(high_ns, known_high)
        # Bounds that contradict each other mean that a clock stepped: the new ones hold.
        self._skew_low_ns, self._skew_high_ns = low_ns, high_ns

    def forget_skew(self) -> None:
        """Drop what is known of the clocks; do so now and then, because clocks drift."""
        self._skew_low_ns = self._skew_high_ns = None

    def token_expires(self, time_ns: int | None) -> None:
        """Note when (UTC) the session ends; None when it does not."""
        self._expires_ns = time_ns

    @property
    def skew(self) -> Skew | None:
        """The venue's clock against ours; None until a server time was read."""
        if self._skew_low_ns is None or self._skew_high_ns is None:
            return None
        return Skew(
            offset_s=(self._skew_low_ns + self._skew_high_ns) / 2e9,
            uncertainty_s=(self._skew_high_ns - self._skew_low_ns) / 2e9,
        )

    @property
    def connected_s(self) -> float | None:
        return self._age_s(self._connected_ns)

    @property
    def message_age_s(self) -> float | None:
        return self._age_s(self._message_ns)

    @property
    def heartbeat_age_s(self) -> float | None:
        return self._age_s(self._heartbeat_ns)

    @property
    def data_age_s(self) -> float | None:
        return self._age_s(self._data_ns)

    @property
    def order_event_age_s(self) -> float | None:
        return self._age_s(self._order_ns)

    def latency_s(self, percentile: float) -> float | None:
        """Return a percentile (0 to 100) of venue to us, the clocks' offset taken out."""
        if not self._latencies_ns:
            return None
        ordered = sorted(self._latencies_ns)
        index = round(percentile / 100 * (len(ordered) - 1))
        skew = self.skew
        return ordered[index] / 1e9 + (skew.offset_s if skew else 0.0)

    def verdict(self) -> Verdict:
        """Judge, worst first, in words for people."""
        if self._connected_ns is None:
            return _verdict(HealthState.DOWN, self.last_end or "never connected")
        for state, words in (
            (HealthState.MUTE, self._mute()),
            (HealthState.STALE, self._stale()),
            (HealthState.SKEWED, self._skewed()),
            (HealthState.EXPIRING, self._expiring()),
        ):
            if words:
                return _verdict(state, words)
        return _verdict(HealthState.OK, "data comes" if self._data_ns else "connected")

    def _mute(self) -> str:
        limits = self.limits
        now_ns = self._clock.monotonic_ns()
        since_ns = self._connected_ns or 0
        silent_s = (now_ns - (self._message_ns or since_ns)) / 1e9
        beat_s = limits.heartbeat_interval_s
        if beat_s is not None and silent_s > _SILENT_INTERVALS * beat_s:
            return f"nothing, not even a heartbeat, for {silent_s:.1f} s"
        interval_s = limits.data_interval_s
        if interval_s is None and len(self._intervals_ns) >= _LEARNED_FROM:
            interval_s = max(self._intervals_ns) / 1e9
        if interval_s is None or limits.quiet_is_normal:
            return ""
        allowed_s = _SILENT_INTERVALS * interval_s
        if limits.data_interval_s is None:
            allowed_s = max(allowed_s, limits.least_mute_s)
        quiet_s = (now_ns - (self._data_ns or since_ns)) / 1e9
        if quiet_s <= allowed_s:
            return ""
        alive = ", though heartbeats come" if self._heartbeat_ns else ""
        return f"no data for {quiet_s:.1f} s, at most {allowed_s:.1f} s is usual{alive}"

    def _stale(self) -> str:
        if not self._latencies_ns:
            return ""
        # The least it can be: uncertainty speaks for the stream. Without a server time the
        # clocks are taken to agree, or a steady delay would pass for a slow clock.
        low_ns = self._skew_low_ns or 0
        if self._skew_high_ns is None:
            low_ns = max(low_ns, 0)
        old_s = (self._latencies_ns[-1] + low_ns) / 1e9
        return (
            f"data is {old_s:.1f} s old on arrival" if old_s > self.limits.stale_s else ""
        )

    def _skewed(self) -> str:
        most_ns = self.limits.skew_s * 1e9
        low_ns, high_ns = self._skew_low_ns, self._skew_high_ns
        if low_ns is not None and low_ns > most_ns:
            return f"the venue's clock is ahead by {low_ns / 1e9:.2f} s or more"
        if high_ns is not None and high_ns < -most_ns:
            return f"the venue's clock is behind by {-high_ns / 1e9:.2f} s or more"
        return ""

    def _expiring(self) -> str:
        if self._expires_ns is None:
            return ""
        left_s = (self._expires_ns - self._clock.time_ns()) / 1e9
        if left_s > self.limits.expiring_s:
            return ""
        return (
            "the session has expired" if left_s <= 0 else f"{left_s:.0f} s of session left"
        )

    def _bound_skew(self, low_ns: int, high_ns: int | None) -> None:
        self._skew_low_ns = low_ns
        if high_ns is not None and low_ns > high_ns:
            self._skew_high_ns = None  # a clock stepped: the old upper bound is void

    def _age_s(self, at_ns: int | None) -> float | None:
        return None if at_ns is None else (self._clock.monotonic_ns() - at_ns) / 1e9


def _verdict(state: HealthState, words: str) -> Verdict:
    return Verdict(state=state, words=words)


class HealthRegistry:
    """Every stream's health, by name, for status views."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._streams: dict[str, StreamHealth] = {}

    def stream(self, name: str, limits: HealthLimits | None = None) -> StreamHealth:
        """Return a stream's health, the same object over reconnects.

        Whoever knows the stream's limits gives them, also after others asked for it.
        """
        stream = self._streams.get(name)
        if stream is None:
            stream = self._streams[name] = StreamHealth(name, self._clock, limits)
        elif limits is not None:
            stream.limits = limits
        return stream

    def streams(self) -> Mapping[str, StreamHealth]:
        return dict(self._streams)

    def verdicts(self) -> dict[str, Verdict]:
        return {name: stream.verdict() for name, stream in self._streams.items()}

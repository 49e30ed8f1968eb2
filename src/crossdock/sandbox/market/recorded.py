"""A market that follows recorded real depth and trades."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from crossdock.sandbox.engine import MarketSpec, Tape, Venue
from crossdock.sandbox.market.recording import Depth, Print, Record, Snapshot, read

_PATIENCE = 100
"""So many depth changes are kept for a snapshot; without one they are all there is."""

_LONGEST_STEP_NS = 1_000_000_000
"""A pause is not made up for."""


@dataclass(slots=True)
class _Round:
    """One time through the recording."""

    records: Iterator[Record]
    waiting: Record | None = None  # read, but not due
    first_ns: int | None = None
    played_ns: int = 0  # since `first_ns`, in the recording's time
    last: int | None = None  # update id of the book; None: no book yet
    early: list[Depth] = field(default_factory=list)

    def due(self) -> Record | None:
        """Return the next record if its time has come. Raises EOFError at the end."""
        if self.waiting is None:
            self.waiting = next(self.records, None)
            if self.waiting is None:
                raise EOFError
        if self.first_ns is None:
            self.first_ns = self.waiting.time_ns
        if self.waiting.time_ns - self.first_ns > self.played_ns:
            return None
        record, self.waiting = self.waiting, None
        return record


class RecordedMarket:
    """Plays a recording into the book of one symbol, in real time or `speed` times it.

    At the end it begins again (`loop`) or stands still with the last book. A message that
    is missing (a gap in the update ids) is counted in `gaps`; the book then goes by what
    the next ones say. Trade ids are the recording's, in later rounds with the round added.
    """

    account = "house-recorded"

    def __init__(
        self, path: Path, market: MarketSpec, *, speed: float = 1.0, loop: bool = False
    ) -> None:
        if speed <= 0:
            raise ValueError(f"speed is above zero, not {speed}")
        self._path = path
        self._market = market
        self._speed = speed
        self._loop = loop
        self.gaps = 0
        self.rounds = 0  # how often the whole recording was played
        self.is_over = False
        self._tape: Tape | None = None
        self._stepped_ns: int | None = None
        self._round = _Round(read(path))

    def join(self, venue: Venue) -> None:
        """Open the house account that owns the recorded levels."""
        if self.account not in venue.house_accounts:
            venue.open_account(self.account, {}, is_house=True)
        self._tape = venue.tape(self._market.symbol, self.account)

    def step(self, venue: Venue, now_ns: int) -> None:
        """Play what is due. Raises ValueError at a line that cannot be read."""
        passed_ns = 0 if self._stepped_ns is None else now_ns - self._stepped_ns
        self._stepped_ns = now_ns
        playing = self._round
        playing.played_ns += round(max(0, min(passed_ns, _LONGEST_STEP_NS)) * self._speed)
        try:
            while not self.is_over and (record := playing.due()) is not None:
                self._play(record, now_ns)
        except EOFError:
            # The next round begins with the next step: a recording of no length
            # must not keep us here.
            self.rounds += 1
            self.is_over = not self._loop
            self._round = _Round(read(self._path))

    def _play(self, record: Record, now_ns: int) -> None:
        assert self._tape is not None, "a simulator is stepped after it joined"
        if isinstance(record, Snapshot):
            self._restart(self._tape, record, now_ns)
        elif record.symbol != self._market.key:
            return
        elif isinstance(record, Print):
            if record.quantity and record.price:
                suffix = f"-{self.rounds}" if self.rounds else ""
                self._tape.print(
                    f"{record.trade_id}{suffix}",
                    record.price,
                    record.quantity,
                    record.side,
                    now_ns,
                )
        elif self._round.last is None:
            self._round.early.append(record)
            if len(self._round.early) >= _PATIENCE:
                self._give_up_waiting(self._tape, now_ns)
        else:
            self._follow(self._tape, record, now_ns)

    def _restart(self, tape: Tape, snapshot: Snapshot, now_ns: int) -> None:
        """Take a snapshot, unless the book is newer, and the changes it does not hold."""
        if self._round.last is not None and snapshot.last < self._round.last:
            return
        self._round.last = snapshot.last
        tape.set_levels(snapshot.bids, snapshot.asks, now_ns, is_whole=True)
        early, self._round.early = self._round.early, []
        for depth in early:
            self._follow(tape, depth, now_ns)

    def _give_up_waiting(self, tape: Tape, now_ns: int) -> None:
        early, self._round.early = self._round.early, []
        self._round.last = early[0].first - 1
        tape.set_levels((), (), now_ns, is_whole=True)
        for depth in early:
            self._follow(tape, depth, now_ns)

    def _follow(self, tape: Tape, depth: Depth, now_ns: int) -> None:
        assert self._round.last is not None, "changes follow on a book"
        if depth.last <= self._round.last:
            return
        if depth.first > self._round.last + 1:
            self.gaps += 1
        self._round.last = depth.last
        tape.set_levels(depth.bids, depth.asks, now_ns)

"""Worker processes that do one kind of work, each in a fresh interpreter.

Plain `multiprocessing` would import the user's script once more in every worker, so a
script without a main guard could not run a grid, and one dead worker would end the pool.
"""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from queue import SimpleQueue
from typing import Any, BinaryIO, Self

_PATIENCE_S = 5.0
_MEMBER = "crossdock.app.backtest.grids.member"


@dataclass(frozen=True, slots=True)
class Lost:
    """A worker ended in the middle of a piece: out of memory, or killed."""

    words: str


def usable_cores() -> int:
    """Return how many cores this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class Crew:
    """Does `work(piece)` for each piece; `work` is pickled once for each worker.

    Leaving the context ends every worker, busy or not.
    """

    def __init__(self, work: Callable[[Any], Any], workers: int) -> None:
        self._work = pickle.dumps(work, pickle.HIGHEST_PROTOCOL)
        self._workers = workers
        self._lock = threading.Lock()
        self._members: set[_Member] = set()
        self._threads: list[threading.Thread] = []
        self._is_over = False

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        with self._lock:
            self._is_over = True
            members = list(self._members)
        for member in members:
            member.end()
        for thread in self._threads:
            thread.join()

    def results(self, pieces: Sequence[Any]) -> Iterator[tuple[int, Any]]:
        """Yield (place of the piece, result or Lost) as they come."""
        places = iter(range(len(pieces)))
        done: SimpleQueue[tuple[int, Any]] = SimpleQueue()

        def serve() -> None:
            member: _Member | None = None
            while (place := self._next(places)) is not None:
                result, member = self._one(member, pieces[place])
                done.put((place, result))
            if member is not None:
                self._leave(member)

        for number in range(min(self._workers, len(pieces))):
            thread = threading.Thread(target=serve, name=f"crew {number}", daemon=True)
            self._threads.append(thread)
            thread.start()
        for _ in pieces:
            yield done.get()

    def _next(self, places: Iterator[int]) -> int | None:
        with self._lock:
            return None if self._is_over else next(places, None)

    def _one(self, member: _Member | None, piece: Any) -> tuple[Any, _Member | None]:
        """Have one piece done, by a new worker where there is none."""
        try:
            if member is None:
                member = self._join()
            return member.do(piece), member
        except (OSError, EOFError, ValueError, pickle.PickleError) as error:
            if member is None:
                return Lost(f"no worker process could be started: {error}"), None
            code = self._leave(member)
            return Lost(f"its worker process ended with code {code}"), None

    def _join(self) -> _Member:
        with self._lock:
            if self._is_over:
                raise EOFError
            member = _Member()
            self._members.add(member)
        member.take(self._work)
        return member

    def _leave(self, member: _Member) -> int:
        with self._lock:
            self._members.discard(member)
        return member.dismiss()


class _Member:
    """One worker process, spoken to in pickles over its standard streams."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(  # noqa: S603  our own interpreter and module
            [sys.executable, "-m", _MEMBER],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env=_environment(os.environ),
            start_new_session=True,  # Ctrl-C is for us; leaving the crew ends it
        )

    @property
    def _streams(self) -> tuple[BinaryIO, BinaryIO]:
        sent, received = self._process.stdin, self._process.stdout
        assert sent is not None, "both were asked for"
        assert received is not None, "both were asked for"
        return sent, received  # type: ignore[return-value]

    def take(self, pickled: bytes) -> None:
        sent, _ = self._streams
        sent.write(pickled)
        sent.flush()

    def do(self, piece: Any) -> Any:
        sent, received = self._streams
        pickle.dump(piece, sent, pickle.HIGHEST_PROTOCOL)
        sent.flush()
        return pickle.load(received)  # noqa: S301  from our own worker

    def dismiss(self) -> int:
        """Let it end by itself and return its exit code."""
        sent, _ = self._streams
        with suppress(OSError):
            sent.close()
        return self._wait()

    def end(self) -> int:
        """End it, whatever it does, and return its exit code."""
        self._process.terminate()
        return self._wait()

    def _wait(self) -> int:
        try:
            code = self._process.wait(_PATIENCE_S)
        except subprocess.TimeoutExpired:
            self._process.kill()
            code = self._process.wait()
        for stream in self._streams:
            with suppress(OSError):
                stream.close()
        return code


def _environment(own: Mapping[str, str]) -> dict[str, str]:
    """Let a worker import whatever this process can."""
    return {**own, "PYTHONPATH": os.pathsep.join(map(os.path.abspath, sys.path))}

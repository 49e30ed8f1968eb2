"""What a thing is worth, over time: a seeded random walk that venues share."""

from __future__ import annotations

from collections import deque
from random import Random

STEP_NS = 100_000_000
_KEPT = 600
_SIGMA_BPS = 0.6  # each step, which makes about 1.1 % an hour
SIGMA_PER_S = _SIGMA_BPS / 10_000 * (1e9 / STEP_NS) ** 0.5  # of the price, in one second
_PULL = 0.0005  # towards the start, so that a long run does not wander off


class PricePath:
    """A walk that moves each 100 ms, begun at the first time it is asked for.

    The same seed and the same first time give the same path, whoever asks how often. It
    remembers one minute; what is older reads as the oldest remembered.
    """

    def __init__(self, start: float, *, seed: int) -> None:
        if start <= 0:
            raise ValueError(f"a price path starts above zero, not at {start}")
        self.seed = seed
        self._start = start
        self._random = Random(seed)  # noqa: S311 - a market, not a secret
        self._values: deque[float] = deque([start], maxlen=_KEPT)
        self._first_ns: int | None = None
        self._last = 0  # index of the newest value

    def at(self, time_ns: int) -> float:
        """Return the worth at a time."""
        if self._first_ns is None:
            self._first_ns = time_ns
        index = max(0, (time_ns - self._first_ns) // STEP_NS)
        # A pause of hours is not walked through step by step.
        self._last = max(self._last, index - _KEPT)
        while self._last < index:
            self._walk()
        back = min(self._last - index, len(self._values) - 1)
        return self._values[-1 - back]

    def _walk(self) -> None:
        value = self._values[-1]
        pull = _PULL * (self._start / value - 1)
        noise = self._random.gauss(0.0, _SIGMA_BPS / 10_000)
        self._values.append(value * (1 + pull + noise))
        self._last += 1

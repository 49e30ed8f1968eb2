"""What the desk pushes: one stream for the whole process, handed to all who watch."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import Any, Literal, Self

from crossdock.web.link.images import Image, image_of

log = logging.getLogger(__name__)

Kind = Literal["snapshot", "change", "error"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """What a topic has to say. A snapshot takes the place of all that was said before."""

    topic: str
    seq: int
    at: int  # UTC ns
    kind: Kind
    data: Any


Sink = Callable[[Change], None]


class Watching:
    """What one part of the process watches. Leaving it, or `close`, ends that."""

    def __init__(self, watchers: Watchers, sink: Sink) -> None:
        self._watchers = watchers
        self.sink = sink
        self.topics: frozenset[str] = frozenset()

    def choose(self, topics: Iterable[str]) -> None:
        """Watch these from now on. Of what is new a snapshot comes first."""
        wanted = frozenset(topics)
        new = wanted - self.topics
        self.topics = wanted
        self._watchers.renew()
        for topic in sorted(new):
            if (snapshot := self._watchers.snapshot(topic)) is not None:
                self.sink(snapshot)

    def close(self) -> None:
        self.topics = frozenset()
        self._watchers.leave(self)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


class Watchers:
    """All that is watched in this process, and the newest image of each topic."""

    def __init__(self, topics_changed: Callable[[], None]) -> None:
        self._all: dict[Watching, None] = {}
        self._images: dict[str, Image] = {}
        self._topics_changed = topics_changed
        self.topics: tuple[str, ...] = ()

    def enter(self, sink: Sink) -> Watching:
        watching = Watching(self, sink)
        self._all[watching] = None
        return watching

    def leave(self, watching: Watching) -> None:
        self._all.pop(watching, None)
        self.renew()

    def renew(self) -> None:
        """Gather what is wanted by anybody; say so when that is not what it was."""
        wanted = tuple(sorted({topic for each in self._all for topic in each.topics}))
        if wanted == self.topics:
            return
        self.topics = wanted
        self._images = {key: each for key, each in self._images.items() if key in wanted}
        self._topics_changed()

    def snapshot(self, topic: str) -> Change | None:
        """Return all that is known of a topic, None before the desk has told of it."""
        image = self._images.get(topic)
        if image is None:
            return None
        return Change(
            topic=topic, seq=image.seq, at=image.at, kind="snapshot", data=image.data
        )

    def take(self, change: Change) -> None:
        """Take in what the desk says and hand it on. A sink that fails harms no other."""
        if change.topic not in self.topics:
            return
        try:
            is_known = self._lay(change)
        except Exception as error:
            # Of one topic: the others go on, and so does this one with its next snapshot.
            log.exception("what the desk said of %s is not understood", change.topic)
            self._images.pop(change.topic, None)
            change, is_known = _not_understood(change, error), True
        if not is_known:
            return
        for watching in list(self._all):
            if change.topic in watching.topics:
                self._hand(watching, change)

    def _lay(self, change: Change) -> bool:
        """Lay it on the image. False for a change of a topic that was left and is begun
        anew: its snapshot follows.
        """
        if change.kind == "error":
            return True
        image = self._images.get(change.topic)
        if change.kind == "snapshot":
            image = self._images[change.topic] = image_of(change.topic, change.data)
        elif image is None:
            return False
        else:
            image.merge(change.data)
        image.seq, image.at = change.seq, change.at
        return True

    def _hand(self, watching: Watching, change: Change) -> None:
        try:
            watching.sink(change)
        except Exception:
            log.exception("a watcher of %s failed", change.topic)

    def forget(self) -> None:
        """Drop every image: the desk went, and what it said may hold no more."""
        self._images.clear()


def _not_understood(change: Change, error: Exception) -> Change:
    return replace(
        change,
        kind="error",
        data={
            "code": "desk-newer",
            "message": f"what the desk said of {change.topic} is not understood: {error}",
            "hint": "run the desk and the dashboard of one version",
        },
    )

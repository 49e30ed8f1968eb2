"""The newest of everything that platforms push, and who is told of it."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from crossdock.web.problems import Problem
from crossdock.web.shapes.platforms import PUSHED, Pushed

MOST_PLATFORMS = 20
_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")

Row = Mapping[str, Any]
Heard = Callable[[str, str, Sequence[Row]], None]
"""Called with a platform, a subject, and rows of subject, key, at_ns and value."""


class Platforms:
    """Bounded in platforms and in what is kept of each subject; the oldest leave."""

    def __init__(self, now_ns: Callable[[], int]) -> None:
        self._now_ns = now_ns
        self._platforms: dict[str, dict[str, OrderedDict[str, Row]]] = {}
        self._at_ns: dict[str, int] = {}
        self.heard: list[Heard] = []

    def require(self, platform: str) -> None:
        """Raise Problem for a name that is none, or one platform too many."""
        if not _NAME.fullmatch(platform):
            raise Problem(
                422,
                "bad-argument",
                f"{platform[:60]!r} is no name of a platform",
                hint="lower-case letters, digits, - and _, 31 at most",
            )
        if platform not in self._platforms and len(self._platforms) >= MOST_PLATFORMS:
            raise Problem(409, "too-many-platforms", f"there are {MOST_PLATFORMS} already")

    def take(self, platform: str, said: Sequence[Pushed]) -> list[Row]:
        """Take in what a platform says of one subject. Raises Problem.

        Something older than what is known of the same thing changes nothing: what was
        pushed twice, or came late, is no news.
        """
        self.require(platform)
        now = self._now_ns()
        rows = [_row(each, now) for each in said]
        return self.put(platform, rows)

    def put(self, platform: str, rows: Iterable[Row]) -> list[Row]:
        """Take in rows as they are kept; return those that were news."""
        subjects = self._platforms.setdefault(platform, {})
        news: list[Row] = []
        for row in rows:
            held = subjects.setdefault(row["subject"], OrderedDict())
            known = held.get(row["key"])
            if known is not None and (row["at_ns"] < known["at_ns"] or row == known):
                continue
            held[row["key"]] = row
            held.move_to_end(row["key"])
            if len(held) > PUSHED[row["subject"]].kept:
                held.popitem(last=False)
            news.append(row)
            self._at_ns[platform] = max(self._at_ns.get(platform, 0), row["at_ns"])
        for subject in {row["subject"] for row in news}:
            mine = [row for row in news if row["subject"] == subject]
            for heard in self.heard:
                heard(platform, subject, mine)
        return news

    def rows(self, platform: str, subject: str = "") -> list[Row]:
        """Return what is kept, newest first. Raises Problem for a platform not known."""
        subjects = self._platforms.get(platform)
        if subjects is None:
            raise Problem(
                404, "unknown-platform", f"no platform {platform[:60]!r} has said anything"
            )
        chosen = [subject] if subject else list(subjects)
        found = [row for each in chosen for row in subjects.get(each, {}).values()]
        return sorted(found, key=lambda row: row["at_ns"], reverse=True)

    def standing(self, platform: str) -> Row:
        held = self._platforms[platform]
        return {
            "platform": platform,
            "at_ns": self._at_ns.get(platform, 0),
            "subjects": {subject: len(rows) for subject, rows in held.items()},
        }

    def all(self) -> list[Row]:
        return [self.standing(platform) for platform in sorted(self._platforms)]


def _row(said: Pushed, now_ns: int) -> Row:
    # A time to come would stand before everything that is said until then.
    return {
        "subject": said.subject,
        "key": said.key,
        "at_ns": now_ns if said.at_ns is None else min(said.at_ns, now_ns),
        "value": said.model_dump(mode="json", exclude={"at_ns"}),
    }

"""Which rooms have somebody in them, and what they hear: one topic each, lanes by rate."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from crossdock.web.push.board import Encode, Topic
from crossdock.web.push.client import Client
from crossdock.web.push.lanes import Lane, Pusher
from crossdock.web.push.topics import period_s, subject_of

MOST_DESK_TOPICS = 400  # the desk itself lets one watcher have 500


class Rooms:
    """Changes come in by `take`, whoever they are from; each room's lanes then tell them."""

    def __init__(self, pusher: Pusher, encode: Encode, changed: Callable[[], None]) -> None:
        """`changed`: called when the rooms that somebody is in are others than before."""
        self._pusher = pusher
        self._encode = encode
        self._changed = changed
        self._topics: dict[str, Topic] = {}
        self._lanes: dict[str, dict[float, Lane]] = {}

    @property
    def of_desk(self) -> list[str]:
        return [room for room, topic in self._topics.items() if topic.subject.is_of_desk]

    def occupied(self, room: str) -> bool:
        return room in self._topics

    def take(self, room: str, kind: str, data: Any, at: int) -> None:
        """Take in what a topic has to say. Of a room that nobody is in it is not kept."""
        topic = self._topics.get(room)
        if topic is None:
            return
        topic.take(kind, data, at)
        for lane in self._lanes[room].values():
            self._pusher.changed(lane)

    def enter(self, client: Client, room: str, rate: float | None) -> bool:
        """Let a client hear a room, or hear it at another rate. Tell whether it is new."""
        subject = subject_of(room)
        assert subject is not None, "asked before whether there is such a room"
        period = period_s(subject, rate)
        before = client.lanes.get(room)
        if before is not None and before.period_s == period:
            return False
        topic = self._topics.get(room)
        is_new = topic is None
        if topic is None:
            topic = self._topics[room] = Topic(room, subject, self._encode)
        lanes = self._lanes.setdefault(room, {})
        lane = lanes.get(period)
        if lane is None:
            lane = lanes[period] = Lane(topic, period)
        client.lanes[room] = lane
        self._pusher.begin(lane, client)
        if before is not None:
            self._take_out(client, before)
        if is_new and subject.is_of_desk:
            self._changed()
        return is_new

    def leave(self, client: Client, room: str) -> None:
        lane = client.lanes.pop(room, None)
        if lane is None:
            return
        self._take_out(client, lane)
        if not self._lanes[room]:
            del self._lanes[room]
            topic = self._topics.pop(room)
            if topic.subject.is_of_desk:
                self._changed()

    def leave_all(self, client: Client) -> None:
        for room in list(client.lanes):
            self.leave(client, room)

    def _take_out(self, client: Client, lane: Lane) -> None:
        lane.members.pop(client, None)
        client.late.pop(lane, None)
        if not lane.members:
            lane.close()
            lanes = self._lanes[lane.topic.room]
            if lanes.get(lane.period_s) is lane:
                del lanes[lane.period_s]

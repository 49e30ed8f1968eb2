"""What a topic keeps, and what it lets go."""

import json

from crossdock.web.push.board import Topic
from crossdock.web.push.topics import SUBJECTS


def encode(event, message):
    return json.dumps(message)


def told(topic, version=0):
    return json.loads(topic.text_since(version))


def test_a_working_order_is_told_however_many_came_and_ended_after_it():
    subject = SUBJECTS["orders"]
    topic = Topic("orders", subject, encode)
    topic.take("snapshot", [{"order_id": "resting", "status": "New"}], 1)
    for number in range(subject.most + 7):
        topic.take("change", [{"order_id": str(number), "status": "Filled"}], 2 + number)
    rows = told(topic)["data"]
    assert "resting" in [row["order_id"] for row in rows]
    assert len(rows) == subject.most
    topic.take("change", [{"order_id": "resting", "status": "Canceled"}], 9)
    topic.take("change", [{"order_id": "last", "status": "New"}], 10)
    assert "resting" not in [row["order_id"] for row in told(topic)["data"]]

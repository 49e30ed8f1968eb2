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


def test_much_news_of_one_subject_drops_nothing_of_another():
    def row(subject, number):
        return {"subject": subject, "key": str(number), "value": number}

    subject = SUBJECTS["platform"]
    topic = Topic("platform:alpha", subject, encode)
    topic.take("snapshot", [row("risk-metrics", 0)], 1)
    topic.take("change", [row("news", each) for each in range(subject.most)], 2)
    for number in range(subject.most, 6 * subject.most):
        topic.take("change", [row("news", number)], 3)
    rows = told(topic)["data"]
    assert [each for each in rows if each["subject"] == "risk-metrics"] == [
        row("risk-metrics", 0)
    ]
    news = [each["value"] for each in rows if each["subject"] == "news"]
    assert news == [*range(6 * subject.most - 1, 5 * subject.most - 1, -1)]


def test_a_client_that_lags_is_told_what_is_new_of_each_subject_and_no_more():
    topic = Topic("platform:alpha", SUBJECTS["platform"], encode)
    topic.take("snapshot", [{"subject": "news", "key": "a"}], 1)
    topic.take("change", [{"subject": "orders", "key": "1"}], 2)
    topic.take("change", [{"subject": "news", "key": "b"}], 3)
    keys = [(row["subject"], row["key"]) for row in told(topic, 1)["data"]]
    assert sorted(keys) == [("news", "b"), ("orders", "1")]
    assert [row["key"] for row in told(topic, 2)["data"]] == ["b"]


def test_a_client_that_lags_is_told_the_points_of_indicators_that_it_missed():
    def row(name, *points):
        return {"strategy": "s", "name": name, "overlay": True, "points": list(points)}

    def chart(*rows, **more):
        return {"bars": [], **more, "indicators": list(rows)}

    topic = Topic("candle:A:1m", SUBJECTS["candle"], encode)
    topic.take("snapshot", chart(row("a", [1, 5.0]), row("b", [1, 1.0]), source="desk"), 1)
    topic.take("change", {"bars": [], "forming": [2]}, 2)
    assert "indicators" not in told(topic, 1)["data"]
    topic.take("change", chart(row("a", [2, 6.0])), 3)
    topic.take("change", chart(row("a", [2, 7.0], [3, 8.0])), 4)
    assert told(topic, 1)["data"]["indicators"] == [row("a", [2, 7.0], [3, 8.0])]
    assert told(topic, 3)["data"]["indicators"] == [row("a", [2, 7.0], [3, 8.0])]
    assert told(topic)["data"] == chart(
        row("a", [1, 5.0], [2, 7.0], [3, 8.0]),
        row("b", [1, 1.0]),
        source="desk",
        forming=[2],
    )
    topic.take("snapshot", chart(row("b", [1, 1.0])), 5)
    assert told(topic, 4)["data"]["indicators"] == [row("b", [1, 1.0])]

"""An image with every change laid on it is what a snapshot would be."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.web.link.images import MOST_ROWS, image_of

ROWS = st.lists(
    st.tuples(st.sampled_from("abc"), st.integers(0, 9)),
    max_size=4,
    unique_by=lambda r: r[0],
)


@pytest.mark.parametrize(
    ("topic", "key"),
    [("books", "instrument"), ("strategies", "name"), ("orders", "order_id")],
)
@given(first=ROWS, changes=st.lists(ROWS, max_size=5))
def test_rows_hold_the_newest_of_each_key(topic, key, first, changes):
    image = image_of(topic, [{key: k, "v": v} for k, v in first])
    newest = dict(first)
    for rows in changes:
        image.merge([{key: k, "v": v} for k, v in rows])
        newest |= dict(rows)
    assert {row[key]: row["v"] for row in image.data} == newest


def test_new_fills_stand_first_and_the_oldest_go():
    def fill(number):
        return {
            "account": "a",
            "instrument": "i",
            "venue_order_id": "o",
            "execution_id": number,
        }

    image = image_of("fills", [fill(2), fill(1)])
    image.merge([fill(4), fill(3)])
    assert [row["execution_id"] for row in image.data] == [4, 3, 2, 1]
    for number in range(5, MOST_ROWS + 10):
        image.merge([fill(number)])
    assert len(image.data) == MOST_ROWS
    assert image.data[0]["execution_id"] == MOST_ROWS + 9


@pytest.mark.parametrize("topic", ["orders", "fills"])
def test_a_busy_strategy_pushes_out_no_other_ones_rows(topic):
    def row(name, strategy):
        ids = {"order_id": name, "execution_id": name, "status": "Filled"}
        return {"account": "a", "instrument": "i", "strategy": strategy, **ids}

    image = image_of(topic, [row("mine", "manual")])
    for number in range(2 * MOST_ROWS):
        image.merge([row(number, "maker")])
    kept = [each["order_id"] for each in image.data]
    assert kept == [*reversed(range(MOST_ROWS, 2 * MOST_ROWS)), "mine"]


def test_a_charts_bars_are_replaced_by_their_time():
    image = image_of(
        "candle:A:1m", {"source": "live", "bars": [[1, "a"], [2, "b"]], "forming": [3]}
    )
    image.merge({"bars": [], "forming": [4]})
    assert image.data["bars"] == [[1, "a"], [2, "b"]]
    image.merge({"bars": [[2, "c"], [3, "d"]], "forming": None})
    assert image.data == {
        "source": "live",
        "bars": [[1, "a"], [2, "c"], [3, "d"]],
        "forming": None,
    }


def test_a_charts_indicators_grow_by_the_points_that_are_new():
    def row(name, *points):
        return {"strategy": "s", "name": name, "overlay": True, "points": list(points)}

    image = image_of("candle:A:1m", {"bars": [], "indicators": [row("a", [1, 5.0])]})
    image.merge({"bars": [], "forming": [4]})
    image.merge(
        {"bars": [], "indicators": [row("a", [1, 6.0], [2, 7.0]), row("b", [2, 1.0])]}
    )
    assert image.data["indicators"] == [
        row("a", [1, 6.0], [2, 7.0]),
        row("b", [2, 1.0]),
    ]
    image.merge({"bars": [], "indicators": [row("a", *([n, 0.0] for n in range(600)))]})
    assert len(image.data["indicators"][0]["points"]) == MOST_ROWS


def test_what_is_told_whole_is_replaced_whole():
    image = image_of("risk", {"killed": False, "limits": [1]})
    image.merge({"killed": True})
    assert image.data == {"killed": True}


def test_an_order_that_is_not_over_is_kept_however_many_came_after_it():
    image = image_of("orders", [{"order_id": "resting", "status": "New"}])
    for number in range(MOST_ROWS + 7):
        image.merge([{"order_id": str(number), "status": "Filled"}])
    kept = [row["order_id"] for row in image.data]
    assert "resting" in kept
    assert len(kept) == MOST_ROWS + 1
    image.merge([{"order_id": "resting", "status": "Canceled"}])
    image.merge([{"order_id": "last", "status": "Filled"}])
    assert "resting" not in [row["order_id"] for row in image.data]

"""Fills are told with whose they are, at the cost of a few questions and not of thousands."""

import pytest

from crossdock.app.showing import ASKED_SINGLY, LOOKED_AT, fills_of_each, newest_fills

FILLS = LOOKED_AT // 4


class Rows:
    """A projection in which every fill is of an order of its own, newest first."""

    def __init__(self, oldest_order: int = 0) -> None:
        self.asked = 0
        self._fills = [
            {"order_id": f"o{number}", "instrument": "BTC/USDT@alpha"}
            for number in reversed(range(FILLS))
        ]
        self._orders = {
            f"o{number}": {
                "order_id": f"o{number}",
                "portfolio": "main",
                "strategy": "rare" if number == oldest_order else "busy",
            }
            for number in reversed(range(oldest_order, FILLS))
        }

    def query(self, table, where=None, limit=100):
        self.asked += 1
        if table == "fills":
            return self._fills[:limit]
        if where is None:
            return list(self._orders.values())[:limit]
        found = self._orders.get(where["order_id"])
        return [] if found is None else [found]


@pytest.mark.parametrize(
    ("ask", "counts"),
    [
        (lambda rows: fills_of_each(rows, 3), {"busy": 3, "rare": 1}),
        (lambda rows: newest_fills(rows, 5, strategy="rare"), {"rare": 1}),
        (lambda rows: newest_fills(rows, FILLS), {"busy": FILLS - 1, "rare": 1}),
    ],
)
def test_whose_many_fills_are_takes_few_questions(ask, counts):
    rows = Rows()
    told = [each["strategy"] for each in ask(rows)]
    assert {name: told.count(name) for name in counts} == counts
    assert len(told) == sum(counts.values())
    assert rows.asked <= ASKED_SINGLY + 2


def test_a_fill_of_an_order_that_nobody_knows_is_external():
    rows = Rows(oldest_order=1)
    assert newest_fills(rows, FILLS)[-1]["portfolio"] == "external"

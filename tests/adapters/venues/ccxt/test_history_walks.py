"""A span of several pages is read whole, also where it is cut off on the way."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.ccxt.abilities.paging import Walks
from crossdock.adapters.venues.ccxt.exchanges.ways import Pages
from crossdock.errors import BadPayload, RateLimited

_WAYS = {
    "total": Pages(offset_param="ofs", total_path="count"),
    "offset": Pages(offset_param="ofs"),
    "number": Pages(number_param="page"),
    "cursor": Pages(cursor_param="cursor", cursor_path="next"),
    "row": Pages(cursor_param="after", row_field="id", rows_path="rows"),
}


class _Exchange:
    """A list, newest first, that takes so many calls and then none for a while."""

    def __init__(self, count, size, allowance):
        self.now_ms = 1_000_000
        self.rows = [self._made(number, number * 100) for number in range(count)]
        self.size, self.allowance, self.left = size, allowance, allowance

    @staticmethod
    def _made(number, time_ms):
        return {"id": number + 1, "time": time_ms}

    def add(self):
        self.now_ms += 10
        self.rows.append(self._made(len(self.rows), self.now_ms))

    async def ask(self, since_ms, further):
        if not self.left:
            raise RateLimited("enough", retry_after_s=1.0)
        self.left -= 1
        rows = [it for it in self.rows if it["time"] >= since_ms][::-1]
        total = len(rows)
        skipped = int(further.get("ofs", 0) or further.get("cursor", 0))
        skipped += (int(further.get("page", 1)) - 1) * self.size
        if "after" in further:
            rows = [it for it in rows if it["id"] < further["after"]]
        page = rows[skipped : skipped + self.size]
        behind = skipped + self.size
        reply = {"rows": page, "count": total, "next": behind if behind < total else ""}
        return sorted(page, key=lambda it: it["time"]), reply


async def _rows(walks, exchange, way, since_ms=0):
    return await walks.rows(
        "a list",
        since_ms,
        _WAYS[way],
        exchange.size,
        exchange.ask,
        lambda it: str(it["id"]),
        lambda it: it["time"],
    )


@settings(max_examples=80, deadline=None)
@given(
    way=st.sampled_from(sorted(_WAYS)),
    count=st.integers(0, 60),
    size=st.integers(1, 9),
    allowance=st.integers(2, 5),
    arrive=st.integers(0, 3),
    since=st.integers(0, 70),
)
@example(way="number", count=50, size=1, allowance=5, arrive=3, since=44)
def test_every_row_of_a_span_is_read_however_often_it_is_cut_off(
    way, count, size, allowance, arrive, since
):
    async def run():
        exchange = _Exchange(count, size, allowance)
        walks, found, cut = Walks(), None, 0
        while found is None:
            wanted = {it["id"] for it in exchange.rows if it["time"] >= since * 100}
            exchange.left = allowance
            try:
                found = await _rows(walks, exchange, way, since * 100)
            except RateLimited:
                cut += 1
                assert cut < 100, "it gets nowhere"
                if cut < 4:
                    for _ in range(arrive):
                        exchange.add()
        assert wanted <= {it["id"] for it in found}
        assert len({it["id"] for it in found}) == len(found)

    asyncio.run(run())


@pytest.mark.parametrize("way", sorted(_WAYS))
async def test_a_walk_that_was_cut_off_asks_for_no_page_twice(way):
    exchange = _Exchange(100, 10, 4)
    walks, asked = Walks(), 0
    for _ in range(5):
        exchange.left = 4
        try:
            rows = await _rows(walks, exchange, way)
            break
        except RateLimited:
            asked += 4
    assert len(rows) == 100
    assert asked == 8


@pytest.mark.parametrize("way", ["cursor", "row"])
async def test_a_page_that_leads_to_itself_hides_the_rest_and_is_refused(way):
    exchange = _Exchange(100, 10, 50)
    honest = exchange.ask

    async def ask(since_ms, further):
        return await honest(since_ms, {})

    exchange.ask = ask
    with pytest.raises(BadPayload, match="hidden"):
        await _rows(Walks(), exchange, way)

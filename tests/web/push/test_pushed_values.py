import asyncio
from collections import Counter

import pytest
from aiohttp import ClientSession
from hypothesis import given
from hypothesis import strategies as st

from crossdock.web.identity.roles import Access
from crossdock.web.platforms.platforms import MOST_PLATFORMS, Platforms
from crossdock.web.problems import Problem
from crossdock.web.shapes.platforms import PUSHED, CustomMetric, MarketData, News

EXAMPLES = {
    "market-data": {"symbol": "ES", "bid": 5000.25, "ask": "5000.50"},
    "portfolio": {"equity": "10000", "positions": [{"symbol": "ES", "quantity": 1}]},
    "orders": {"order_id": "7", "symbol": "ES", "side": "BUY", "quantity": "2"},
    "fills": {"fill_id": "9", "symbol": "ES", "side": "SELL", "quantity": 1, "price": 4},
    "strategy-performance": {"strategy": "trend", "win_rate": 0.5, "pnl": -3},
    "risk-metrics": {"metrics": {"VaR 95": 120.5}},
    "metrics": {"name": "latency", "value": 12.5, "unit": "ms"},
    "charts": {"name": "skew", "series": [{"name": "1w", "points": [[1, 2], [3, 4]]}]},
    "predictions": {"symbol": "ES", "direction": "up", "probability": 0.7},
    "news": {"title": "rates stay", "url": "https://news.example/1"},
    "sentiment": {"symbol": "ES", "score": -0.3},
}


def headers(site, *scopes):
    return {"Authorization": f"Bearer {site.key(scopes=scopes or [Access.PUSH])}"}


def test_there_is_an_example_of_every_subject():
    assert EXAMPLES.keys() == PUSHED.keys()


@pytest.mark.parametrize("count", [1, 3])
async def test_every_subject_is_pushed_and_read_back(serve, count):
    site = await serve()
    pushing, viewing = headers(site), headers(site, Access.VIEW)
    async with ClientSession(site.url) as session:
        for subject, said in EXAMPLES.items():
            path = f"/api/v1/platforms/mine/{subject}"
            body = said if count == 1 else [said] * count
            async with session.post(path, json=body, headers=pushing) as reply:
                assert (reply.status, await reply.json()) == (200, {"taken": count})
            async with session.get(path, headers=viewing) as reply:
                ((held),) = await reply.json()
            assert held["subject"] == subject
            for name, value in said.items():
                if not isinstance(value, dict | list):
                    assert str(held["value"][name]) == str(value)
        async with session.get("/api/v1/platforms", headers=viewing) as reply:
            ((told),) = await reply.json()
        assert told["platform"] == "mine"
        assert told["subjects"] == dict.fromkeys(EXAMPLES, 1)
        async with session.get("/api/v1/platforms/mine", headers=viewing) as reply:
            assert len(await reply.json()) == len(EXAMPLES)


@pytest.mark.parametrize(
    ("path", "said", "status"),
    [
        ("mine/metrics", {"name": "x"}, 422),
        ("mine/metrics", {"name": "x", "value": 1, "what": 2}, 422),
        ("mine/metrics", [], 422),
        ("mine/metrics", {"name": "x", "value": "NaN"}, 422),
        ("mine/market-data", {"symbol": "x", "bid": "1e999999"}, 422),
        ("mine/market-data", {"symbol": "x", "bid": True}, 422),
        ("mine/market-data", {"symbol": "x", "volume": 3}, 422),
        ("mine/orders", {**EXAMPLES["orders"], "quantity": -1}, 422),
        ("mine/fills", {**EXAMPLES["fills"], "quantity": "0.0"}, 422),
        ("mine/news", {"title": "x", "url": "javascript:alert(1)"}, 422),
        ("NOT ONE/metrics", {"name": "x", "value": 1}, 422),
        ("mine/nonsense", {}, 404),
    ],
)
async def test_what_fits_no_shape_is_refused_and_not_kept(serve, path, said, status):
    site = await serve()
    async with ClientSession(site.url) as session:
        url = f"/api/v1/platforms/{path}"
        async with session.post(url, json=said, headers=headers(site)) as reply:
            assert reply.status in (status, 405 if status == 404 else status)
        viewing = headers(site, Access.VIEW)
        async with session.get("/api/v1/platforms", headers=viewing) as reply:
            assert await reply.json() == []


async def test_pushing_takes_its_own_scope_and_reading_takes_another(serve):
    site = await serve()
    said, url = EXAMPLES["metrics"], "/api/v1/platforms/mine/metrics"
    async with ClientSession(site.url) as session:
        trading = headers(site, Access.TRADE, Access.VIEW)
        async with session.post(url, json=said, headers=trading) as reply:
            assert reply.status == 403
        async with session.get(url, headers=headers(site)) as reply:
            assert reply.status == 403
        async with session.post(url, json=said) as reply:
            assert reply.status == 401


async def test_a_listener_is_told_what_is_there_and_what_comes(serve, listen):
    site = await serve()
    client = await listen(site)
    pushing = headers(site)
    async with ClientSession(site.url) as session:

        async def push(subject):
            url = f"/api/v1/platforms/mine/{subject}"
            async with session.post(url, json=EXAMPLES[subject], headers=pushing) as reply:
                assert reply.status == 200

        await push("metrics")
        assert (await client.subscribe("platform:mine", "platforms"))["ok"] is True
        ((event, told),) = await client.until(1, of="platform:mine")
        assert event == "platform_update"
        assert told["kind"] == "snapshot"
        assert [(it["subject"], it["key"]) for it in told["data"]] == [
            ("metrics", "latency")
        ]
        await push("sentiment")
        _, (_, told) = await client.until(2, of="platform:mine")
        assert told["kind"] == "change"
        assert [(it["subject"], it["key"]) for it in told["data"]] == [("sentiment", "ES")]
        *_, (_, told) = await client.until(2, of="platforms")
        assert told["data"][0]["subjects"] == {"metrics": 1, "sentiment": 1}


async def test_a_listener_may_come_before_the_platform_does(serve, listen):
    site = await serve()
    client = await listen(site)
    await client.subscribe("platform:mine")
    ((_, told),) = await client.until(1)
    assert (told["kind"], told["data"]) == ("snapshot", [])


async def test_metrics_and_charts_outlive_the_process(site):
    async with site().serving() as first, ClientSession(first.url) as session:
        now = first.application.dashboard.now_ns()
        points = [
            {"name": "latency", "value": n, "at_ns": now - n * 10**9} for n in (3, 2, 1)
        ]
        for subject, body in (("metrics", points), ("charts", EXAMPLES["charts"])):
            url = f"/api/v1/platforms/mine/{subject}"
            async with session.post(url, json=body, headers=headers(first)) as reply:
                assert reply.status == 200
    async with site().serving() as again, ClientSession(again.url) as session:
        viewing = headers(again, Access.VIEW)
        url = "/api/v1/platforms/mine/metrics/history?name=latency"
        async with session.get(url, headers=viewing) as reply:
            told = await reply.json()
        assert [value for _, value in told["points"]] == [3, 2, 1]
        async with session.get("/api/v1/platforms/mine/charts", headers=viewing) as reply:
            (held,) = await reply.json()
        assert held["value"]["name"] == "skew"


# ---- bounds ----------------------------------------------------------------------


def platforms():
    return Platforms(lambda: 1_000)


def test_what_is_kept_is_bounded_and_the_oldest_leaves():
    made = platforms()
    for number in range(3 * News.kept):
        made.take("mine", [News(title=f"n{number}", at_ns=number % 900)])
    assert len(made.rows("mine", "news")) == News.kept


def test_platforms_themselves_are_bounded():
    made = platforms()
    for number in range(MOST_PLATFORMS):
        made.take(f"p{number}", [CustomMetric(name="x", value=1)])
    with pytest.raises(Problem) as refused:
        made.take("another", [CustomMetric(name="x", value=1)])
    assert refused.value.code == "too-many-platforms"
    made.take("p0", [CustomMetric(name="x", value=2)])


def test_a_time_to_come_is_taken_as_now():
    made = platforms()
    made.take("mine", [CustomMetric(name="x", value=1, at_ns=10**18)])
    assert made.rows("mine")[0]["at_ns"] == 1_000


@given(st.lists(st.tuples(st.integers(0, 900), st.integers(0, 3)), max_size=30))
def test_the_newest_counts_in_whatever_order_it_comes_and_however_often(said):
    made, heard = platforms(), Counter()
    made.heard.append(
        lambda _platform, _subject, rows: heard.update(len(r) > 0 for r in rows)
    )
    for at_ns, price in [*said, *said]:
        made.take("mine", [MarketData(symbol="ES", bid=price, at_ns=at_ns)])
    if said:
        (held,) = made.rows("mine")
        newest = max(at_ns for at_ns, _ in said)
        assert held["at_ns"] == newest
        assert held["value"]["bid"] in {str(p) for at_ns, p in said if at_ns == newest}


async def test_history_is_written_together_and_a_point_twice_is_one(serve):
    site = await serve()
    pushing = site.application._parts[-1].running
    rows = [
        CustomMetric(name="x", value=1, at_ns=5),
        CustomMetric(name="x", value=1, at_ns=5),
    ]
    for row in rows:
        pushing.platforms.take("mine", [row])
    pushing.history._points *= 2
    assert pushing.history.points("mine", "x", 0, 100) == [[5e-9, 1.0]]
    await asyncio.sleep(0)

"""Two instances over one Valkey: each hears what the other was pushed."""

import asyncio
import importlib.util
import json
import logging
from pathlib import Path

import pytest
import redis
import socketio
from aiohttp import ClientSession

from crossdock.client import PlatformClient
from crossdock.errors import Unavailable
from crossdock.web.identity.roles import Access
from crossdock.web.push.sharing import CHANNEL

SAID = {"name": "latency", "value": 12.5}


@pytest.fixture(scope="module")
def valkey():
    spec = importlib.util.spec_from_file_location(
        "valkey_server", Path(__file__).parents[1] / "valkey.py"
    )
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    with module.running_valkey() as address:
        yield address


@pytest.fixture
async def two(serve, valkey):
    sites = [await serve(f"dashboard.redis_url={valkey}") for _ in range(2)]
    async with asyncio.timeout(20):
        for site in sites:
            await pushing(site).channel.is_listening.wait()
    return sites


def pushing(site):
    return site.application._parts[-1].running


async def test_what_one_instance_is_pushed_listeners_of_the_other_hear(two, listen):
    one, other = two
    near, far = await listen(one), await listen(other)
    for client in (near, far):
        await client.subscribe("platform:mine")
        await client.until(1)
    key = {"Authorization": f"Bearer {one.key(scopes=[Access.PUSH])}"}
    async with ClientSession(one.url) as session:
        url = "/api/v1/platforms/mine/metrics"
        async with session.post(url, json=SAID, headers=key) as reply:
            assert reply.status == 200
    for client in (near, far):
        _, (_, told) = await client.until(2)
        assert told["data"][0]["value"]["value"] == 12.5
    assert len(near.heard) == 2


async def test_a_platform_that_publishes_reaches_every_instance(two, valkey):
    def push():
        with PlatformClient.over_redis(valkey, "mine") as client:
            client.add_custom_metric("latency", 12.5, unit="ms")

    await asyncio.to_thread(push)
    async with asyncio.timeout(20):
        for site in two:
            while not pushing(site).platforms.all():
                await asyncio.sleep(0)
            (row,) = pushing(site).platforms.rows("mine")
            assert (row["key"], row["value"]["unit"]) == ("latency", "ms")


async def test_what_fits_no_shape_is_passed_over_and_the_next_is_taken(two, valkey, caplog):
    channel = "crossdock:platform:mine"
    bad = ["", "[]", "{}", '{"subject": "x"}', '{"subject": "metrics", "data": {}}']
    caplog.set_level(logging.CRITICAL)

    def publish():
        with redis.Redis.from_url(valkey) as server:
            for text in bad:
                server.publish(channel, text)
            server.publish(
                "crossdock:platform:NOT ONE",
                json.dumps({"subject": "metrics", "data": SAID}),
            )
            server.publish(channel, json.dumps({"subject": "metrics", "data": SAID}))

    await asyncio.to_thread(publish)
    async with asyncio.timeout(20):
        while not pushing(two[0]).platforms.all():
            await asyncio.sleep(0)
    assert pushing(two[0]).channel.refused == len(bad) + 1
    assert [row["platform"] for row in pushing(two[0]).platforms.all()] == ["mine"]


async def test_socket_ios_own_manager_reaches_rooms_of_every_instance(two, valkey, listen):
    clients = [await listen(site) for site in two]
    for client in clients:
        await client.subscribe("platform:mine")
        await client.until(1)

    def emit():
        outside = socketio.RedisManager(valkey, channel=CHANNEL, write_only=True)
        message = {"topic": "platform:mine", "data": "by hand"}
        outside.emit("platform_update", message, room="platform:mine")
        outside.redis.close()

    await asyncio.to_thread(emit)
    for client in clients:
        heard = await client.until(2)
        assert heard[-1][1]["data"] == "by hand"


async def test_a_session_of_one_instance_holds_at_the_other(two, listen):
    one, other = two
    client = await listen(other, headers={"Cookie": await one.cookie()})
    assert (await client.subscribe("status"))["ok"] is True


def test_a_platform_is_told_when_no_dashboard_listens(valkey):
    client = PlatformClient.over_redis(valkey, "mine")
    with client, pytest.raises(Unavailable, match="no dashboard listens"):
        client.add_custom_metric("latency", 1)

"""Whatever the face is made to do to a call, its words never contradict the truth."""

import asyncio
import random
from decimal import Decimal

import aiohttp
import pytest

from crossdock.sandbox.faults import EVENTS, FaultKind

REFUSED = {-1003, -1008, -1013, -1021, -2010, -2015}
"""Codes after which nothing was done."""

CALLS = sorted(
    set(FaultKind)
    - EVENTS
    - {FaultKind.STREAM_MUTE, FaultKind.OLD_SOCKET, FaultKind.MARKET_GAP}
)


async def pass_time(hosted):
    """Let the venue's time run, as fast as the calls come."""
    while True:
        await hosted.clock.advance(0.05)
        hosted.site.tick()
        await asyncio.sleep(0)


async def outcome(calling):
    """Return done, refused or unknown."""
    try:
        reply = await calling
    except (aiohttp.ClientError, ValueError):
        return "unknown", None
    try:
        body = reply.json
    except ValueError:
        return "unknown", None
    if reply.status == 200:
        return "done", body
    return ("refused" if body["code"] in REFUSED else "unknown"), body


@pytest.mark.parametrize("seed", range(4))
async def test_what_is_said_of_an_order_is_what_became_of_it(
    host_face, binance_client, seed
):
    hosted = await host_face("binance", still=True)
    client = binance_client(hosted)
    chance = random.Random(seed)
    clock = asyncio.create_task(pass_time(hosted))
    said = {}
    try:
        for number in range(60):
            kind = chance.choice(CALLS)
            await hosted.arm(kind)
            if chance.random() < 0.5:
                await hosted.house("sell", "100", "0.06")
            name = f"order-{number}"
            said[name], placed = await outcome(
                client.place(
                    newClientOrderId=name,
                    quantity=chance.choice(("0.1", "0.1", "0.000001")),
                    price=chance.choice(("100", "90")),
                )
            )
            if placed is not None and said[name] == "done" and chance.random() < 0.5:
                named = {"symbol": "BTCUSDT", "origClientOrderId": name}
                await outcome(client.call("DELETE", "/api/v3/order", **named))
            await hosted.admin("DELETE", "/faults")
            await hosted.clock.advance(130)
        clock.cancel()
        truth = await hosted.truth()
        at_venue = {it["client_order_id"] for it in truth["orders"]}
        for name, word in said.items():
            assert word == "unknown" or (word == "done") == (name in at_venue), (name, word)
        assert set(said.values()) == {"done", "refused", "unknown"}
        seen, first = [], 0
        while page := (
            await client.call("GET", "/api/v3/myTrades", symbol="BTCUSDT", fromId=first)
        ).json:
            seen += [str(it["id"]) for it in page]
            first = page[-1]["id"] + 1
        assert seen == [it["execution_id"] for it in truth["fills"]]
        for order in truth["orders"]:
            named = {"symbol": "BTCUSDT", "orderId": order["id"]}
            told = (await client.call("GET", "/api/v3/order", **named)).json
            assert told["clientOrderId"] == order["client_order_id"]
            assert Decimal(told["executedQty"]) == Decimal(order["cumulative_quantity"])
    finally:
        clock.cancel()

"""What others do with a tick: from bare sockets up to ccxt. See `tick_to_order.py`."""

from __future__ import annotations

import asyncio
import sys
from typing import Any

import msgspec


class Order(msgspec.Struct):
    op: str
    id: int
    client_order_id: str
    symbol: str
    side: str
    type: str
    quantity: str
    limit_price: str
    time_in_force: str


class Tick(msgspec.Struct):
    type: str
    bids: list[tuple[str, str]] = []
    asks: list[tuple[str, str]] = []


def order_for(tick: Tick, number: int) -> Order:
    return Order(
        op="order.submit",
        id=number,
        client_order_id=f"b-{number}",
        symbol="BTC/USDT",
        side="buy",
        type="limit",
        quantity="0.01",
        limit_price=tick.asks[1][0],
        time_in_force="IOC",
    )


SUBSCRIBE = b'{"op":"subscribe","id":0,"channels":["book"],"symbols":["BTC/USDT"]}'


def tell_ready() -> None:
    print("ready", flush=True)


async def until_stdin_closes(*trading: asyncio.Task[None]) -> None:
    """Wait for the end, or for a task that failed, which is then told."""
    closed = asyncio.ensure_future(asyncio.to_thread(sys.stdin.read))
    await asyncio.wait({closed, *trading}, return_when=asyncio.FIRST_COMPLETED)
    for task in trading:
        if task.done():
            await task
        task.cancel()


async def bare(port: int) -> None:
    order = b'{"op":"order.submit","quantity":"0.01","limit_price":"60003.00"}\n'

    class Echo(asyncio.Protocol):
        def connection_made(self, transport: Any) -> None:
            self.transport = transport
            transport.write(b"BARE\n")

        def data_received(self, data: bytes) -> None:
            self.transport.write(order)

    loop = asyncio.get_running_loop()
    await loop.create_connection(Echo, "127.0.0.1", port)
    tell_ready()
    await until_stdin_closes()


async def aiohttp_websocket(port: int) -> None:
    import aiohttp

    decode, encode = msgspec.json.Decoder(Tick).decode, msgspec.json.encode
    url = f"ws://127.0.0.1:{port}/v1/stream"

    async def trade(market: Any, entry: Any) -> None:
        number = 0
        async for message in market:
            tick = decode(message.data)
            if tick.type == "book" and len(tick.asks) == 2:
                number += 1
                await entry.send_str(encode(order_for(tick, number)).decode())

    async def drain(entry: Any) -> None:
        async for _ in entry:
            pass

    async with (
        aiohttp.ClientSession() as session,
        session.ws_connect(url) as market,
        session.ws_connect(url) as entry,
    ):
        await market.send_str(SUBSCRIBE.decode())
        tasks = [asyncio.create_task(trade(market, entry))]
        tasks.append(asyncio.create_task(drain(entry)))
        tell_ready()
        await until_stdin_closes(*tasks)


async def picows_websocket(port: int) -> None:
    import picows

    decode, encode = msgspec.json.Decoder(Tick).decode, msgspec.json.encode
    url = f"ws://127.0.0.1:{port}/v1/stream"

    entry, _ = await picows.ws_connect(picows.WSListener, url)

    class Market(picows.WSListener):
        number = 0

        def on_ws_frame(self, transport: Any, frame: Any) -> None:
            if frame.msg_type != picows.WSMsgType.TEXT:
                return
            tick = decode(frame.get_payload_as_memoryview())
            if tick.type == "book" and len(tick.asks) == 2:
                self.number += 1
                entry.send(picows.WSMsgType.TEXT, encode(order_for(tick, self.number)))

    market, _ = await picows.ws_connect(Market, url)
    market.send(picows.WSMsgType.TEXT, SUBSCRIBE)
    tell_ready()
    await until_stdin_closes()


async def ccxt_http(port: int) -> None:
    import aiohttp
    import ccxt.async_support as ccxt

    url = f"http://127.0.0.1:{port}"
    exchange = ccxt.binance({"apiKey": "k", "secret": "s", "enableRateLimit": False})
    exchange.urls["api"] = dict.fromkeys(exchange.urls["api"], f"{url}/v1")
    market = {
        "id": "BTCUSDT",
        "symbol": "BTC/USDT",
        "base": "BTC",
        "quote": "USDT",
        "baseId": "BTC",
        "quoteId": "USDT",
        "type": "spot",
        "spot": True,
        "margin": False,
        "swap": False,
        "future": False,
        "option": False,
        "contract": False,
        "linear": False,
        "inverse": False,
        "active": True,
        "precision": {"amount": 1e-05, "price": 0.01},
        "limits": {"amount": {}, "price": {}, "cost": {}},
        "info": {"orderTypes": ["LIMIT"], "timeInForce": ["IOC"]},
    }
    exchange.set_markets([market])
    decode = msgspec.json.Decoder(Tick).decode

    async def trade(stream: Any) -> None:
        async for message in stream:
            tick = decode(message.data)
            if tick.type == "book" and len(tick.asks) == 2:
                price = float(tick.asks[1][0])
                await exchange.create_order(
                    "BTC/USDT", "limit", "buy", 0.01, price, {"timeInForce": "IOC"}
                )

    try:
        async with (
            aiohttp.ClientSession() as session,
            session.ws_connect(f"ws://127.0.0.1:{port}/v1/stream") as stream,
        ):
            await stream.send_str(SUBSCRIBE.decode())
            trading = asyncio.create_task(trade(stream))
            tell_ready()
            await until_stdin_closes(trading)
    finally:
        await exchange.close()

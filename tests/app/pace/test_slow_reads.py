"""Where signed calls go one at a time, no slow read holds up what trades."""

import asyncio

import aiohttp
import pytest

from crossdock.errors import Unreachable
from crossdock.model import OrderStatus

SLOW_S = 9.0


@pytest.mark.parametrize("face", ["kraken", "gemini", "bitfinex"])
def test_a_cancel_behind_a_read_that_hangs_is_sent_within_moments(at_face, face):
    async def body(at):
        await at.user.book("BTC/USD", timeout_s=60)
        order = await at.user.buy("BTC/USD", 1, limit=95)
        while order.status != OrderStatus.NEW:
            await asyncio.sleep(0.1)
        await asyncio.sleep(60)  # until there is room for a read again
        fault = {"venue": at.name, "kind": "request_late", "operation": "read"}
        async with (
            aiohttp.ClientSession() as http,
            http.post(
                f"{at.sandbox.admin_url}/faults", json=fault | {"seconds": SLOW_S}
            ) as reply,
        ):
            assert reply.status == 200, await reply.text()
        reading = asyncio.ensure_future(at.gateway.adapter.balances())
        await asyncio.sleep(0.5)
        loop = asyncio.get_running_loop()
        began_s = loop.time()
        order.cancel()
        await order.done(timeout_s=60)
        assert order.status == OrderStatus.CANCELED
        assert loop.time() - began_s < 3.0
        with pytest.raises(Unreachable, match="given up"):
            await reading

    at_face(face, body)

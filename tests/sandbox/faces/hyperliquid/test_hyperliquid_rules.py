"""What Hyperliquid documents, asked call by call on a clock that stands still."""

import itertools
import json

import coincurve
import pytest

from crossdock.sandbox.faces.hyperliquid.signing.action import action_hash
from crossdock.sandbox.faces.hyperliquid.signing.keccak import keccak256

DAY_MS = 86_400_000
DOMAIN = keccak256(
    keccak256(
        b"EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    )
    + keccak256(b"Exchange")
    + keccak256(b"1")
    + (1337).to_bytes(32, "big")
    + bytes(32)
)


class Wallet:
    """Signs and sends, as the documentation says."""

    def __init__(self, hosted, address, key):
        self.hosted, self.address = hosted, address
        self._key = coincurve.PrivateKey(bytes.fromhex(key.removeprefix("0x")))
        self._numbers = itertools.count()

    def now_ms(self):
        return self.hosted.clock.time_ns() // 10**6

    def signed(self, action, *, nonce=None, expires=None, source=b"a"):
        nonce = self.now_ms() + next(self._numbers) if nonce is None else nonce
        hashed = action_hash(action, nonce, None, expires)
        agent = keccak256(b"Agent(string source,bytes32 connectionId)")
        agent = keccak256(agent + keccak256(source) + hashed)
        made = self._key.sign_recoverable(
            keccak256(b"\x19\x01" + DOMAIN + agent), hasher=None
        )
        signature = {"r": "0x" + made[:32].hex(), "s": "0x" + made[32:64].hex()}
        body = {"action": action, "nonce": nonce, "signature": signature}
        signature["v"] = 27 + made[64]
        return body | ({} if expires is None else {"expiresAfter": expires})

    async def post(self, path, body):
        data = body if isinstance(body, bytes) else json.dumps(body).encode()
        async with self.hosted.session.post(self.hosted.url + path, data=data) as reply:
            text = await reply.text()
            return reply.status, json.loads(text) if reply.status == 200 else text

    async def act(self, action, **more):
        status, told = await self.post("/exchange", self.signed(action, **more))
        assert status == 200, told
        return told

    async def place(self, **changed):
        told = await self.act(orders(**changed))
        [status] = told["response"]["data"]["statuses"]
        return status

    async def info(self, kind, **fields):
        return await self.post("/info", {"type": kind, **fields})


def orders(**changed):
    order = {"a": 0, "b": True, "p": "100", "s": "1", "r": False}
    order |= {"t": {"limit": {"tif": "Gtc"}}} | changed
    return {"type": "order", "orders": [order], "grouping": "na"}


@pytest.fixture
async def wallet(host_face, main_wallet):
    return Wallet(await host_face("hyperliquid", still=True), *main_wallet)


async def test_a_nonce_is_good_once_and_near_the_time(wallet):
    now_ms = wallet.now_ms()
    assert (await wallet.act(orders(), nonce=now_ms))["status"] == "ok"
    for nonce in (now_ms, now_ms - 2 * DAY_MS - 1, now_ms + DAY_MS + 1):
        told = await wallet.act(orders(), nonce=nonce)
        assert told["status"] == "err" and "nonce" in told["response"]
    for nonce in (now_ms - 2 * DAY_MS, now_ms + DAY_MS):
        assert (await wallet.act(orders(), nonce=nonce))["status"] == "ok"


async def test_a_hundred_nonces_are_kept_and_none_below_them_is_good(wallet):
    now_ms = wallet.now_ms()
    noop = {"type": "updateLeverage", "asset": 0, "isCross": True, "leverage": 5}
    for nonce in range(now_ms, now_ms + 100):
        assert (await wallet.act(noop, nonce=nonce))["status"] == "ok"
    assert (await wallet.act(noop, nonce=now_ms - 1))["status"] == "err"
    assert (await wallet.act(noop, nonce=now_ms + 100))["status"] == "ok"


async def test_an_action_ends_when_it_says(wallet):
    now_ms = wallet.now_ms()
    assert (await wallet.act(orders(), expires=now_ms))["status"] == "ok"
    told = await wallet.act(orders(), expires=now_ms - 1)
    assert told == {"status": "err", "response": "Action expired"}


async def test_an_action_for_the_test_net_is_signed_by_nobody(wallet):
    told = await wallet.act(orders(), source=b"b")
    assert told["status"] == "err"
    assert told["response"].startswith("User or API Wallet 0x")
    assert told["response"].endswith(" does not exist.")


async def test_a_signature_of_other_bytes_lets_nobody_in(wallet):
    body = wallet.signed(orders())
    body["action"]["orders"][0]["s"] = "2"
    _, told = await wallet.post("/exchange", body)
    assert "does not exist" in told["response"]
    assert (await wallet.hosted.truth())["orders"] == []


async def test_a_batch_is_answered_one_by_one(wallet):
    action = orders()
    [good] = action["orders"]
    action["orders"] = [good, {**good, "p": "100.05"}, {**good, "a": 7}, good]
    told = await wallet.act(action)
    first, tick, asset, last = told["response"]["data"]["statuses"]
    assert tick == {"error": "Price must be divisible by tick size. asset=0"}
    assert asset == {"error": "Asset 7 does not exist"}
    assert last["resting"]["oid"] > first["resting"]["oid"]


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"s": "0.01"}, "Order must have minimum value of $10. asset=0"),
        (
            {"a": 10_000, "s": "0.01"},
            "Order must have minimum value of 10 USDC. asset=10000",
        ),
        ({"s": "0.000001"}, "Order has invalid size. asset=0"),
        ({"p": "12345.6"}, "Price must be divisible by tick size. asset=0"),
        ({"r": True}, "Reduce only order would increase position. asset=0"),
        ({"s": "900", "p": "50000"}, "Insufficient margin to place order. asset=0"),
        (
            {"t": {"limit": {"tif": "Ioc"}}},
            "Order could not immediately match against any resting orders. asset=0",
        ),
    ],
)
async def test_orders_are_refused_in_documented_words(wallet, changed, words):
    assert await wallet.place(**changed) == {"error": words}


async def test_what_is_done_cannot_be_cancelled(wallet):
    placed = await wallet.place()
    cancel = {"type": "cancel", "cancels": [{"a": 0, "o": placed["resting"]["oid"]}]}
    told = await wallet.act(cancel)
    assert told["response"] == {"type": "cancel", "data": {"statuses": ["success"]}}
    told = await wallet.act(cancel)
    [again] = told["response"]["data"]["statuses"]
    never = "Order was never placed, already canceled, or filled. asset=0"
    assert again == {"error": never}


async def test_an_ioc_order_that_met_nobody_is_told_as_refused(wallet):
    cloid = "0x" + "1f" * 16
    await wallet.place(c=cloid, t={"limit": {"tif": "Ioc"}})
    _, told = await wallet.info("orderStatus", user=wallet.address, oid=cloid)
    assert told["order"]["status"] == "iocCancelRejected"
    [held] = (await wallet.hosted.truth())["orders"]
    assert held["status"] == "Rejected"


@pytest.mark.parametrize(
    "body",
    [
        b"no json",
        {"type": "nothing known"},
        {"type": "l2Book", "coin": "NONE"},
        {"type": "orderStatus", "user": "0x1"},
        {"type": "userFillsByTime", "user": "0x1"},
    ],
)
async def test_a_body_of_another_shape_is_refused(wallet, body):
    status, words = await wallet.post("/info", body)
    assert (status, words) == (
        422,
        "Failed to deserialize the JSON body into the target type",
    )


async def test_an_address_nobody_has_has_nothing(wallet):
    nobody = "0x" + "00" * 20
    for kind in ("openOrders", "userFills", "historicalOrders"):
        assert await wallet.info(kind, user=nobody) == (200, [])
    assert await wallet.info("spotClearinghouseState", user=nobody) == (
        200,
        {"balances": []},
    )
    _, told = await wallet.info("clearinghouseState", user=nobody)
    assert (told["withdrawable"], told["assetPositions"]) == ("0.0", [])
    _, told = await wallet.info("orderStatus", user=nobody, oid=1)
    assert told == {"status": "unknownOid"}


async def test_calls_too_heavy_for_a_minute_are_refused(host_face, main_wallet):
    hosted = await host_face("hyperliquid", still=True, limits={"weight_per_minute": 22})
    wallet = Wallet(hosted, *main_wallet)
    assert (await wallet.info("exchangeStatus"))[0] == 200
    assert (await wallet.info("meta"))[0] == 200
    assert (await wallet.info("exchangeStatus"))[0] == 429
    await hosted.clock.advance(60)
    assert (await wallet.info("exchangeStatus"))[0] == 200


async def test_requests_are_earned_by_trading(host_face, main_wallet):
    hosted = await host_face("hyperliquid", still=True, limits={"requests_at_first": 1})
    wallet = Wallet(hosted, *main_wallet)
    placed = await wallet.place()
    told = await wallet.act(orders())
    assert told["response"].startswith("Too many cumulative requests sent (2 > 1) for")
    cancel = {"type": "cancel", "cancels": [{"a": 0, "o": placed["resting"]["oid"]}]}
    assert (await wallet.act(cancel))["status"] == "ok", "cancels have a limit of their own"
    await hosted.clock.advance(10)
    assert (await wallet.act(orders()))["status"] == "ok", "one in ten seconds goes through"
    await hosted.house("sell", "100", "1", "BTC/USDC:USDC")
    assert (await wallet.act(orders()))["status"] == "ok", "a hundred dollars were traded"


async def test_a_stream_answers_pings_and_refuses_what_it_does_not_know(wallet):
    url = f"{wallet.hosted.ws}/ws"
    async with wallet.hosted.session.ws_connect(url) as socket:
        await socket.send_json({"method": "ping"})
        assert await socket.receive_json() == {"channel": "pong"}
        book = {"type": "l2Book", "coin": "BTC"}
        for channel in ("subscriptionResponse", "error"):
            await socket.send_json({"method": "subscribe", "subscription": book})
            assert (await socket.receive_json())["channel"] == channel
        await socket.send_json({"method": "subscribe", "subscription": {"type": "x"}})
        told = await socket.receive_json()
        assert told["data"].startswith("Error parsing JSON into valid websocket request")


async def test_a_subscription_hears_of_its_own_account_alone(wallet):
    url = f"{wallet.hosted.ws}/ws"
    stranger = "0x" + "00" * 20
    async with wallet.hosted.session.ws_connect(url) as socket:
        for user in (stranger, wallet.address.upper().replace("X", "x")):
            asked = {"type": "orderUpdates", "user": user}
            await socket.send_json({"method": "subscribe", "subscription": asked})
            told = await socket.receive_json()
            assert told["data"]["subscription"] == asked
        await wallet.hosted.house("sell", "120", "1", "BTC/USDC:USDC")
        placed = await wallet.place()
        told = await socket.receive_json()
    [row] = told["data"]
    assert (told["channel"], row["status"]) == ("orderUpdates", "open")
    assert row["order"]["oid"] == placed["resting"]["oid"]
    assert "orderType" not in row["order"], "the stream tells the basics of an order"


async def test_faults_tell_actions_apart_by_what_the_body_asks(wallet):
    await wallet.hosted.arm("server_error", operation="cancel", account="main")
    placed = await wallet.place()
    cancel = {"type": "cancel", "cancels": [{"a": 0, "o": placed["resting"]["oid"]}]}
    assert (await wallet.post("/exchange", wallet.signed(cancel)))[0] == 503
    assert (await wallet.act(cancel))["response"]["data"]["statuses"] == ["success"]
    await wallet.hosted.arm("reply_lost_after", operation="submit", account="other")
    assert "resting" in await wallet.place(), "a fault of another account"
    assert (await wallet.hosted.hits()).get("reply_lost_after", 0) == 0


async def test_a_revoked_wallet_is_told_as_unknown(wallet):
    await wallet.hosted.arm("key_revoked", operation="write", seconds=1)
    told = await wallet.act(orders())
    assert told["status"] == "err" and "User or API Wallet 0x" in told["response"]
    await wallet.hosted.clock.advance(2)
    assert (await wallet.act(orders()))["status"] == "ok"

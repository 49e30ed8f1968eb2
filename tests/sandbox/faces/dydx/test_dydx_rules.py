"""dYdX's own rules of transactions, told by transactions that are written by hand."""

import asyncio

import pytest

OK = ("", 0)
BTC = "BTC/USDC:USDC"


def clob(code):
    return ("clob", code)


def sdk(code):
    return ("sdk", code)


async def statuses(wallet):
    _, rows = await wallet.read("/v4/orders", address=wallet.owner, subaccountNumber=0)
    return {int(it["clientId"]): it["status"] for it in rows}


async def test_a_signed_order_rests_and_a_signed_cancel_ends_it(wallet):
    assert await wallet.place(4_000_000_000) == OK
    assert await statuses(wallet) == {4_000_000_000: "OPEN"}
    await wallet.hosted.clock.advance(0.1)
    assert await wallet.cancel(4_000_000_000) == OK
    assert await statuses(wallet) == {4_000_000_000: "CANCELED"}


async def test_what_another_key_signed_is_refused(wallet, wallet_of):
    stranger = wallet_of(wallet.hosted, secret="11" * 32)
    assert await stranger.place(1) == sdk(8)
    raw = stranger.signed("/dydxprotocol.clob.MsgPlaceOrder", b"")
    assert await stranger.broadcast(raw) == sdk(9), "an order without an owner"
    nobody = wallet_of(wallet.hosted, owner="dydx1nobody")
    assert await nobody.place(1) == sdk(9)
    assert await statuses(wallet) == {}


async def test_a_signature_is_for_one_chain_and_one_account(wallet, wallet_of):
    elsewhere = wallet_of(wallet.hosted, chain="dydx-testnet-4")
    assert await elsewhere.place(1) == sdk(4)
    raw = wallet.signed("/dydxprotocol.clob.MsgCancelOrder", b"", account_number=2)
    assert await wallet.broadcast(raw) == sdk(9)
    assert await statuses(wallet) == {}


@pytest.mark.parametrize("place", range(0, 240, 12))
async def test_a_transaction_that_was_touched_is_not_let_in(wallet, place):
    kept = wallet.broadcast

    async def touched(raw):
        at = place % len(raw)
        return await kept(raw[:at] + bytes([raw[at] ^ 1]) + raw[at + 1 :])

    wallet.broadcast = touched
    assert await wallet.place(1) != OK
    assert await statuses(wallet) == {}


async def test_bytes_that_are_no_transaction_are_told_so(wallet):
    assert await wallet.broadcast(b"\xff\xff") == sdk(2)
    assert await wallet.send("/cosmos.bank.v1beta1.MsgSend", b"") == sdk(9)


async def test_a_time_numbers_one_transaction_within_half_a_minute(wallet):
    now_ms = wallet.now_ms
    assert await wallet.place(1, number=now_ms) == OK
    assert await wallet.place(2, number=now_ms) == sdk(32)
    assert await wallet.place(2, number=now_ms - 30_001) == sdk(32)
    assert await wallet.place(2, number=now_ms + 30_001) == sdk(32)
    assert await wallet.place(2, number=now_ms - 30_000) == OK
    assert set(await statuses(wallet)) == {1, 2}


async def test_an_order_that_is_refused_uses_no_number_up(wallet):
    now_ms = wallet.now_ms
    assert await wallet.place(1, number=now_ms, _3=0) == clob(4)
    assert await wallet.place(1, number=now_ms) == OK


async def test_of_many_numbers_the_lowest_make_way(host_face, wallet_of):
    wide = {"stateful_per_block": 100, "stateful_per_100_blocks": 100}
    wallet = wallet_of(await host_face("dydx", still=True, limits=wide))
    now_ms = wallet.now_ms
    for step in range(20):
        assert await wallet.place(step, number=now_ms + 2 * step) == OK
    assert await wallet.place(100, number=now_ms - 1) == sdk(32), "below all of them"
    assert await wallet.place(100, number=now_ms + 100) == OK
    assert await wallet.place(101, number=now_ms) == sdk(32), "it made way"
    assert await wallet.place(101, number=now_ms + 1) == sdk(32), "below the lowest"


async def test_a_small_number_is_the_accounts_next(wallet):
    for number in (0, 1):
        assert await wallet.place(10 + number, number=number + 1) == sdk(32)
        assert await wallet.place(10 + number, number=number) == OK
    path = f"/cosmos/auth/v1beta1/account_info/{wallet.owner}"
    _, told = await wallet.read(path)
    assert (told["info"]["sequence"], told["info"]["account_number"]) == ("2", "1")


async def test_a_short_term_order_needs_no_number_and_lives_for_blocks(wallet):
    until = wallet.height + 2
    resting = {"flags": 0, "until": until, "_7": None}
    assert await wallet.place(1, number=5, **resting) == OK
    assert await statuses(wallet) == {1: "OPEN"}
    await wallet.hosted.clock.advance(2)
    wallet.hosted.site.host.tick()
    assert await statuses(wallet) == {1: "OPEN"}, "its last block is not over"
    await wallet.hosted.clock.advance(1)
    wallet.hosted.site.host.tick()
    assert await statuses(wallet) == {1: "CANCELED"}


@pytest.mark.parametrize(
    ("ahead", "code"), [(0, 10), (1, 0), (41, 0), (42, 11)], ids=lambda it: str(it)
)
async def test_a_block_to_be_good_until_is_next_to_forty_behind(wallet, ahead, code):
    found = await wallet.place(1, flags=0, until=wallet.height + ahead)
    assert found == (clob(code) if code else OK)


@pytest.mark.parametrize(
    ("ahead", "code"), [(0, 3003), (1, 0), (95 * 86_400, 0), (95 * 86_400 + 1, 3004)]
)
async def test_a_time_to_be_good_until_is_at_most_95_days_away(wallet, ahead, code):
    found = await wallet.place(1, until=wallet.now_ms // 1000 + ahead)
    assert found == (clob(code) if code else OK)


REFUSED = [
    ({"_2": 0}, 3),
    ({"_3": 0}, 4),
    ({"_4": 0}, 6),
    ({"_3": 10**10 + 1}, 12),
    ({"_4": 100 * 10**3 + 1}, 12),
    ({"_7": 3}, 48),
    ({"_7": 4}, 44),
    ({"_7": 1}, 3002),
    ({"flags": 7}, 3000),
    ({"_8": 1}, 9003),
    ({"_10": 1}, 6000),
    ({"_11": 5}, 6001),
    ({"flags": 32, "_11": 90 * 10**3}, 6000),
    ({"flags": 32, "_10": 1}, 6001),
    ({"_6": (0,)}, 3001),
    ({"flags": 0, "until": 0, "_5": None}, 5),
    ({"_3": 10**16}, 3007),
    ({"flags": 0, "_2": 2, "_8": 1}, 2001),
]


@pytest.mark.parametrize(("changed", "code"), REFUSED, ids=lambda it: str(it))
async def test_an_order_is_refused_by_the_chains_code(wallet, changed, code):
    assert await wallet.place(1, **changed) == clob(code)
    assert await statuses(wallet) == {}


async def test_markets_and_subaccounts_that_are_not_there_are_refused(wallet):
    assert await wallet.place(1, _1=wallet.order_id(1, pair=9)) == clob(8)
    assert await wallet.place(1, _1=wallet.order_id(1, subaccount=3)) == clob(3007)


async def test_an_open_orders_id_is_refused_until_it_is_done(wallet):
    now_ms = wallet.now_ms
    assert await wallet.place(1, number=now_ms) == OK
    assert await wallet.place(1, number=now_ms + 1) == clob(3005)
    assert await wallet.cancel(1, number=now_ms + 2) == OK
    assert await wallet.cancel(1, number=now_ms + 3) == clob(3006)
    await wallet.hosted.clock.advance(1)
    assert await wallet.place(1) == OK
    assert await statuses(wallet) == {1: "OPEN"}


async def test_a_cancel_is_good_for_as_long_as_its_order(wallet):
    now_ms = wallet.now_ms
    until = now_ms // 1000 + 600
    assert await wallet.place(1, number=now_ms, until=until) == OK
    assert await wallet.cancel(1, number=now_ms + 1, until=until - 1) == clob(29)
    assert await wallet.cancel(1, number=now_ms + 1, until=until) == OK


@pytest.mark.parametrize("is_packed", [True, False])
async def test_a_batch_cancels_short_term_orders_of_one_market(wallet, is_packed):
    resting = {"flags": 0, "_7": None}
    for ours in (1, 2, 300):
        assert await wallet.place(ours, **resting) == OK
    kind = "/dydxprotocol.clob.MsgBatchCancel"
    told = wallet.batch((1, 300, 9), until=wallet.height + 5, is_packed=is_packed)
    assert await wallet.send(kind, told) == OK
    assert await statuses(wallet) == {1: "CANCELED", 2: "OPEN", 300: "CANCELED"}
    late = wallet.batch((2,), until=wallet.height + 60, is_packed=is_packed)
    assert await wallet.send(kind, late) == clob(11)
    assert (await statuses(wallet))[2] == "OPEN"


async def test_a_filled_immediate_order_is_not_filled_twice(wallet):
    await wallet.hosted.house("sell", "100", "1.5", BTC)
    assert await wallet.place(1, flags=0) == OK
    assert await wallet.place(1, flags=0) == clob(24)
    assert await wallet.place(2, flags=0) == OK
    assert await wallet.place(2, flags=0) == clob(2004)
    assert await statuses(wallet) == {1: "FILLED", 2: "CANCELED"}
    truth = await wallet.hosted.truth()
    assert [it["quantity"] for it in truth["fills"]] == ["1", "0.5"]


async def test_a_block_takes_two_stateful_orders_and_a_hundred_take_twenty(wallet):
    taken = 0
    for step in range(40):
        now_ms = wallet.now_ms
        found = [await wallet.place(3 * step + it, number=now_ms + it) for it in range(3)]
        taken += found.count(OK)
        assert set(found) <= {OK, clob(5001)}
        assert found.count(OK) <= 2
        await wallet.hosted.clock.advance(1)
    assert taken == 20


async def test_the_indexer_tells_its_limit_and_when_to_ask_again(host_face, wallet_of):
    wallet = wallet_of(await host_face("dydx", still=True, limits={"reads_10s": 3}))
    url = f"{wallet.hosted.url}/v4/time"
    for left in ("2", "1", "0"):
        async with wallet.hosted.session.get(url) as reply:
            assert (reply.status, reply.headers["RateLimit-Remaining"]) == (200, left)
    await wallet.hosted.clock.advance(4)
    async with wallet.hosted.session.get(url) as reply:
        assert reply.status == 429
        assert reply.headers["Retry-After"] == "6000", "in milliseconds"
        assert await reply.json() == {"errors": [{"msg": "Too many requests"}]}
    await wallet.hosted.clock.advance(6)
    assert (await wallet.read("/v4/time"))[0] == 200


async def test_height_follows_the_clock(wallet):
    before = wallet.height
    _, told = await wallet.read("/v4/height")
    assert int(told["height"]) == before
    await wallet.hosted.clock.advance(7)
    _, told = await wallet.read("/v4/height")
    assert int(told["height"]) == before + 7
    _, info = await wallet.read("/abci_info")
    assert info["result"]["response"]["last_block_height"] == told["height"]


MISSING = [
    ("/v4/orders/0f9da948-a6fb-4c45-9edc-4685c3f3317d", {}, 404),
    ("/v4/orderbooks/perpetualMarket/NO-USD", {}, 404),
    ("/v4/addresses/dydx1nobody", {}, 404),
    ("/v4/addresses/dydx1nobody/subaccountNumber/0", {}, 404),
    ("/v4/candles/perpetualMarkets/BTC-USD", {"resolution": "7MIN"}, 400),
    ("/v4/trades/perpetualMarket/BTC-USD", {"limit": 1001}, 400),
    ("/v4/fills", {"subaccountNumber": 0}, 400),
]


@pytest.mark.parametrize(("path", "params", "status"), MISSING)
async def test_what_is_not_there_is_told_by_errors(wallet, path, params, status):
    found, told = await wallet.read(path, **params)
    assert found == status
    assert told["errors"][0]["msg"]


async def test_fills_come_newest_first_or_by_the_page(wallet):
    await wallet.hosted.house("sell", "100", "5", BTC)
    for ours in range(3):
        await wallet.hosted.clock.advance(1)
        assert await wallet.place(ours, flags=0) == OK
    asked = {"address": wallet.owner, "subaccountNumber": 0, "limit": 2}
    _, newest = await wallet.read("/v4/fills", **asked)
    _, before = await wallet.read(
        "/v4/fills", **asked, createdBeforeOrAt=newest["fills"][-1]["createdAt"]
    )
    _, paged = await wallet.read("/v4/fills", **asked, page=2)
    truth = [it["execution_id"] for it in (await wallet.hosted.truth())["fills"]]
    assert [it["id"] for it in newest["fills"]] == truth[:0:-1]
    assert [it["id"] for it in before["fills"]] == truth[1::-1]
    assert [it["id"] for it in paged["fills"]] == truth[2:]
    assert (paged["totalResults"], paged["offset"]) == (3, 2)


async def test_a_subaccounts_channel_tells_orders_fills_and_money(wallet):
    await wallet.hosted.house("sell", "100", "1", BTC)
    name = f"{wallet.owner}/0"
    async with wallet.hosted.session.ws_connect(f"{wallet.hosted.ws}/v4/ws") as socket:
        frames = [(await socket.receive_json())]
        asked = {"type": "subscribe", "channel": "v4_subaccounts", "id": name}
        await socket.send_json(asked)
        begun = await socket.receive_json()
        assert begun["contents"]["subaccount"]["equity"] == "100000"
        assert await wallet.place(9, flags=0) == OK
        await wallet.hosted.act("deposit", account="main", asset="USDC", amount="5")
        await socket.send_json({**asked, "type": "unsubscribe"})
        frames.append(begun)
        while frames[-1]["type"] != "unsubscribed":
            frames.append(await socket.receive_json())
        assert [it["message_id"] for it in frames] == list(range(len(frames)))
        news = [it["contents"] for it in frames if it["type"] == "channel_data"]
        [fill] = [it["fills"][0] for it in news if "fills" in it]
        *_, order = [it["orders"][0] for it in news if "orders" in it]
        [moved] = [it["transfers"] for it in news if "transfers" in it]
    assert (fill["orderId"], fill["size"]) == (order["id"], "1")
    assert "fee" not in fill
    assert (order["status"], order["clientId"]) == ("FILLED", "9")
    assert (moved["type"], moved["size"]) == ("DEPOSIT", "5")


ODD = [
    ("[]", "could not parse"),
    ('{"channel": "v4_trades"}', "type is required"),
    ('{"type": "dance"}', "Invalid message type"),
    ('{"type": "subscribe", "channel": "v5"}', "Invalid channel"),
    ('{"type": "subscribe", "channel": "v4_trades", "id": "X"}', "Invalid subscription"),
    ('{"type": "subscribe", "channel": "v4_subaccounts", "id": "X/0"}', "Invalid subscr"),
]


@pytest.mark.parametrize(("text", "words"), ODD)
async def test_an_odd_message_is_answered_with_an_error(wallet, text, words):
    async with wallet.hosted.session.ws_connect(f"{wallet.hosted.ws}/v4/ws") as socket:
        await socket.receive()
        await socket.send_str(text)
        told = await socket.receive_json()
        assert told["type"] == "error"
        assert words in told["message"]
        assert socket.close_code is None


async def test_a_server_error_of_a_node_is_one_of_json_rpc(wallet):
    await wallet.hosted.arm("server_error_after", operation="submit")
    with pytest.raises(KeyError, match="result"):
        await wallet.place(1)
    assert await statuses(wallet) == {1: "OPEN"}


async def test_a_transaction_that_is_late_is_checked_when_it_arrives(wallet):
    await wallet.hosted.arm("request_late", operation="submit", seconds=70)
    placing = asyncio.ensure_future(wallet.place(1))
    while not placing.done():
        await asyncio.sleep(0)
        if (await wallet.hosted.hits()).get("request_late"):
            await wallet.hosted.clock.advance(70)
    assert placing.result() == sdk(32)
    assert await statuses(wallet) == {}

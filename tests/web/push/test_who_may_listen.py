import asyncio
import json

import pytest
import socketio
from aiohttp import ClientSession, WSMsgType, WSServerHandshakeError

from crossdock.errors import DeskError, RiskRefused
from crossdock.web.identity.roles import Access, Role
from crossdock.web.identity.routes import identity_part
from crossdock.web.push.part import push_part

WEBSOCKET = "/socket.io/?EIO=4&transport=websocket"
START = {"strategy": "sma", "symbols": ["BTC/USDT"], "brokers": ["alpha"], "use_ml": False}


async def test_a_session_cookie_lets_a_browser_in(serve, listen):
    site = await serve()
    client = await listen(site, headers={"Cookie": await site.cookie()})
    assert (await client.subscribe("status"))["ok"] is True


@pytest.mark.parametrize("auth", [None, {}, {"token": "cdk_wrong"}, {"token": 7}, "text"])
async def test_nobody_comes_in_without_a_session_or_a_key(serve, listen, auth):
    site = await serve()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await listen(site, auth=auth)
    assert site.push.clients == {}


async def test_a_key_that_is_none_is_not_helped_by_a_cookie(serve, listen):
    site = await serve()
    with pytest.raises(socketio.exceptions.ConnectionError):
        await listen(
            site, headers={"Cookie": await site.cookie()}, auth={"token": "cdk_wrong"}
        )


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "http://127.0.0.1:1"])
async def test_a_page_of_another_site_gets_no_socket(serve, origin):
    site = await serve()
    headers = {"Origin": origin, "Cookie": await site.cookie()}
    async with ClientSession(headers=headers) as session:
        with pytest.raises(WSServerHandshakeError) as refused:
            await session.ws_connect(site.url + WEBSOCKET)
        assert refused.value.status == 403
        polling = site.url + "/socket.io/?EIO=4&transport=polling"
        async with session.get(polling) as reply:
            assert reply.status == 403
            assert (await reply.json())["code"] == "csrf"


async def test_a_page_of_our_own_gets_one(serve):
    site = await serve()
    async with (
        ClientSession(headers={"Origin": site.url}) as session,
        session.ws_connect(site.url + WEBSOCKET) as opened,
    ):
        assert (await opened.receive_str()).startswith("0{")


async def test_the_address_people_type_counts_as_our_own(serve):
    site = await serve("dashboard.public_url=https://desk.example")
    async with (
        ClientSession(headers={"Origin": "https://desk.example"}) as session,
        session.ws_connect(site.url + WEBSOCKET) as opened,
    ):
        assert (await opened.receive_str()).startswith("0{")


async def test_a_key_that_may_only_push_hears_nothing(serve, listen):
    site = await serve()
    client = await listen(site, auth={"token": site.key(scopes=[Access.PUSH])})
    answer = await client.subscribe("orders", "platform:mine")
    assert [each["code"] for each in answer["refused"]] == ["forbidden", "forbidden"]
    assert site.desk.topics == ()


async def test_who_is_signed_out_is_let_go_at_the_next_look(serve, listen):
    site = await serve()
    client = await listen(site, headers={"Cookie": await site.cookie()})
    gone = asyncio.Event()
    client.io.on("disconnect", lambda *_: gone.set())
    await client.subscribe("status")
    (connected,) = site.push.clients.values()
    (session,) = await site.application.dashboard.kept.names("session:")
    await site.application.dashboard.kept.drop(session)
    assert await site.push._still(connected.sid) is None
    async with asyncio.timeout(10):
        await gone.wait()
    assert site.push.clients == {}
    assert site.desk.topics == ()


# ---- connections that nobody is in -----------------------------------------------------


class Hand:
    """A clock moved by hand."""

    def __init__(self):
        self.now_s = 0.0

    def __call__(self):
        return self.now_s


@pytest.fixture
def hand():
    return Hand()


@pytest.fixture
async def timed_site(serve, hand):
    return await serve(made_of=(identity_part, lambda it: push_part(it, hand)))


async def hung_up(opened):
    """Wait until a connection has been closed from the other side."""
    async with asyncio.timeout(10):
        while (await opened.receive()).type not in (WSMsgType.CLOSE, WSMsgType.CLOSED):
            pass


async def test_a_connection_by_which_nobody_comes_in_is_closed(timed_site, hand):
    site = timed_site
    async with ClientSession() as session, session.ws_connect(site.url + WEBSOCKET) as one:
        await one.receive_str()
        await site.push.show_out()
        hand.now_s = 19.0
        async with session.ws_connect(site.url + WEBSOCKET) as later:
            await later.receive_str()
            await site.push.show_out()
            assert len(site.push.server.eio.sockets) == 2
            hand.now_s = 20.0
            await site.push.show_out()
            await hung_up(one)
            assert len(site.push.server.eio.sockets) == 1
            hand.now_s = 39.0
            await site.push.show_out()
            await hung_up(later)
    assert site.push.server.eio.sockets == {}


async def test_a_poller_who_never_says_who_it_is_is_forgotten(timed_site, hand):
    site = timed_site
    polling = site.url + "/socket.io/?EIO=4&transport=polling"
    async with ClientSession() as session:
        async with session.get(polling) as reply:
            opened = json.loads((await reply.text())[1:])
        await site.push.show_out()
        hand.now_s = 20.0
        await site.push.show_out()
        async with session.get(f"{polling}&sid={opened['sid']}") as reply:
            assert reply.status == 400
    assert site.push.server.eio.sockets == {}


async def test_who_came_in_stays_however_long(timed_site, hand, listen):
    client = await listen(timed_site)
    for hand.now_s in (0.0, 19.0, 21.0, 1_000.0):
        await timed_site.push.show_out()
    assert (await client.subscribe("status"))["ok"] is True


# ---- starting and stopping -----------------------------------------------------------


async def test_a_trader_starts_a_strategy_in_their_own_name(serve, listen):
    site = await serve()
    site.desk.answers["start_trading"] = {"name": "sma", "state": "running"}
    client = await listen(site, headers={"Cookie": await site.cookie("tess")})
    answer = await client.io.call("start_trading", START)
    assert answer == {"ok": True, "result": {"name": "sma", "state": "running"}}
    ((op, args),) = site.desk.asked
    assert op == "start_trading"
    assert args == {**START, "params": {}, "by": "tess", "door": "dashboard"} | {
        name: value for name, value in args.items() if name == "portfolio"
    }


async def test_a_key_starts_no_strategy_where_a_repetition_would_begin_a_second(
    serve, listen
):
    site = await serve()
    site.desk.answers["start_trading"] = {"name": "sma", "state": "running"}
    client = await listen(site, auth={"token": site.key(scopes=[Access.TRADE])})
    answer = await client.io.call("start_trading", START)
    assert (answer["ok"], answer["error"]["code"]) == (False, "idempotency-key-missing")
    assert site.desk.asked == []


async def test_a_trader_stops_all_strategies(serve, listen):
    site = await serve()
    site.desk.answers["stop_trading"] = []
    client = await listen(site)
    assert await client.io.call("stop_trading") == {"ok": True, "result": []}
    assert site.desk.asked == [
        ("stop_trading", {"strategy": "", "by": "ann", "door": "api"})
    ]


@pytest.mark.parametrize("event", ["start_trading", "stop_trading"])
async def test_a_viewer_starts_and_stops_nothing(serve, listen, event):
    site = await serve()
    cookie = await site.cookie("vic", Role.VIEWER)
    client = await listen(site, headers={"Cookie": cookie})
    answer = await client.io.call(event, START)
    assert answer["ok"] is False
    assert answer["error"]["code"] == "forbidden"
    assert site.desk.asked == []


async def test_a_key_without_the_scope_starts_nothing(serve, listen):
    site = await serve()
    client = await listen(site, auth={"token": site.key(scopes=[Access.VIEW])})
    answer = await client.io.call("start_trading", START)
    assert answer["error"]["code"] == "forbidden"


@pytest.mark.parametrize(
    "asked", [{}, "sma", 7, [], {"strategy": "sma", "symbols": "BTC"}, {**START, "x": 1}]
)
async def test_what_cannot_be_meant_is_refused_in_words(serve, listen, asked):
    site = await serve()
    client = await listen(site)
    answer = await client.io.call("start_trading", asked)
    assert answer["error"]["code"] == "bad-argument"
    assert site.desk.asked == []


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (DeskError("away", code="desk-not-running"), "desk-not-running"),
        (RiskRefused([("trading", "it is off")]), "risk-refused"),
    ],
)
async def test_what_the_desk_refuses_is_told(serve, listen, error, code):
    site = await serve()
    site.desk.answers["start_trading"] = error
    client = await listen(site, headers={"Cookie": await site.cookie()})
    answer = await client.io.call("start_trading", START)
    assert (answer["ok"], answer["error"]["code"]) == (False, code)

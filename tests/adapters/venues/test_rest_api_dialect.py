"""A broker of another dialect: envelopes, its own words and codes, numbers, short replies."""

import json
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from aiohttp import web

from crossdock.adapters.venues.rest_api import manifest_of
from crossdock.adapters.venues.rest_api.venue import connect
from crossdock.conformance.rig import MemoryState
from crossdock.errors import (
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.model import (
    ContractKind,
    InstrumentId,
    Leg,
    Liquidity,
    OrderStatus,
    OrderType,
    Side,
    TimeInForce,
)
from crossdock.ports import CancelOrder, NewOrder, OrderRef, ReplaceOrder
from crossdock.toolkit import (
    AdapterContext,
    HealthRegistry,
    HttpPool,
    LiveClock,
    LiveIds,
    Masker,
    RateBudgets,
    read_settings,
)

D = Decimal
SECRET = "not-to-be-told"
BTC = InstrumentId("BTC/USDT@acme")

ACME = """
id = "acme"
name = "Acme"
docs_url = "https://example.org/api"
real_money = true
base_url = "{url}/api/{account_id}"
order_types = ["limit", "market"]
times_in_force = ["GTC"]
time_unit = "iso"

[settings.url]
help = "Where it is"
[settings.account_id]
help = "Which account"
[settings.token_secret]
help = "The token"

[auth]
scheme = "bearer"
token = "{token_secret}"
query = { ts = "{time:s}" }

[evidence]
client_id = "uint32"
lookup = "open_only"
uniqueness = "none"
retention_s = 60
arrival_horizon_s = 10
visibility_lag_s = 1
silence_s = 5

[refusals]
code = "code"
message = "msg"
ok = [0]
keys = [401]
too_many = [429]
unknown_order = [404]
[refusals.proven]
"12" = "https://example.org/api#errors"

[values]
side = { buy = "B", sell = "S" }
type = { limit = ["LMT", "LIMIT"], market = "MKT" }
status = { New = [1, 2], PartiallyFilled = 3, Filled = 4, Canceled = [5, 6] }
liquidity = { maker = true, taker = false }
contract = { spot = "cash", linear = "swap" }

[endpoints.instruments]
path = "/symbols"
signed = false
rows = "data.list"
only = { state = ["open", "halted"] }
[endpoints.submit]
method = "POST"
path = "/orders"
answer = "look_up"
[endpoints.submit.body]
legs = [{ instrument = "{symbol}", side = "{side}", kind = "{type}" }]
qty = "{quantity:number}"
terms = { price = "{limit_price:number}" }
tag = "{client_order_id}"
source = "api"
[[endpoints.cancel]]
method = "POST"
path = "/orders/cancel"
form = true
body = { ticket = "{venue_order_id}", symbol = "{symbol}" }
answer = "look_up"
[[endpoints.replace]]
method = "PATCH"
path = "/orders/{venue_order_id}"
rows = "data"
body = { qty = "{quantity:number}" }
[[endpoints.order_lookup]]
path = "/orders"
query = { symbol = "{symbol}" }
rows = "data"
page_size = 3
[endpoints.fill_history]
path = "/fills"
query = { from = "{cursor}", count = "{page_size}" }
rows = "data"
cursor = "no"
page_size = 2
[endpoints.balances]
path = "/balances"
rows = "data"
[endpoints.positions]
path = "/positions"
rows = "data"
[endpoints.server_time]
path = "/time"
time = { path = "data.0", unit = "s" }

[fields.instrument]
symbol = { text = "{coin.base}/{coin.quote}" }
code = "name"
kind = "class"
base = "coin.base"
quote = "coin.quote"
tick = { path = "digits", decimals = true }
quantity_step = "lot"
min_quantity = { path = "least", missing = "0" }
[fields.order]
venue_order_id = "ticket"
client_order_id = "tag"
symbol = "legs.0.instrument"
status = "state"
side = "legs.0.side"
type = "legs.0.kind"
quantity = "qty"
cumulative_quantity = { path = "done", default = "0" }
limit_price = { path = "terms.price", missing = "-1" }
time_in_force = { value = "GTC" }
venue_time = "at"
[fields.fill]
execution_id = "no"
venue_order_id = "ticket"
symbol = "name"
side = "side"
price = "px"
quantity = "qty"
fee = { path = "commission", negate = true }
fee_asset = { value = "USD" }
liquidity = "resting"
venue_time = "at"
[fields.balance]
asset = "ccy"
free = "free"
held = "locked"
[fields.position]
symbol = "name"
quantity = "qty"
side = "side"
settle = { value = "USDT" }
"""

SYMBOLS = [
    {
        "name": "BTCUSDT",
        "class": "cash",
        "coin": {"base": "BTC", "quote": "USDT"},
        "digits": 2,
        "lot": 0.001,
        "least": 0,
        "state": "open",
    },
    {
        "name": "XBTP",
        "class": "swap",
        "coin": {"base": "BTC", "quote": "USDT:USDT"},
        "digits": 1,
        "lot": 1,
        "least": 5,
        "state": "halted",
    },
    {"name": "OLD", "state": "delisted"},
]


class Acme:
    """Keeps what it was asked, and answers what it is told to."""

    def __init__(self):
        self.asked = []
        self.orders = []
        self.fills = []
        self.answers = {}  # by path: (status, body text)
        self.app = web.Application()
        self.app.router.add_route("*", "/{path:.*}", self._serve)

    async def _serve(self, request):
        body = await request.text()
        self.asked.append((request.method, request.raw_path, dict(request.headers), body))
        path = request.path.removeprefix("/api/a-1")
        if path in self.answers:
            status, text = self.answers[path]
            return web.Response(status=status, text=text, content_type="application/json")
        return web.Response(text=self._text(request, path, body), content_type="text/json")

    def _text(self, request, path, body):
        match path:
            case "/symbols":
                data = {"list": SYMBOLS}
            case "/time":
                data = [1_700_000_000]
            case "/balances":
                return '{"code":0,"data":[{"ccy":"BTC","free":0.1,"locked":0.20}]}'
            case "/positions":
                data = [{"name": "XBTP", "qty": 3, "side": "S"}]
            case "/fills":
                after = int(request.query.get("from", -1))
                count = int(request.query["count"])
                data = [it for it in self.fills if it["no"] > after][:count]
            case "/orders" if request.method == "POST":
                order = json.loads(body, parse_float=str)
                at = "2026-01-02T03:04:05.678901Z"
                order |= {"ticket": len(self.orders) + 7, "state": 1, "at": at}
                self.orders.append(order)
                data = None
            case "/orders":
                data = self.orders
            case "/orders/cancel":
                self.orders[-1]["state"] = 6
                return ""
            case _:
                data = {**self.orders[-1], "ticket": 99, "qty": json.loads(body)["qty"]}
        return json.dumps({"code": 0, "msg": "", "data": data})

    def sent(self, path):
        return [it for it in self.asked if it[1].partition("?")[0] == f"/api/a-1{path}"]


@asynccontextmanager
async def described(acme, text, folder):
    runner = web.AppRunner(acme.app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    file = folder / "acme.toml"
    file.write_text(text)
    manifest, clock, masker = manifest_of(file), LiveClock(), Masker()
    given = {
        "url": f"http://127.0.0.1:{runner.addresses[0][1]}",
        "account_id": "a-1",
        "token_secret": SECRET,
    }
    settings = read_settings(
        manifest,
        given,
        account="main",
        environ={},
        base_path=Path(),
        masker=masker,
    )
    try:
        async with HttpPool() as pool:
            context = AdapterContext(
                account="main",
                venue="acme",
                manifest=manifest,
                settings=settings,
                clock=clock,
                ids=LiveIds(),
                http=pool,
                budgets=RateBudgets(clock),
                health=HealthRegistry(clock),
                state=MemoryState(),
                masker=masker,
            )
            async with connect(context) as adapter:
                yield adapter
    finally:
        await runner.cleanup()


@pytest.fixture
def acme():
    return Acme()


@pytest.fixture
async def broker(acme, tmp_path):
    async with described(acme, ACME, tmp_path) as adapter:
        yield adapter


async def listed(broker):
    return {it.id: it for it in await broker.instruments()}


def due(broker):
    return broker.clock.monotonic_ns() + 10_000_000_000


async def new_order(broker, **changes):
    return NewOrder(
        **{
            "client_order_id": "77",
            "instrument": (await listed(broker))[BTC],
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": D("1E+1"),
            "limit_price": D("0.10"),
            "deadline_ns": due(broker),
            **changes,
        }
    )


async def test_symbols_are_joined_and_rows_that_are_not_meant_left_out(broker):
    instruments = await listed(broker)
    assert sorted(instruments) == ["BTC/USDT:USDT@acme", BTC]
    btc, swap = instruments[BTC], instruments["BTC/USDT:USDT@acme"]
    assert (btc.venue_key, btc.kind) == ("BTCUSDT", ContractKind.SPOT)
    assert btc.tick_at(D(1)) == D("0.01")
    assert str(btc.quantity_step) == "0.001"
    assert (btc.min_quantity, swap.min_quantity) == (0, 5)


async def test_an_order_goes_out_in_the_brokers_words_and_is_looked_up(broker, acme):
    report = await broker.submit(await new_order(broker))
    [(_, target, headers, body)] = [it for it in acme.sent("/orders") if it[0] == "POST"]
    assert headers["Authorization"] == f"Bearer {SECRET}"
    assert "?ts=" in target
    assert body == (
        '{"legs":[{"instrument":"BTCUSDT","side":"B","kind":"LMT"}],"qty":10,'
        '"terms":{"price":0.10},"tag":"77","source":"api"}'
    )
    assert report.status is OrderStatus.NEW
    assert (report.instrument, report.venue_order_id) == (BTC, "7")
    assert (report.quantity, str(report.limit_price)) == (10, "0.10")
    assert report.venue_time_ns == 1_767_323_045_678_901_000


async def test_what_an_order_does_not_say_is_left_out(broker, acme):
    market = await new_order(broker, type=OrderType.MARKET, limit_price=None)
    await broker.submit(market)
    [(*_, body)] = [it for it in acme.sent("/orders") if it[0] == "POST"]
    assert "terms" not in json.loads(body)


@pytest.mark.parametrize(
    "changes",
    [
        {"post_only": True},
        {"reduce_only": True},
        {"type": OrderType.STOP, "limit_price": None, "stop_price": D(1)},
        {
            "type": OrderType.TRAILING_STOP,
            "limit_price": None,
            "trail_percent": D(1),
        },
        {"attached": (Leg(stop_price=D("0.05")),)},
        {"time_in_force": TimeInForce.IOC},
    ],
)
async def test_what_the_description_cannot_say_is_not_sent(broker, acme, changes):
    order = await new_order(broker, **changes)
    with pytest.raises(NotSent):
        await broker.submit(order)
    assert not [it for it in acme.asked if it[0] == "POST"]


async def test_an_order_that_a_full_list_leaves_out_is_not_absent(broker, acme):
    order = await new_order(broker)
    other = OrderRef(instrument=order.instrument, client_order_id="78")
    await broker.submit(order)
    assert await broker.order(other) is None
    acme.orders *= 3
    assert await broker.order(replace(other, client_order_id="77")) is not None
    with pytest.raises(Unreachable):
        await broker.order(other)


async def test_a_full_list_keeps_no_later_look_up_from_being_asked(acme, tmp_path):
    by_id = '[[endpoints.order_lookup]]\npath = "/orders/{venue_order_id}"\nrows = "data"\n'
    history = "[endpoints.fill_history]"
    async with described(acme, ACME.replace(history, by_id + history), tmp_path) as broker:
        order = await new_order(broker)
        await broker.submit(order)
        [ours] = acme.orders
        told = json.dumps({"code": 0, "msg": "", "data": ours})
        acme.answers["/orders/7"] = 200, told
        acme.orders = [{**ours, "tag": "1", "ticket": number} for number in (50, 51, 52)]
        ref = OrderRef(
            instrument=order.instrument, client_order_id="77", venue_order_ids=("7",)
        )
        found = await broker.order(ref)
        assert found is not None
        assert found.venue_order_id == "7"
        acme.answers["/orders/7"] = 404, '{"code": 404, "msg": "no such order"}'
        with pytest.raises(Unreachable, match="full list"):
            await broker.order(ref)
        acme.orders.pop()
        assert await broker.order(ref) is None


async def test_a_form_is_encoded_and_an_empty_answer_is_looked_up(broker, acme):
    order = await new_order(broker)
    report = await broker.submit(order)
    ref = OrderRef(
        instrument=order.instrument,
        client_order_id="77",
        venue_order_ids=(report.venue_order_id,),
    )
    done = await broker.cancel(CancelOrder(ref=ref, deadline_ns=due(broker)))
    [(_, _, headers, body)] = acme.sent("/orders/cancel")
    assert headers["Content-Type"] == "application/x-www-form-urlencoded"
    assert body == "ticket=7&symbol=BTCUSDT"
    assert done.status is OrderStatus.CANCELED


@pytest.mark.parametrize("body", ["<html>Sign in</html>", '{"code":', '{"code":13}'])
async def test_an_answer_that_cannot_be_read_is_doubt_though_a_look_up_would_answer(
    broker, acme, body
):
    order = await new_order(broker)
    report = await broker.submit(order)
    acme.answers["/orders/cancel"] = (200, body)
    ref = OrderRef(
        instrument=order.instrument,
        client_order_id="77",
        venue_order_ids=(report.venue_order_id,),
    )
    with pytest.raises(OutcomeUnknown):
        await broker.cancel(CancelOrder(ref=ref, deadline_ns=due(broker)))


async def test_an_amend_that_is_not_seen_yet_is_doubt(broker, acme):
    order = await new_order(broker)
    await broker.submit(order)
    old = json.dumps({"code": 0, "data": acme.orders[-1]})
    acme.answers["/orders/7"] = (200, old)
    ref = OrderRef(
        instrument=order.instrument, client_order_id="77", venue_order_ids=("7",)
    )
    amend = ReplaceOrder(
        ref=ref, quantity=D(3), limit_price=None, stop_price=None, deadline_ns=due(broker)
    )
    with pytest.raises(OutcomeUnknown):
        await broker.replace(amend)


async def test_an_amend_that_brings_a_new_id_says_what_it_replaces(broker):
    order = await new_order(broker)
    report = await broker.submit(order)
    ref = OrderRef(
        instrument=order.instrument, client_order_id="77", venue_order_ids=("7",)
    )
    amend = ReplaceOrder(
        ref=ref,
        quantity=D("0.5"),
        limit_price=None,
        stop_price=None,
        deadline_ns=due(broker),
    )
    replaced = await broker.replace(amend)
    assert (replaced.venue_order_id, replaced.replaces) == ("99", report.venue_order_id)
    assert replaced.quantity == D("0.5")


async def test_a_write_that_names_no_order_is_not_sent(broker, acme):
    order = await new_order(broker)
    ref = OrderRef(instrument=order.instrument, client_order_id="77")
    with pytest.raises(NotSent):
        await broker.cancel(CancelOrder(ref=ref, deadline_ns=due(broker)))
    assert not acme.sent("/orders/cancel")


@pytest.mark.parametrize("identity", [".", "..", ""])
async def test_an_id_that_would_lead_elsewhere_is_not_sent(broker, acme, identity):
    order = await new_order(broker)
    ref = OrderRef(
        instrument=order.instrument, client_order_id="77", venue_order_ids=(identity,)
    )
    amend = ReplaceOrder(
        ref=ref, quantity=D(1), limit_price=None, stop_price=None, deadline_ns=due(broker)
    )
    with pytest.raises(NotSent):
        await broker.replace(amend)
    assert not [it for it in acme.asked if it[0] == "PATCH"]


@pytest.mark.parametrize("status", [200, 400])
@pytest.mark.parametrize(
    ("code", "write", "read"),
    [
        (12, Rejected, Rejected),
        (401, AuthFailed, AuthFailed),
        (429, RateLimited, RateLimited),
        (13, OutcomeUnknown, Rejected),
        ('"13"', OutcomeUnknown, Rejected),
        ("null", OutcomeUnknown, Rejected),
    ],
)
async def test_a_refusal_counts_by_its_code_whatever_the_status(
    broker, acme, status, code, write, read
):
    order = await new_order(broker)
    acme.answers["/orders"] = (status, f'{{"code":{code},"msg":"no"}}')
    acme.answers["/balances"] = acme.answers["/orders"]
    with pytest.raises(write) as told:
        await broker.submit(order)
    assert SECRET not in repr(told.value)
    if write is not RateLimited:
        with pytest.raises(read):
            await broker.balances()


async def test_an_order_that_was_accepted_and_is_not_found_is_in_doubt(broker, acme):
    order = await new_order(broker)
    acme.answers["/orders"] = (200, '{"code":0,"data":[]}')
    with pytest.raises(OutcomeUnknown, match="cannot be found"):
        await broker.submit(order)


async def test_of_a_list_the_order_that_is_meant_is_found(broker, acme):
    order = await new_order(broker)
    await broker.submit(order)
    await broker.submit(await new_order(broker, client_order_id="78"))
    ref = OrderRef(instrument=order.instrument, client_order_id="77")
    assert (await broker.order(ref)).venue_order_id == "7"
    unknown = OrderRef(instrument=order.instrument, client_order_id="79")
    assert await broker.order(unknown) is None
    acme.answers["/orders"] = (404, '{"code":404}')
    assert await broker.order(ref) is None


def fill(number, **changes):
    at = "2026-01-02T03:04:05+01:00"
    return {
        "no": number,
        "ticket": 7,
        "name": "BTCUSDT",
        "side": "S",
        "px": 1.25,
        "qty": "2",
        "commission": -0.5,
        "resting": True,
        "at": at,
        **changes,
    }


async def test_a_history_without_an_end_is_complete_when_nothing_lies_behind(broker, acme):
    acme.fills = [fill(number) for number in range(5)]
    pages = [await broker.fills_after("")]
    while not pages[-1].complete:
        pages.append(await broker.fills_after(pages[-1].cursor))
    told = [it for page in pages for it in page.fills]
    assert [it.execution_id for it in told] == ["0", "1", "2", "3", "4"]
    assert [len(page.fills) for page in pages] == [2, 2, 1, 0]
    first = told[0]
    assert (first.fee, first.fee_asset) == (D("0.5"), "USD")
    assert (first.side, first.liquidity) == (Side.SELL, Liquidity.MAKER)
    assert first.venue_time_ns == 1_767_319_445_000_000_000
    assert await broker.fill_cursor() == pages[-1].cursor
    acme.fills.append(fill(5))
    assert await broker.fill_cursor() == "5"


async def test_a_page_that_is_not_oldest_first_is_refused(broker, acme):
    acme.fills = [fill(2), fill(1)]
    with pytest.raises(BadPayload, match="oldest first"):
        await broker.fills_after("")


@pytest.mark.parametrize(
    "changes",
    [
        {"side": "X"},
        {"px": None},
        {"px": "dear"},
        {"px": True},
        {"qty": "NaN"},
        {"qty": "1E+999999"},
        {"name": "GONE"},
        {"at": "yesterday"},
        {"ticket": ""},
        {"ticket": {}},
    ],
    ids=str,
)
async def test_a_row_that_does_not_fit_is_a_bad_payload(broker, acme, changes):
    acme.fills = [fill(0, **changes)]
    with pytest.raises(BadPayload):
        await broker.fills_after("")


async def test_holdings_are_exact_and_signed(broker):
    [balance] = await broker.balances()
    assert (balance.total, balance.held) == (D("0.3"), D("0.2"))
    [position] = await broker.positions()
    assert position.quantity == -3
    assert position.key.instrument == "BTC/USDT:USDT@acme"
    assert await broker.server_time_ns() == 1_700_000_000_000_000_000


async def test_no_repr_tells_the_token(broker):
    assert SECRET not in repr(vars(broker))
    assert SECRET not in repr(vars(broker.exchange))

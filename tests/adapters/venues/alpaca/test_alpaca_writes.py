"""Orders on the wire: what is sent, how often, and what every answer is taken to mean."""

import asyncio
from decimal import Decimal

import pytest

from crossdock.adapters.venues.alpaca import MANIFEST
from crossdock.errors import AuthFailed, NotSent, OutcomeUnknown, RateLimited, Rejected
from crossdock.model import (
    Contingency,
    Leg,
    MarginMode,
    OrderStatus,
    OrderType,
    PositionSide,
    Side,
    TimeInForce,
)
from crossdock.toolkit import LiveClock

STOCK, COIN = "AAPL/USD@alpaca", "BTC/USD@alpaca"
OPTION = "AAPL/USD:USD-251219-150-C@alpaca"
ORDERS = "/v2/orders"
ID = "61e69015-8549-4bfd-b9c3-01e75843f47d"
WRITES = ("POST", "PATCH", "DELETE")


async def instrument(adapter, vendor, make, name=STOCK):
    if name == OPTION:
        option = {**make.contract, "asset_class": "us_option"}
        position = {
            "symbol": option["symbol"],
            "asset_class": "us_option",
            "qty": "1",
            "side": "long",
        }
        vendor.say("GET", "/v2/positions", [position])
        vendor.say("GET", f"/v2/options/contracts/{option['symbol']}", option)
    return (await make.listed(adapter))[name]


async def test_submit_sends_exact_numbers_and_returns_the_venues_word(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("POST", ORDERS, make.order_body(qty="1E+1"))
    report = await alpaca.submit(make.order(stock, quantity=Decimal("1E+1")))
    [sent] = vendor.requests("POST")
    assert sent.body == {
        "symbol": "AAPL",
        "qty": "10",
        "side": "buy",
        "type": "limit",
        "time_in_force": "day",
        "client_order_id": "cd-1",
        "limit_price": "150.25",
    }
    assert sent.headers["APCA-API-KEY-ID"] == make.key
    assert (report.venue_order_id, report.client_order_id) == (ID, "cd-1")
    assert (report.status, report.quantity) == (OrderStatus.NEW, Decimal(10))
    assert report.limit_price == Decimal("150.25")


async def test_silent_submit_is_unknown_after_exactly_one_request(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("POST", ORDERS, make.hang)
    soon = LiveClock().monotonic_ns() + 100_000_000
    with pytest.raises(OutcomeUnknown):
        await alpaca.submit(make.order(stock, deadline_ns=soon))
    assert len(vendor.requests("POST")) == 1


async def test_a_cancelled_submit_was_sent_once_and_leaves_doubt(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("POST", ORDERS, make.hang)
    task = asyncio.ensure_future(alpaca.submit(make.order(stock)))
    while not vendor.requests("POST"):
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(OutcomeUnknown):
        await task
    assert len(vendor.requests("POST")) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (422, {"code": 42210000, "message": "invalid limit_price 290.123"}, Rejected),
        (422, {"code": 40010001, "message": "qty must be > 0"}, Rejected),
        (403, {"code": 40310000, "message": "insufficient buying power"}, Rejected),
        (403, {"code": 40310100, "message": "pattern day trading protection"}, Rejected),
        (400, {"code": 40010000, "message": "request body format is invalid"}, Rejected),
        (422, {"code": 40010001, "message": "client_order_id must be unique"}, "doubt"),
        (422, {"code": 40999999, "message": "nobody knows"}, "doubt"),
        (401, {"message": "unauthorized."}, AuthFailed),
        (403, {"message": "forbidden."}, AuthFailed),
        (429, {"message": "rate limit exceeded"}, RateLimited),
        (400, {}, "doubt"),
        (500, {"code": 50010000, "message": "internal server error"}, "doubt"),
        (504, b"<html>gateway timeout</html>", "doubt"),
        (200, b"<html>sign in</html>", "doubt"),
        (200, b'{"id":"1"', "doubt"),
        (200, {"surprise": [1, 2]}, "doubt"),
    ],
)
async def test_every_answer_to_a_submit_means_what_it_proves(
    alpaca, vendor, make, status, body, error
):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("POST", ORDERS, body, status=status)
    expected = OutcomeUnknown if error == "doubt" else error
    with pytest.raises(expected) as caught:
        await alpaca.submit(make.order(stock))
    assert type(caught.value) is expected
    if expected is Rejected:
        assert caught.value.venue_code == str(body["code"])
        assert caught.value.venue_code in MANIFEST.rejection_codes
    assert len(vendor.requests("POST")) == 1


async def test_too_many_calls_wait_until_the_window_that_the_headers_name(
    alpaca, vendor, make
):
    stock = await instrument(alpaca, vendor, make)
    reset = LiveClock().time_ns() // 1_000_000_000 + 30
    vendor.say(
        "POST",
        ORDERS,
        {"message": "too many requests."},
        status=429,
        headers={"X-RateLimit-Reset": str(reset), "X-RateLimit-Remaining": "0"},
    )
    with pytest.raises(RateLimited) as caught:
        await alpaca.submit(make.order(stock))
    assert 25 < caught.value.retry_after_s <= 30


async def test_what_the_headers_say_is_left_holds_the_next_order_back(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    reset = str(LiveClock().time_ns() // 1_000_000_000 + 50)
    left = {"X-RateLimit-Reset": reset, "X-RateLimit-Remaining": "1"}
    vendor.say("POST", ORDERS, make.order_body(), headers=left)
    await alpaca.submit(make.order(stock))
    soon = LiveClock().monotonic_ns() + 1_000_000_000
    with pytest.raises(NotSent):
        await alpaca.submit(make.order(stock, deadline_ns=soon))
    vendor.say("DELETE", f"{ORDERS}/{ID}", None, status=204)
    vendor.say("GET", f"{ORDERS}/{ID}", make.order_body(status="canceled"))
    with pytest.raises((NotSent, OutcomeUnknown)):  # one call is left for an urgent one
        await alpaca.cancel(make.cancel(stock, ID, left_ns=1_000_000_000))
    assert len(vendor.requests("DELETE")) == 1


async def test_an_answer_about_another_order_leaves_doubt(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("POST", ORDERS, make.order_body(client_order_id="somebody-else"))
    with pytest.raises(OutcomeUnknown):
        await alpaca.submit(make.order(stock))


async def test_a_submit_past_its_deadline_or_without_a_listing_is_not_sent(
    alpaca, open_alpaca, vendor, make
):
    stock = await instrument(alpaca, vendor, make)
    with pytest.raises(NotSent):
        await alpaca.submit(make.order(stock, deadline_ns=0))
    vendor.say("GET", "/v2/assets", {}, status=503)
    async with open_alpaca() as fresh:
        with pytest.raises(NotSent):
            await fresh.submit(make.order(stock))
    assert not vendor.requests("POST")


D = Decimal
BRACKET = (Leg(limit_price=D(301)), Leg(stop_price=D(299), limit_price=D("298.5")))


@pytest.mark.parametrize(
    ("name", "changes", "body"),
    [
        (
            STOCK,
            {"type": OrderType.STOP, "stop_price": D("145.5"), "side": Side.SELL},
            {"type": "stop", "stop_price": "145.5", "side": "sell", "qty": "10"},
        ),
        (
            STOCK,
            {"type": OrderType.TRAILING_STOP, "trail_percent": D("1.5")},
            {"type": "trailing_stop", "trail_percent": "1.5", "qty": "10"},
        ),
        (
            STOCK,
            {"type": OrderType.TRAILING_STOP, "trail_amount": D("2.25")},
            {"type": "trailing_stop", "trail_price": "2.25", "qty": "10"},
        ),
        (
            STOCK,
            {"type": OrderType.MARKET, "quantity": D("0.123456789")},
            {"type": "market", "qty": "0.123456789"},
        ),
        (
            STOCK,
            {"attached": BRACKET},
            {
                "type": "limit",
                "qty": "10",
                "limit_price": "150.25",
                "order_class": "bracket",
                "take_profit": {"limit_price": "301"},
                "stop_loss": {"stop_price": "299", "limit_price": "298.5"},
            },
        ),
        (
            STOCK,
            {"type": OrderType.MARKET, "attached": BRACKET[1:]},
            {
                "type": "market",
                "qty": "10",
                "order_class": "oto",
                "stop_loss": {"stop_price": "299", "limit_price": "298.5"},
            },
        ),
        (
            STOCK,
            {
                "side": Side.SELL,
                "attached": (Leg(stop_price=D(140)),),
                "contingency": Contingency.OCO,
            },
            {
                "side": "sell",
                "type": "limit",
                "qty": "10",
                "order_class": "oco",
                "take_profit": {"limit_price": "150.25"},
                "stop_loss": {"stop_price": "140"},
            },
        ),
        (
            COIN,
            {"quantity": D("0.001"), "limit_price": D(20000), "time_in_force": "GTC"},
            {
                "symbol": "BTC/USD",
                "type": "limit",
                "qty": "0.001",
                "limit_price": "20000",
                "time_in_force": "gtc",
            },
        ),
        (
            OPTION,
            {"quantity": D(2), "limit_price": D("3.15")},
            {
                "symbol": "AAPL251219C00150000",
                "type": "limit",
                "qty": "2",
                "limit_price": "3.15",
            },
        ),
    ],
)
async def test_every_kind_of_order_is_said_in_the_vendors_words(
    alpaca, vendor, make, name, changes, body
):
    traded = await instrument(alpaca, vendor, make, name)
    if "time_in_force" in changes:
        changes = {**changes, "time_in_force": TimeInForce(changes["time_in_force"])}
    vendor.say("POST", ORDERS, make.order_body())
    await alpaca.submit(make.order(traded, **changes))
    [sent] = vendor.requests("POST")
    usual = {
        "symbol": "AAPL",
        "side": "buy",
        "time_in_force": "day",
        "client_order_id": "cd-1",
    }
    assert sent.body == {**usual, **body}


async def test_extended_hours_are_for_simple_limit_day_orders_only(
    open_alpaca, vendor, make
):
    async with open_alpaca(extended_hours="yes") as alpaca:
        stock = await instrument(alpaca, vendor, make)
        for changes in (
            {},
            {"time_in_force": TimeInForce.GTC},
            {"type": OrderType.MARKET},
            {"attached": BRACKET},
        ):
            vendor.say("POST", ORDERS, make.order_body())
            await alpaca.submit(make.order(stock, **changes))
    sent = [it.body.get("extended_hours") for it in vendor.requests("POST")]
    assert sent == [True, None, None, None]


@pytest.mark.parametrize(
    ("name", "changes", "error"),
    [
        (STOCK, {"quantity": D("0.5"), "time_in_force": TimeInForce.GTC}, Rejected),
        (STOCK, {"quantity": D("0.5"), "attached": BRACKET}, Rejected),
        (
            STOCK,
            {
                "quantity": D("0.5"),
                "type": OrderType.TRAILING_STOP,
                "trail_amount": D(1),
            },
            Rejected,
        ),
        (STOCK, {"attached": BRACKET, "time_in_force": TimeInForce.IOC}, Rejected),
        (
            STOCK,
            {
                "type": OrderType.STOP,
                "stop_price": D(1),
                "time_in_force": TimeInForce.IOC,
            },
            Rejected,
        ),
        (
            STOCK,
            {"type": OrderType.TRAILING_STOP, "trail_amount": D(1), "attached": BRACKET},
            Rejected,
        ),
        (STOCK, {"attached": BRACKET[:1] * 2}, NotSent),
        (STOCK, {"attached": BRACKET[:1], "contingency": Contingency.OCO}, NotSent),
        (STOCK, {"post_only": True}, NotSent),
        (STOCK, {"reduce_only": True}, NotSent),
        (STOCK, {"position_side": PositionSide.LONG}, NotSent),
        (STOCK, {"margin_mode": MarginMode.ISOLATED}, NotSent),
        (STOCK, {"time_in_force": TimeInForce.GTD, "expire_time_ns": 1}, NotSent),
        (COIN, {"time_in_force": TimeInForce.DAY}, Rejected),
        (
            COIN,
            {
                "type": OrderType.STOP,
                "stop_price": D(1),
                "time_in_force": TimeInForce.GTC,
            },
            Rejected,
        ),
        (COIN, {"attached": BRACKET, "time_in_force": TimeInForce.GTC}, Rejected),
        (OPTION, {"time_in_force": TimeInForce.GTC}, Rejected),
        (OPTION, {"quantity": D("1.5")}, Rejected),
    ],
)
async def test_what_the_vendor_cannot_take_is_refused_before_it_is_sent(
    alpaca, vendor, make, name, changes, error
):
    traded = await instrument(alpaca, vendor, make, name)
    with pytest.raises(error) as caught:
        await alpaca.submit(make.order(traded, **changes))
    if error is Rejected:
        assert caught.value.venue_code in MANIFEST.rejection_codes
        assert "before it was sent" in str(caught.value)
    assert not vendor.requests(*WRITES)


async def test_legs_are_told_with_the_order_they_belong_to(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    legs = [
        make.order_body(id="leg-tp", client_order_id="l1", side="sell", status="held"),
        make.order_body(id="leg-sl", client_order_id="l2", side="sell", status="held"),
    ]
    vendor.say("POST", ORDERS, make.order_body(order_class="bracket", legs=legs))
    parent = await alpaca.submit(make.order(stock, attached=BRACKET))
    assert parent.parent is None
    flat = [make.order_body(id="leg-tp", client_order_id="l1", side="sell", status="new")]
    vendor.say("GET", ORDERS, flat)
    [leg] = await alpaca.open_orders()
    assert (leg.venue_order_id, leg.parent, leg.side) == ("leg-tp", ID, Side.SELL)


async def test_an_exit_that_waits_beneath_a_filled_entry_is_open(alpaca, vendor, make):
    profit = make.order_body(
        id="leg-tp", client_order_id="l1", side="sell", order_class="bracket"
    )
    loss = {**profit, "id": "leg-sl", "client_order_id": "l2", "status": "held"}
    done = {**profit, "id": "leg-old", "client_order_id": "l3", "status": "canceled"}
    entry = make.order_body(
        status="filled", filled_qty="10", order_class="bracket", legs=[profit, loss, done]
    )
    vendor.say("GET", ORDERS, [profit])
    vendor.say("GET", ORDERS, [entry])
    listed = await alpaca.open_orders()
    assert [(it.venue_order_id, it.parent) for it in listed] == [
        ("leg-tp", ID),
        ("leg-sl", ID),
    ]
    first, second = [it.query for it in vendor.requests("GET") if it.path == ORDERS]
    assert (first["status"], first["nested"]) == ("open", "false")
    assert (second["status"], second["nested"], second["symbols"]) == (
        "all",
        "true",
        "AAPL",
    )


async def test_open_orders_are_paged_to_the_end(alpaca, vendor, make):
    many = [make.order_body(id=f"o-{n}", client_order_id=f"c-{n}") for n in range(500)]
    vendor.say("GET", ORDERS, many)
    vendor.say("GET", ORDERS, [make.order_body(id="o-500", client_order_id="c-500")])
    assert len(await alpaca.open_orders()) == 501
    asked = [it.query for it in vendor.requests("GET") if it.path == ORDERS]
    assert asked[1]["before_order_id"] == "o-499"


async def test_cancel_asks_once_and_tells_how_the_order_stands(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("DELETE", f"{ORDERS}/{ID}", None, status=204)
    vendor.say("GET", f"{ORDERS}/{ID}", make.order_body(status="pending_cancel"))
    report = await alpaca.cancel(make.cancel(stock, ID))
    assert report.status is OrderStatus.NEW
    assert len(vendor.requests(*WRITES)) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (
            422,
            {"code": 42210000, "message": 'order is already in "filled" state'},
            Rejected,
        ),
        (404, {"code": 40410000, "message": "order not found"}, Rejected),
        (200, b"<html>sign in</html>", OutcomeUnknown),
        (500, {"message": "failed"}, OutcomeUnknown),
    ],
)
async def test_every_answer_to_a_cancel_means_what_it_proves(
    alpaca, vendor, make, status, body, error
):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("DELETE", f"{ORDERS}/{ID}", body, status=status)
    with pytest.raises(error):
        await alpaca.cancel(make.cancel(stock, ID))
    assert len(vendor.requests("DELETE")) == 1


async def test_a_cancel_that_was_taken_and_not_seen_is_doubt(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("DELETE", f"{ORDERS}/{ID}", None, status=204)
    vendor.say("GET", f"{ORDERS}/{ID}", {}, status=503)
    with pytest.raises(OutcomeUnknown):
        await alpaca.cancel(make.cancel(stock, ID))
    assert len(vendor.requests("DELETE")) == 1


async def test_a_cancel_by_our_id_alone_asks_for_the_venues(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    with pytest.raises(NotSent):
        await alpaca.cancel(make.cancel(stock))
    vendor.say("GET", "/v2/orders:by_client_order_id", make.order_body())
    vendor.say("DELETE", f"{ORDERS}/{ID}", None, status=204)
    vendor.say("GET", f"{ORDERS}/{ID}", make.order_body(status="canceled"))
    assert (await alpaca.cancel(make.cancel(stock))).status is OrderStatus.CANCELED


async def test_replace_asks_for_the_rest_and_tells_the_chain_as_one_order(
    alpaca, vendor, make
):
    stock = await instrument(alpaca, vendor, make)
    first = make.order_body(id="o-1", filled_qty="4", status="partially_filled")
    second = make.order_body(id="o-2", client_order_id="theirs", qty="16", replaces="o-1")
    vendor.say("GET", f"{ORDERS}/o-1", first)
    vendor.say("PATCH", f"{ORDERS}/o-1", second)
    report = await alpaca.replace(make.replace(stock, "o-1", quantity="20"))
    [sent] = vendor.requests("PATCH")
    assert sent.body == {"qty": "16", "limit_price": "151"}
    assert (report.venue_order_id, report.replaces) == ("o-2", "o-1")
    assert report.client_order_id == "cd-1"
    assert (report.quantity, report.cumulative_quantity) == (Decimal(20), Decimal(4))
    assert report.status is OrderStatus.PARTIALLY_FILLED

    # By the id it had before: cancels and look-ups find the order that took over.
    vendor.say("DELETE", f"{ORDERS}/o-2", None, status=204)
    canceled = {**second, "filled_qty": "1", "status": "canceled"}
    vendor.say("GET", f"{ORDERS}/o-2", canceled)
    ended = await alpaca.cancel(make.cancel(stock, "o-1"))
    assert (ended.venue_order_id, ended.status) == ("o-2", OrderStatus.CANCELED)
    assert ended.cumulative_quantity == Decimal(5)


async def test_a_look_up_follows_the_chain_from_our_first_id(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    first = make.order_body(id="o-1", filled_qty="4", status="replaced", replaced_by="o-2")
    second = make.order_body(
        id="o-2", client_order_id="t2", qty="6", status="replaced", replaced_by="o-3"
    )
    third = make.order_body(id="o-3", client_order_id="t3", qty="6", replaces="o-2")
    vendor.say("GET", "/v2/orders:by_client_order_id", first)
    vendor.say("GET", f"{ORDERS}/o-2", {**second, "replaces": "o-1"})
    vendor.say("GET", f"{ORDERS}/o-3", third)
    report = await alpaca.order(make.ref(stock))
    assert (report.venue_order_id, report.replaces) == ("o-3", "o-2")
    assert report.client_order_id == "cd-1"
    assert (report.quantity, report.cumulative_quantity) == (Decimal(10), Decimal(4))


async def test_a_link_that_was_never_seen_is_asked_for_before_it_is_summed(
    alpaca, vendor, make
):
    first = make.order_body(id="o-1", filled_qty="4", status="replaced", replaced_by="o-2")
    second = make.order_body(id="o-2", client_order_id="t2", qty="6", replaces="o-1")
    vendor.say("GET", ORDERS, [second])
    vendor.say("GET", f"{ORDERS}/o-1", first)
    [report] = await alpaca.open_orders()
    assert (report.client_order_id, report.quantity) == ("cd-1", Decimal(10))


async def test_a_replacement_that_is_rejected_leaves_the_order_as_it_was(
    alpaca, vendor, make
):
    stock = await instrument(alpaca, vendor, make)
    second = make.order_body(id="o-2", replaces=ID, status="rejected")
    vendor.say("GET", f"{ORDERS}/{ID}", make.order_body(status="pending_replace"))
    vendor.say("PATCH", f"{ORDERS}/{ID}", second)
    with pytest.raises(Rejected):
        await alpaca.replace(make.replace(stock, ID))
    vendor.say("DELETE", f"{ORDERS}/{ID}", None, status=204)
    vendor.say("GET", f"{ORDERS}/{ID}", make.order_body(status="canceled"))
    assert (await alpaca.cancel(make.cancel(stock, ID))).status is OrderStatus.CANCELED


async def test_a_look_up_of_an_exit_finds_the_order_it_belongs_to(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    leg = make.order_body(id="leg-sl", client_order_id="l1", order_class="bracket")
    parent = make.order_body(status="filled", order_class="bracket", legs=[leg])
    vendor.say("GET", f"{ORDERS}/leg-sl", leg)
    vendor.say("GET", ORDERS, [parent])
    report = await alpaca.order(make.ref(stock, "leg-sl", client=""))
    assert (report.venue_order_id, report.parent) == ("leg-sl", ID)


async def test_a_page_that_is_not_there_is_no_word_on_an_order(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("GET", "/v2/orders:by_client_order_id", {"message": "?"}, status=404)
    with pytest.raises(Rejected):
        await alpaca.order(make.ref(stock))


async def test_a_replace_of_what_cannot_be_looked_up_is_not_sent(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("GET", f"{ORDERS}/{ID}", {}, status=503)
    with pytest.raises(NotSent):
        await alpaca.replace(make.replace(stock, ID))
    with pytest.raises(NotSent):
        await alpaca.replace(make.replace(stock, "o-unknown"))
    assert not vendor.requests("PATCH")


async def test_a_silent_replace_is_unknown_after_exactly_one_request(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("GET", f"{ORDERS}/{ID}", make.order_body())
    vendor.say("PATCH", f"{ORDERS}/{ID}", make.hang)
    with pytest.raises(OutcomeUnknown):
        await alpaca.replace(make.replace(stock, ID, left_ns=200_000_000))
    assert len(vendor.requests("PATCH")) == 1


async def test_a_replace_cancelled_while_it_looks_was_not_sent(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("GET", f"{ORDERS}/{ID}", make.hang)
    task = asyncio.ensure_future(alpaca.replace(make.replace(stock, ID)))
    while vendor.requests("GET")[-1].path != f"{ORDERS}/{ID}":
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(NotSent):
        await task
    assert not vendor.requests("PATCH")


async def test_a_replace_that_cannot_look_in_time_was_not_sent(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("GET", f"{ORDERS}/{ID}", make.hang)
    with pytest.raises(NotSent):
        await alpaca.replace(make.replace(stock, ID, left_ns=100_000_000))
    assert not vendor.requests("PATCH")


async def test_a_cancel_cancelled_while_it_looks_leaves_doubt(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("DELETE", f"{ORDERS}/{ID}", None, status=204)
    vendor.say("GET", f"{ORDERS}/{ID}", make.hang)
    task = asyncio.ensure_future(alpaca.cancel(make.cancel(stock, ID)))
    while vendor.requests("GET")[-1].path != f"{ORDERS}/{ID}":
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(OutcomeUnknown):
        await task
    assert len(vendor.requests("DELETE")) == 1


async def test_a_price_is_amended_without_naming_a_fraction_again(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("GET", f"{ORDERS}/{ID}", make.order_body(qty="0.5"))
    vendor.say("PATCH", f"{ORDERS}/{ID}", make.order_body(id="o-2", replaces=ID, qty="0.5"))
    await alpaca.replace(make.replace(stock, ID, quantity="0.5"))
    assert vendor.requests("PATCH")[0].body == {"limit_price": "151"}


async def test_cancel_all_is_one_request_and_its_failures_are_doubt(alpaca, vendor):
    done = {"id": "o-1", "status": 200}
    gone = {"id": "o-2", "status": 422, "body": {"code": 42210000, "message": "filled"}}
    vendor.say("DELETE", ORDERS, [done, gone], status=207)
    await alpaca.cancel_all()
    vendor.say("DELETE", ORDERS, [done, {"id": "o-3", "status": 500}], status=207)
    with pytest.raises(OutcomeUnknown):
        await alpaca.cancel_all()
    assert len(vendor.requests("DELETE")) == 2


async def test_look_ups_know_of_no_order_that_never_was(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    assert await alpaca.order(make.ref(stock, "o-9")) is None
    asked = [it.path for it in vendor.requests("GET") if "orders" in it.path]
    assert asked[-2:] == ["/v2/orders:by_client_order_id", "/v2/orders/o-9"]


async def test_no_secret_is_in_any_error_or_repr(alpaca, vendor, make):
    stock = await instrument(alpaca, vendor, make)
    vendor.say("POST", ORDERS, {"code": 42210000, "message": make.secret}, status=422)
    with pytest.raises(Rejected) as caught:
        await alpaca.submit(make.order(stock))
    assert make.secret not in f"{caught.value!r} {caught.value} {alpaca!r}"

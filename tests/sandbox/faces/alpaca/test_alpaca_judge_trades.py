"""alpaca-py, as it is, trades against the face."""

from decimal import Decimal
from uuid import uuid4

import pytest

pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")

BRACKET = {
    "order_class": "bracket",
    "take_profit": {"limit_price": 260},
    "stop_loss": {"stop_price": 240},
}


def events(heard, order_id):
    return [it.event for it in heard if it.order.id == order_id]


async def test_market_order_fills_and_makes_a_position(desk):
    await desk.hosted.house("sell", "250", "5", "AAPL/USD")
    async with desk.updates() as heard:
        taken = await desk.submit("Market", qty=2)
        assert taken.status.value == "pending_new"
        assert taken.filled_qty == "0"
        await heard.until(lambda it: it and it[-1].event == "fill")
        fill = heard.all[-1]
        assert events(heard.all, taken.id) == ["pending_new", "new", "fill"]
        assert (fill.price, fill.qty, fill.position_qty) == (250.0, 2.0, 102.0)
    done = await desk.order(taken.id)
    assert (done.status.value, done.filled_qty, done.filled_avg_price) == (
        *("filled", "2", "250"),
    )
    position = await desk.ask("get_open_position", "AAPL")
    assert (position.qty, position.avg_entry_price) == ("102", "250")
    account = await desk.ask("get_account")
    assert Decimal(account.cash) == 100_000 - 500
    assert account.pattern_day_trader is None


async def test_fractions_and_amounts_of_money_are_bought_by_the_day(desk):
    await desk.hosted.house("sell", "250", "5", "AAPL/USD")
    half = await desk.submit("Market", qty=0.5)
    amount = await desk.submit("Market", notional=100)
    assert (amount.qty, amount.notional) == (None, "100")
    done = await desk.order(amount.id)
    assert done.filled_qty == "0.4"
    assert (await desk.order(half.id)).filled_qty == "0.5"
    refused = await desk.refused(desk.submit("Market", qty=1.5, symbol="TRY"))
    assert refused == (
        403,
        {"code": 40310000, "message": 'asset "TRY" is not fractionable'},
    )
    status, body = await desk.refused(desk.submit("Market", qty=0.5, tif="gtc"))
    assert (status, body["code"]) == (422, 42210000)


async def test_resting_order_is_listed_replaced_and_canceled(desk):
    requests = desk.judge.requests
    first = await desk.submit("Limit", tif="gtc", qty=4, limit_price=240)
    async with desk.updates() as heard:
        await desk.hosted.house("sell", "240", "1", "AAPL/USD")
        second = await desk.ask(
            "replace_order_by_id", first.id, requests.ReplaceOrderRequest(limit_price=241)
        )
        await heard.until(lambda it: it[-1].order.id == second.id and len(it) > 4)
        assert events(heard.all, first.id) == [
            *("partial_fill", "pending_replace", "replaced"),
        ]
        assert events(heard.all, second.id) == ["pending_new", "new"]
    assert second.replaces == first.id
    # The one that took over asks for all of the old quantity, with nothing filled.
    assert (second.qty, second.filled_qty) == ("4", "0")
    old = await desk.order(first.id)
    assert (old.status.value, old.replaced_by, old.filled_qty) == (
        *("replaced", second.id, "1"),
    )
    listed = await desk.ask("get_orders")
    assert [it.id for it in listed] == [second.id]
    closed = requests.GetOrdersRequest(status="closed")
    assert [it.id for it in await desk.ask("get_orders", closed)] == [first.id]
    found = await desk.ask("get_order_by_client_id", second.client_order_id)
    assert found.id == second.id
    await desk.ask("cancel_order_by_id", second.id)
    assert (await desk.order(second.id)).status.value == "canceled"
    refused = await desk.refused(desk.ask("cancel_order_by_id", second.id))
    assert refused == (
        *(422, {"code": 42210000, "message": 'order is already in "canceled" state'}),
    )


async def test_bracket_holds_its_exits_and_one_exit_ends_the_other(desk):
    async with desk.updates() as heard:
        entry = await desk.submit("Limit", tif="gtc", qty=2, limit_price=250, **BRACKET)
        profit, loss = entry.legs
        assert [it.status.value for it in entry.legs] == ["held", "held"]
        assert {it.order_class.value for it in (entry, *entry.legs)} == {"bracket"}
        await desk.hosted.house("sell", "250", "2", "AAPL/USD")
        await heard.until(lambda it: "new" in events(it, profit.id))
        nested = await desk.order(entry.id, nested=True)
        assert [it.status.value for it in nested.legs] == ["new", "held"]
        # What is held is not listed as open.
        assert [it.id for it in await desk.ask("get_orders")] == [profit.id]
        await desk.hosted.house("buy", "260", "2", "AAPL/USD")
        await heard.until(lambda it: "canceled" in events(it, loss.id))
    assert events(heard.all, profit.id) == ["held", "new", "fill"]
    assert events(heard.all, loss.id) == ["held", "canceled"]


async def test_stop_of_a_bracket_sells_when_its_price_is_reached(desk):
    entry = await desk.submit("Limit", tif="gtc", qty=2, limit_price=250, **BRACKET)
    await desk.hosted.house("sell", "250", "2", "AAPL/USD")
    await desk.hosted.house("buy", "239", "5", "AAPL/USD")
    await desk.hosted.house("buy", "240", "1", "AAPL/USD")
    await desk.submit("Limit", side="sell", qty=1, limit_price=240)
    profit, loss = (await desk.order(entry.id, nested=True)).legs
    assert (loss.status.value, loss.filled_avg_price) == ("filled", "239")
    assert profit.status.value == "canceled"


async def test_exit_pair_shrinks_with_a_partial_fill(desk):
    async with desk.updates() as heard:
        pair = await desk.submit(
            "Limit",
            side="sell",
            tif="gtc",
            qty=4,
            limit_price=260,
            order_class="oco",
            take_profit={"limit_price": 260},
            stop_loss={"stop_price": 240},
        )
        [stop] = pair.legs
        assert stop.type.value == "stop"
        await desk.hosted.house("buy", "260", "1", "AAPL/USD")
        await heard.until(lambda it: "restated" in events(it, stop.id))
        assert (await desk.order(stop.id)).qty == "3"
        await desk.ask("cancel_order_by_id", pair.id)
        await heard.until(lambda it: "canceled" in events(it, stop.id))
    assert (await desk.order(pair.id)).filled_qty == "1"


async def test_one_exit_begins_when_its_order_has_filled(desk):
    order = await desk.submit(
        "Limit",
        tif="gtc",
        qty=1,
        limit_price=250,
        order_class="oto",
        stop_loss={"stop_price": 240, "limit_price": 239},
    )
    await desk.hosted.house("sell", "250", "1", "AAPL/USD")
    [exit_] = (await desk.order(order.id, nested=True)).legs
    assert (exit_.type.value, exit_.status.value) == ("stop_limit", "new")
    assert (exit_.stop_price, exit_.limit_price) == ("240", "239")


async def test_trailing_stop_follows_the_market(desk):
    await desk.hosted.house("sell", "250", "1", "AAPL/USD")
    await desk.submit("Market", qty=1)
    trailing = await desk.submit("TrailingStop", side="sell", qty=1, trail_price=5)
    assert (trailing.stop_price, trailing.hwm, trailing.trail_price) == ("245", "250", "5")
    await desk.hosted.house("sell", "255", "1", "AAPL/USD")
    await desk.submit("Limit", qty=1, limit_price=255)
    moved = await desk.order(trailing.id)
    assert (moved.stop_price, moved.hwm) == ("250", "255")


async def test_coins_are_traded_with_a_slash_and_held_without(desk):
    await desk.hosted.house("sell", "60000", "1", "BTC/USD")
    order = await desk.submit("Market", symbol="BTC/USD", tif="gtc", qty=0.1)
    assert order.asset_class.value == "crypto"
    positions = {it.symbol: it for it in await desk.ask("get_all_positions")}
    assert positions["BTCUSD"].qty == "5.1"
    refused = await desk.refused(
        desk.submit("Limit", symbol="BTC/USD", qty=1, limit_price=100, tif="day")
    )
    assert refused == (422, {"code": 42210000, "message": "invalid crypto time_in_force"})


async def test_positions_are_closed_at_market(desk):
    await desk.hosted.house("buy", "249", "300", "AAPL/USD")
    half = desk.judge.requests.ClosePositionRequest(percentage="50")
    order = await desk.ask("close_position", "AAPL", half)
    assert (order.side.value, order.qty) == ("sell", "50")
    closed = await desk.ask("close_all_positions", cancel_orders=True)
    assert {it.symbol: it.status for it in closed} == {
        "AAPL": 200,
        "BTCUSD": 200,
        "TRY": 200,
    }
    left = {it.symbol for it in await desk.ask("get_all_positions")}
    assert left == {"BTCUSD", "TRY"}, "nobody bids for these"


async def test_every_open_order_is_canceled_at_once(desk):
    ids = [(await desk.submit("Limit", tif="gtc", qty=1, limit_price=p)).id for p in (9, 8)]
    told = await desk.ask("cancel_orders")
    assert {it.id: it.status for it in told} == dict.fromkeys(ids, 200)
    assert await desk.ask("get_orders") == []


async def test_the_day_the_account_and_what_is_listed(desk):
    clock = await desk.ask("get_clock")
    assert clock.is_open
    assert clock.timestamp < clock.next_close
    days = await desk.ask("get_calendar")
    assert len(days) == 61
    asset = await desk.ask("get_asset", "AAPL")
    assert (asset.fractionable, asset.shortable) == (True, False)
    assert not (await desk.ask("get_asset", "TRY")).fractionable
    coins = desk.judge.requests.GetAssetsRequest(asset_class="crypto")
    assert [it.symbol for it in await desk.ask("get_all_assets", coins)] == ["BTC/USD"]
    settings = await desk.ask("get_account_configurations")
    suspended = settings.model_copy(update={"suspend_trade": True})
    await desk.ask("set_account_configurations", suspended)
    status, _ = await desk.refused(desk.submit("Market", qty=1))
    assert status == 403
    history = await desk.ask("get_portfolio_history")
    assert history.equity == [100_000.0]


async def test_a_client_id_is_good_for_one_order(desk):
    fields = {"tif": "gtc", "qty": 1, "limit_price": 9, "client_order_id": str(uuid4())}
    order = await desk.submit("Limit", **fields)
    await desk.ask("cancel_order_by_id", order.id)
    refused = await desk.refused(desk.submit("Limit", **fields))
    words = "client_order_id must be unique"
    assert refused == (422, {"code": 40010001, "message": words})


async def test_too_little_money_or_too_few_shares_are_named(desk):
    status, body = await desk.refused(desk.submit("Limit", qty=1000, limit_price=250))
    assert (status, body["code"], body["message"]) == (
        *(403, 40310000, "insufficient buying power"),
    )
    assert body["buying_power"] == "100000"
    status, body = await desk.refused(
        desk.submit("Limit", side="sell", qty=101, limit_price=250)
    )
    assert (status, body["existing_qty"], body["available"]) == (403, "100", "100")


async def test_a_reply_lost_after_the_order_was_made_is_found_by_its_client_id(desk):
    await desk.hosted.arm("reply_lost_after", operation="submit", seconds=0)
    text = str(uuid4())
    with pytest.raises(OSError, match="onnection"):
        await desk.submit("Limit", qty=1, limit_price=9, client_order_id=text)
    found = await desk.ask("get_order_by_client_id", text)
    assert found.status.value == "new"


async def test_too_many_calls_are_waited_out_by_the_client(desk):
    await desk.hosted.arm("rate_limit", operation="read", seconds=0.5)
    account = await desk.ask("get_account")
    assert account.status.value == "ACTIVE"
    assert (await desk.hosted.hits())["rate_limit"] >= 1


async def test_an_update_that_comes_twice_is_the_same_one(desk):
    order = await desk.submit("Limit", tif="gtc", qty=2, limit_price=250)
    async with desk.updates() as heard:
        await desk.hosted.arm("stream_duplicate")
        await desk.hosted.house("sell", "250", "2", "AAPL/USD")
        await heard.until(lambda it: len(it) == 2)
    first, second = heard.all
    assert first == second
    assert (first.order.id, first.event) == (order.id, "fill")

"""Coinbase's orders: taken or not, triggered, bracketed, cancelled, edited."""

from decimal import Decimal

import pytest


def stop_limit(direction, stop, limit, size="1"):
    return {
        "stop_limit_stop_limit_gtc": {
            "base_size": size,
            "limit_price": limit,
            "stop_price": stop,
            "stop_direction": f"STOP_DIRECTION_STOP_{direction}",
        }
    }


async def trade_at(coinbase, trader, price, size="0.1"):
    """Let the last price be this one."""
    await coinbase.house("sell", price, size, symbol="BTC/USD")
    taking = {"sor_limit_ioc": {"base_size": size, "limit_price": price}}
    await trader.placed(taking)


async def test_the_same_client_order_id_returns_the_first_order(coinbase, trader):
    first = await trader.place(client_order_id="once")
    changed = {"limit_limit_gtc": {"base_size": "2", "limit_price": "50"}}
    again = await trader.place(changed, client_order_id="once", side="SELL")
    assert again == first
    assert len((await coinbase.truth())["orders"]) == 1


async def test_an_id_whose_order_was_not_taken_is_free_again(coinbase, trader):
    huge = {"limit_limit_gtc": {"base_size": "3000", "limit_price": "60000"}}
    refused = await trader.place(huge, client_order_id="again")
    assert refused["success"] is False
    assert (await trader.place(client_order_id="again"))["success"] is True


@pytest.mark.parametrize(
    ("configuration", "error", "preview"),
    [
        (
            {"limit_limit_gtc": {"base_size": "3000", "limit_price": "60000"}},
            "INSUFFICIENT_FUND",
            "PREVIEW_INSUFFICIENT_FUND",
        ),
        (
            {"limit_limit_gtc": {"base_size": "1", "limit_price": "100.001"}},
            "INVALID_PRICE_PRECISION",
            "PREVIEW_INVALID_PRICE_PRECISION",
        ),
        (
            {"limit_limit_gtc": {"base_size": "0.000000001", "limit_price": "100"}},
            "INVALID_SIZE_PRECISION",
            "PREVIEW_INVALID_SIZE_PRECISION",
        ),
        (
            {"limit_limit_gtc": {"base_size": "0.001", "limit_price": "100"}},
            "UNKNOWN_FAILURE_REASON",
            "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
        ),
        (
            {"limit_limit_fok": {"base_size": "1", "limit_price": "100"}},
            "INVALID_NO_LIQUIDITY",
            "PREVIEW_INVALID_NO_LIQUIDITY",
        ),
        (
            {"twap_limit_gtd": {"base_size": "1", "limit_price": "100"}},
            "UNSUPPORTED_ORDER_CONFIGURATION",
            "PREVIEW_INVALID_ORDER_CONFIG",
        ),
    ],
)
async def test_an_order_not_taken_says_why_with_status_200(
    trader, configuration, error, preview
):
    told = await trader.place(configuration)
    assert told["success"] is False
    assert told["order_configuration"] == configuration
    reasons = told["error_response"]
    assert (reasons["error"], reasons["preview_failure_reason"]) == (error, preview)


async def test_post_only_never_takes(coinbase, trader):
    await coinbase.house("sell", "100", "1", symbol="BTC/USD")
    crossing = {
        "limit_limit_gtc": {"base_size": "1", "limit_price": "100", "post_only": True}
    }
    told = await trader.place(crossing)
    assert told["error_response"]["error"] == "INVALID_LIMIT_PRICE_POST_ONLY"


@pytest.mark.parametrize(
    ("side", "direction", "stop", "wakes_at"),
    [
        ("BUY", "UP", "110", "111"),
        ("BUY", "DOWN", "90", "89"),
        ("SELL", "UP", "110", "111"),
        ("SELL", "DOWN", "90", "89"),
    ],
)
async def test_a_stop_waits_in_the_direction_it_says(
    coinbase, trader, side, direction, stop, wakes_at
):
    limit = "200" if side == "SELL" else "10"
    order_id = await trader.placed(stop_limit(direction, stop, limit), side=side)
    told = await trader.order(order_id)
    assert told["order_configuration"] == stop_limit(direction, stop, limit)
    assert (told["order_type"], told["trigger_status"]) == ("STOP_LIMIT", "STOP_PENDING")
    await trade_at(coinbase, trader, wakes_at)
    assert (await trader.order(order_id))["trigger_status"] == "STOP_TRIGGERED"


async def test_a_stop_that_would_trigger_at_once_is_not_taken(coinbase, trader):
    await trade_at(coinbase, trader, "100")
    told = await trader.place(stop_limit("DOWN", "105", "90"), side="SELL")
    preview = told["error_response"]["preview_failure_reason"]
    assert preview == "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE"
    told = await trader.place(stop_limit("UP", "95", "120"))
    preview = told["error_response"]["preview_failure_reason"]
    assert preview == "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE"


async def test_a_market_buy_by_quote_size_spends_that_much_fees_included(coinbase, trader):
    await coinbase.house("sell", "100", "5", symbol="BTC/USD")
    order_id = await trader.placed({"market_market_ioc": {"quote_size": "101.2"}})
    told = await trader.order(order_id)
    assert told["status"] == "FILLED"
    assert told["order_configuration"] == {"market_market_ioc": {"quote_size": "101.2"}}
    assert told["size_in_quote"] is True
    assert Decimal(told["total_value_after_fees"]) == Decimal("101.2")


async def test_what_an_ioc_order_cannot_fill_is_cancelled(coinbase, trader):
    await coinbase.house("sell", "100", "0.4", symbol="BTC/USD")
    taking = {"sor_limit_ioc": {"base_size": "1", "limit_price": "100"}}
    told = await trader.order(await trader.placed(taking))
    assert (told["status"], told["filled_size"]) == ("CANCELLED", "0.4")


async def test_a_gtd_order_expires(coinbase, trader):
    until = {
        "limit_limit_gtd": {
            "base_size": "1",
            "limit_price": "100",
            "end_time": "2023-11-14T22:14:00Z",
        }
    }
    order_id = await trader.placed(until)
    assert (await trader.order(order_id))["status"] == "OPEN"
    await coinbase.clock.advance(60)
    coinbase.site.tick()
    assert (await trader.order(order_id))["status"] == "EXPIRED"


async def test_a_bracket_is_one_order_whichever_way_it_ends(coinbase, trader):
    bracket = {
        "trigger_bracket_gtc": {
            "base_size": "1",
            "limit_price": "120",
            "stop_trigger_price": "80",
        }
    }
    won = await trader.placed(bracket, side="SELL")
    told = await trader.order(won)
    assert (told["order_type"], told["status"]) == ("BRACKET", "OPEN")
    assert told["order_configuration"] == bracket
    assert len((await trader.get("/orders/historical/batch")).json["orders"]) == 1
    await coinbase.house("buy", "120", "1", symbol="BTC/USD")
    assert (await trader.order(won))["status"] == "FILLED"

    lost = await trader.placed(bracket, side="SELL")
    await coinbase.house("buy", "80", "2", symbol="BTC/USD")
    await trader.placed(
        {"sor_limit_ioc": {"base_size": "0.5", "limit_price": "80"}}, side="SELL"
    )
    told = await trader.order(lost)
    assert (told["status"], told["filled_size"]) == ("FILLED", "1")
    fills = (await trader.get("/orders/historical/fills", order_ids=lost)).json["fills"]
    assert [(it["order_id"], it["price"]) for it in fills] == [(lost, "80")]


async def test_an_attached_bracket_begins_when_its_order_has_filled(coinbase, trader):
    exits = {"trigger_bracket_gtc": {"limit_price": "120", "stop_trigger_price": "80"}}
    placed = await trader.place(attached_order_configuration=exits)
    attached = placed["success_response"]["attached_order_id"]
    assert (await trader.order(attached))["status"] == "PENDING"
    await coinbase.house("sell", "100", "1", symbol="BTC/USD")
    told = await trader.order(attached)
    assert (told["status"], told["side"]) == ("OPEN", "SELL")
    results = await trader.post("/orders/batch_cancel", {"order_ids": [attached]})
    assert results.json["results"][0]["success"] is True
    assert (await trader.order(attached))["status"] == "CANCELLED"


async def test_each_cancel_of_a_batch_has_its_own_result(coinbase, trader):
    await coinbase.house("sell", "100", "1", symbol="BTC/USD")
    filled = await trader.placed()
    resting = await trader.placed(
        {"limit_limit_gtc": {"base_size": "1", "limit_price": "50"}}
    )
    nobody = "00000000-0000-4000-8000-000000000000"
    asked = {"order_ids": [filled, resting, nobody, resting]}
    results = (await trader.post("/orders/batch_cancel", asked)).json["results"]
    assert [(it["success"], it["failure_reason"]) for it in results] == [
        (False, "ORDER_IS_FULLY_FILLED"),
        (True, "UNKNOWN_CANCEL_FAILURE_REASON"),
        (False, "UNKNOWN_CANCEL_ORDER"),
        (False, "UNKNOWN_CANCEL_ORDER"),
    ]


async def test_an_edited_order_keeps_its_id_and_shows_its_history(coinbase, trader):
    order_id = await trader.placed()
    edit = {"order_id": order_id, "size": "2", "price": "90"}
    assert (await trader.post("/orders/edit_preview", edit)).json["base_size"] == "2"
    assert (await trader.post("/orders/edit", edit)).json["success"] is True
    told = await trader.order(order_id)
    assert told["order_configuration"]["limit_limit_gtc"] == {
        "base_size": "2",
        "limit_price": "90",
        "post_only": False,
    }
    assert [(it["price"], it["size"]) for it in told["edit_history"]] == [("90", "2")]
    assert (await coinbase.truth())["orders"][0]["id"] == order_id


@pytest.mark.parametrize(
    ("changed", "reason"),
    [
        ({"price": "90"}, "INVALID_EDITED_SIZE"),
        ({"size": "2"}, "INVALID_EDITED_PRICE"),
        ({"size": "1", "price": "100"}, "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST"),
        ({"size": "0.3", "price": "100"}, "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"),
        ({"size": "2", "price": "90.001"}, "INVALID_EDITED_PRICE"),
    ],
)
async def test_an_edit_that_cannot_be_says_why(coinbase, trader, changed, reason):
    order_id = await trader.placed()
    await coinbase.house("sell", "100", "0.4", symbol="BTC/USD")
    told = (await trader.post("/orders/edit", {"order_id": order_id} | changed)).json
    assert told["success"] is False
    assert told["errors"][0]["edit_failure_reason"] == reason


async def test_only_open_limit_orders_are_edited(coinbase, trader):
    waiting = await trader.placed(stop_limit("UP", "110", "120"))
    done = await trader.placed()
    await trader.post("/orders/batch_cancel", {"order_ids": [done]})
    for order_id, reason in (
        (waiting, "ONLY_LIMIT_ORDER_EDITS_SUPPORTED"),
        (done, "ONLY_OPEN_ORDERS_CAN_BE_EDITED"),
        ("nothing", "ORDER_NOT_FOUND"),
    ):
        edit = {"order_id": order_id, "size": "2", "price": "90"}
        told = (await trader.post("/orders/edit", edit)).json
        assert told["errors"][0]["edit_failure_reason"] == reason


async def test_a_look_up_of_nothing_is_not_found(trader):
    refused = await trader.get("/orders/historical/no-such-order")
    assert refused.status == 404
    assert refused.json["message"] == "order with this orderID was not found"

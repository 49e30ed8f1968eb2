"""Coinbase's orders: what its stream leaves out, its refusals with 200, ids used twice."""

from __future__ import annotations

from typing import Any

import ccxt.pro
import msgspec
import pytest

from crossdock.adapters.venues.ccxt.exchanges.coinbase import QUIRKS
from crossdock.adapters.venues.ccxt.family import studied
from crossdock.adapters.venues.ccxt.refusals import at_path
from crossdock.adapters.venues.ccxt.session import Session
from crossdock.model import OrderStatus, OrderType
from crossdock.toolkit import HttpReply

MANIFEST = studied()["coinbase"].manifest()
DOWN, UP = "STOP_DIRECTION_STOP_DOWN", "STOP_DIRECTION_STOP_UP"


def streamed(**info: str) -> Any:
    row = {
        "status": "OPEN",
        "cumulative_quantity": "0.25",
        "leaves_quantity": "0.75",
        "stop_price": "",
        "time_in_force": "GOOD_UNTIL_CANCELLED",
        **info,
    }
    return QUIRKS.streamed_order({"id": "1", "amount": "0.25", "info": row})


def looked_up(name: str, side: str = "buy", status: str = "OPEN", **terms: str) -> Any:
    info = {"status": status, "filled_size": "2", "order_configuration": {name: terms}}
    return {"id": "1", "side": side, "amount": None, "price": None, "info": info}


def handle(told: Any) -> Any:
    exchange = ccxt.pro.coinbase()
    QUIRKS.tune(exchange)
    exchange.handle_errors(200, "", "", "POST", {}, "", told, {}, "")
    return exchange, told


def test_streamed_quantity_is_what_was_done_and_what_is_left() -> None:
    assert streamed()["amount"] == "1"
    assert streamed()["filled"] == "0.25"
    filled = streamed(status="FILLED", cumulative_quantity="1", leaves_quantity="0")
    assert filled["amount"] == "1"


@pytest.mark.parametrize(
    "info",
    [
        {"status": "CANCELLED", "leaves_quantity": "0"},
        {"status": "EXPIRED", "leaves_quantity": "0"},
        {"status": "FAILED", "leaves_quantity": "0"},
        {"stop_price": "90"},
        {"leaves_quantity": ""},
    ],
)
def test_streamed_order_that_tells_too_little_has_no_quantity(info: dict[str, str]) -> None:
    assert streamed(**info)["amount"] is None


def test_streamed_order_keeps_its_time_in_force() -> None:
    assert streamed(time_in_force="IMMEDIATE_OR_CANCEL")["timeInForce"] == "IOC"


@pytest.mark.parametrize("name", ["limit_limit_gtc", "limit_limit_fok", "sor_limit_ioc"])
def test_terms_are_read_of_every_kind_of_configuration(name: str) -> None:
    row = QUIRKS.order_row(looked_up(name, base_size="3", limit_price="100.5"))
    assert (row["amount"], row["price"], row["triggerPrice"]) == ("3", "100.5", None)


def test_filled_order_sized_in_money_has_the_quantity_that_was_filled() -> None:
    row = looked_up("market_market_ioc", status="FILLED", quote_size="100")
    assert QUIRKS.order_row(row)["amount"] == "2"


@pytest.mark.parametrize(
    ("side", "direction", "kind"),
    [
        ("buy", UP, OrderType.STOP_LIMIT),
        ("sell", DOWN, OrderType.STOP_LIMIT),
        ("buy", DOWN, OrderType.LIMIT_IF_TOUCHED),
        ("sell", UP, OrderType.LIMIT_IF_TOUCHED),
    ],
)
def test_stop_is_told_from_a_touch_by_its_direction(
    side: str, direction: str, kind: OrderType
) -> None:
    row = looked_up("stop_limit_stop_limit_gtc", side, stop_direction=direction)
    assert QUIRKS.order_type(row) == kind
    assert QUIRKS.order_type(looked_up("limit_limit_gtc", base_size="1")) == ""


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ("EXPIRED", OrderStatus.EXPIRED),
        ("FAILED", OrderStatus.REJECTED),
        ("PENDING", OrderStatus.PENDING_NEW),
        ("CANCELLED", ""),
        ("OPEN", ""),
    ],
)
def test_statuses_that_ccxt_loses_are_kept(said: str, status: str) -> None:
    assert QUIRKS.status({"info": {"status": said}}) == status


def test_edit_that_failed_is_an_error_though_its_status_is_200() -> None:
    reasons = [{"edit_failure_reason": "ONLY_OPEN_ORDERS_CAN_BE_EDITED"}]
    with pytest.raises(ccxt.ExchangeError):
        handle({"success": False, "errors": reasons})
    handle({"success": True, "errors": [{"edit_failure_reason": "UNKNOWN"}]})


def test_reply_to_a_submit_brings_the_terms_of_the_order_that_has_the_id() -> None:
    terms = {"limit_limit_gtc": {"base_size": "7", "limit_price": "5"}}
    answer = {"order_id": "1", "product_id": "BTC-USD", "side": "BUY"}
    exchange, told = handle(
        {"success": True, "success_response": answer, "order_configuration": terms}
    )
    order = exchange.parse_order(told["success_response"])
    assert (order["info"]["order_configuration"], order["id"]) == (terms, "1")
    assert QUIRKS.order_row(order)["amount"] == "7"


def test_terms_that_were_not_told_do_not_hide_the_reply() -> None:
    answer = {"order_id": "1"}
    _, told = handle(
        {"success": True, "success_response": answer, "order_configuration": None}
    )
    assert told["success_response"] == {"order_id": "1"}


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (
            {"errors": [{"edit_failure_reason": "CANNOT_EDIT_TO_BELOW_FILLED_SIZE"}]},
            "CANNOT_EDIT_TO_BELOW_FILLED_SIZE",
        ),
        (
            {
                "errors": [
                    {
                        "edit_failure_reason": "UNKNOWN_EDIT_ORDER_FAILURE_REASON",
                        "preview_failure_reason": "PREVIEW_INSUFFICIENT_FUND",
                    }
                ]
            },
            "PREVIEW_INSUFFICIENT_FUND",
        ),
        (
            {
                "error_response": {
                    "error": "UNKNOWN_FAILURE_REASON",
                    "preview_failure_reason": "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
                }
            },
            "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
        ),
        (
            {"results": [{"failure_reason": "ORDER_IS_FULLY_FILLED"}]},
            "ORDER_IS_FULLY_FILLED",
        ),
    ],
)
async def test_reason_is_found_where_it_stands_and_is_listed(
    body: Any, code: str, make_context: Any
) -> None:
    async with make_context(MANIFEST, "http://127.0.0.1:1") as context:
        session = Session(context, QUIRKS)
        reply = HttpReply(status=200, headers={}, body=msgspec.json.encode(body))
        assert session.refusals.words_of(reply)[0] == code
        assert code in MANIFEST.rejection_codes


@pytest.mark.parametrize(
    "code",
    [
        "UNKNOWN_FAILURE_REASON",
        "UNKNOWN_CANCEL_FAILURE_REASON",
        "UNKNOWN_EDIT_ORDER_FAILURE_REASON",
        "DUPLICATE_CANCEL_REQUEST",
    ],
)
def test_words_that_decide_nothing_are_no_rejection(code: str) -> None:
    assert code not in MANIFEST.rejection_codes


@pytest.mark.parametrize("path", sorted(QUIRKS.shapes))
def test_foreign_body_does_not_fit_a_write(path: str) -> None:
    assert at_path({"surprise": [1, 2]}, QUIRKS.shapes[path]) is None

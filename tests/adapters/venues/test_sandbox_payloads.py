"""Wire types against recorded replies, and what becomes of them."""

import json
import re
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.venues.sandbox import MANIFEST, wire
from crossdock.adapters.venues.sandbox.refusals import Refusals
from crossdock.adapters.venues.sandbox.translation import Translation
from crossdock.errors import (
    AuthFailed,
    BadPayload,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.model import OrderStatus, Side
from crossdock.toolkit import HttpReply

FOLDER = files("crossdock.adapters.venues.sandbox").joinpath("cassettes")
CASSETTES = {
    name: json.loads(FOLDER.joinpath(f"{name}.json").read_text("utf-8"))
    for name in ("ws", "rest")
}
SAID = [it for cassette in CASSETTES.values() for it in cassette]
EXCHANGES = [it for it in SAID if "target" in it and it["status"] == 200]
FRAMES = [it["received"] for it in SAID if "received" in it]
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "sandbox-protocol.md"

READS = {
    "GET /v1/time": wire.Time,
    "GET /v1/instruments": wire.InstrumentList,
    "GET /v1/book": wire.BookMessage,
    "GET /v1/bars": wire.BarList,
    "GET /v1/balances": wire.BalanceList,
    "GET /v1/positions": wire.PositionList,
    "GET /v1/fills": wire.FillList,
    "GET /v1/ledger": wire.EventList,
    "GET /v1/orders?state=open": wire.OrderList,
    "GET /v1/orders?client": wire.WireOrder,
    "POST /v1/orders": wire.WireOrder,
    "PUT /v1/orders/": wire.WireOrder,
    "DELETE /v1/orders/": wire.WireOrder,
    "DELETE /v1/orders": wire.CanceledList,
}


def shape_of(exchange):
    asked = f"{exchange['method']} {exchange['target']}"
    fitting = [start for start in READS if asked.startswith(start)]
    return READS[max(fitting, key=len)]


def translation():
    return Translation("main", "alpha")


def order(**changes):
    fields = {
        "id": "7",
        "client_order_id": "cd-1",
        "symbol": "BTC/USDT",
        "side": "buy",
        "type": "limit",
        "quantity": "1.50",
        "cumulative_quantity": "0",
        "limit_price": "60000.10",
        "stop_price": None,
        "time_in_force": "GTC",
        "expire_time_ns": None,
        "post_only": False,
        "reduce_only": False,
        "position_side": "net",
        "status": "New",
        "reason": "",
        "replaces": None,
        "created_time_ns": 1,
        "updated_time_ns": 2,
        **changes,
    }
    return msgspec.json.decode(json.dumps(fields), type=wire.WireOrder)


@pytest.mark.parametrize(
    "exchange", EXCHANGES, ids=lambda it: f"{it['method']} {it['target']}"
)
def test_recorded_replies_are_described_field_for_field(exchange):
    shape = shape_of(exchange)
    decoded = msgspec.json.decode(json.dumps(exchange["reply"]), type=shape)
    assert msgspec.json.decode(msgspec.json.encode(decoded)) == exchange["reply"]


@pytest.mark.parametrize("frame", FRAMES, ids=lambda it: it["type"])
def test_recorded_frames_are_described_field_for_field(frame):
    decoded = msgspec.json.decode(
        json.dumps(frame), type=wire.MarketFrame | wire.AccountFrame
    )
    if isinstance(decoded, wire.Reply):
        told = {name: frame[name] for name in decoded.__struct_fields__ if name in frame}
        result = msgspec.json.decode(decoded.result) if decoded.ok else None
        assert {**msgspec.structs.asdict(decoded), "result": result}.items() >= told.items()
        assert frame.keys() - told.keys() <= {"type", "order"}
    else:
        again = msgspec.json.decode(msgspec.json.encode(decoded))
        assert {name: again[name] for name in frame} == frame


def test_every_kind_of_reply_is_among_the_recorded():
    assert {shape_of(it) for it in EXCHANGES} == set(READS.values())


@given(st.decimals(allow_nan=False, allow_infinity=False, places=8, min_value=0))
@settings(max_examples=100)
def test_numbers_keep_every_digit(number):
    text = format(number, "f")
    report = translation().order(order(quantity=text), 5)
    assert str(report.quantity) == str(Decimal(text))


@pytest.mark.parametrize("text", ["NaN", "Infinity", "-Infinity", "sNaN"])
@pytest.mark.parametrize("field", ["quantity", "cumulative_quantity", "limit_price"])
def test_what_is_no_number_is_a_bad_payload(field, text):
    with pytest.raises(BadPayload):
        translation().order(order(**{field: text}), 5)


def test_an_order_is_named_for_its_account_and_venue():
    report = translation().order(order(replaces="6", status="PartiallyFilled"), 5)
    assert (report.account, report.instrument) == ("main", "BTC/USDT@alpha")
    assert (report.venue_order_id, report.replaces) == ("7", "6")
    assert report.status is OrderStatus.PARTIALLY_FILLED
    assert report.side is Side.BUY
    assert (report.venue_time_ns, report.received_time_ns) == (2, 5)


@pytest.mark.parametrize("status", ["Journaled", "Sent", "NeverAccepted", "Shipped"])
def test_a_status_that_is_not_the_venues_to_say_does_not_decode(status):
    with pytest.raises(msgspec.ValidationError):
        order(status=status)


def test_a_symbol_that_would_be_ambiguous_is_refused():
    with pytest.raises(BadPayload):
        translation().order(order(symbol="A@B"), 5)


def codes_of_the_page():
    table = PAGE.read_text("utf-8").partition("## Errors")[2].partition("## Public")[0]
    for codes, status in re.findall(
        r"^\| (`.+?`) \| ([\d, ]+|WebSocket only) \|", table, re.MULTILINE
    ):
        for code in re.findall(r"`(\w+)`", codes):
            yield code, int(status.split(",")[0])


PAGE_CODES = dict(codes_of_the_page())
OTHERS = {
    "bad_signature": AuthFailed,
    "bad_key": AuthFailed,
    "key_revoked": AuthFailed,
    "session_expired": AuthFailed,
    "not_authenticated": AuthFailed,
    "rate_limited": RateLimited,
    "banned": RateLimited,
    "duplicate_client_order_id": OutcomeUnknown,
    "internal": type(None),
}


def test_every_code_of_the_protocol_page_has_a_meaning():
    assert PAGE_CODES.keys() == MANIFEST.rejection_codes.keys() | OTHERS.keys()


@pytest.mark.parametrize("code", PAGE_CODES)
def test_a_code_means_the_same_in_a_frame_and_in_a_reply(code):
    refusals = Refusals(MANIFEST.rejection_codes)
    wanted = OTHERS.get(code, Rejected)
    framed = refusals.of_frame(wire.Reply(id=1, ok=False, code=code, message="words"))
    assert type(framed) is wanted
    body = json.dumps({"code": code, "message": "words"}).encode()
    replied = refusals.of_reply(HttpReply(status=PAGE_CODES[code], headers={}, body=body))
    assert type(replied) is (type(None) if wanted is RateLimited else wanted)


@pytest.mark.parametrize("body", [b"", b"{}", b"<html>", b'{"code":1}', b"\xff", b"[]"])
def test_a_refusal_without_a_code_proves_nothing(body):
    refusals = Refusals(MANIFEST.rejection_codes)
    assert refusals.of_reply(HttpReply(status=400, headers={}, body=body)) is None


@pytest.mark.parametrize("status", [500, 502, 503])
def test_a_listed_code_with_a_servers_error_proves_nothing(status):
    body = b'{"code":"bad_tick","message":"words"}'
    reply = HttpReply(status=status, headers={}, body=body)
    assert Refusals(MANIFEST.rejection_codes).of_reply(reply) is None


# ---- bars --------------------------------------------------------------------------

MINUTE_NS = 60 * 10**9
GOOD = [[0, "5", "7", "4", "6", "1.5"], [2 * MINUTE_NS, "6", "6", "6", "6", "0"]]


def bars(rows):
    listed = msgspec.json.decode(json.dumps({"bars": rows}), type=wire.BarList)
    return translation().bars(listed, "BTC/USDT@alpha", MINUTE_NS)


def test_bars_are_columns_of_one_instrument():
    made = bars(GOOD)
    assert (made.instrument, made.width_ns) == ("BTC/USDT@alpha", MINUTE_NS)
    assert made.start_time_ns == [0, 2 * MINUTE_NS]
    assert (made.open, made.high, made.low) == ([5, 6], [7, 6], [4, 6])
    assert (made.close, made.volume) == ([6, 6], [1.5, 0])
    assert len(bars([])) == 0


@pytest.mark.parametrize(
    ("row", "column", "value"),
    [
        (1, 0, 0),  # the same start twice
        (1, 0, 2 * MINUTE_NS + 1),  # not a multiple of the width
        (0, 0, 3 * MINUTE_NS),  # not oldest first
        (0, 2, "5.5"),  # the high below the close
        (0, 3, "5.5"),  # the low above the open
        (0, 2, "inf"),
        (0, 1, "nan"),
        (0, 5, "-1"),
        (0, 4, "six"),
    ],
)
def test_what_can_be_no_bars_is_a_bad_payload(row, column, value):
    rows = [list(each) for each in GOOD]
    rows[row][column] = value
    with pytest.raises(BadPayload):
        bars(rows)

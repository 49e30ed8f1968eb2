"""A request as it was recorded and as it came, without what is generated anew each time."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.adapters.venues.ccxt.recorded.exchange import Opened

_ALWAYS_SKIPPED = frozenset(
    {
        *("signature", "timestamp", "nonce", "recvWindow", "Signature", "Timestamp"),
        *("AccessKeyId", "SignatureMethod", "SignatureVersion"),
        # Ours, or generated: each order is named by us.
        *("newClientOrderId", "clientAlgoId", "clientOrderId", "client_order_id"),
        *("client-order-id", "client_oid", "clientOid", "clOrdId", "algoClOrdId"),
        *("cl_ord_id", "cliOrdId", "orderLinkId", "cid", "label", "c", "tag"),
        "foo",  # what ccxt puts into an empty form for Bitstamp
        *("operationId", "reqId", "bizId", "transferId", "channel_code", "brokerId"),
    }
)
_OF_PAGES = frozenset(
    {
        *("limit", "size", "pageSize", "page_size", "count", "max_results", "rows"),
        *("since", "start", "end", "startTime", "endTime", "startAt", "endAt", "from"),
        *("to", "begin", "before", "after", "start_timestamp", "end_timestamp"),
        *("start_time", "end_time", "start-time", "end-time", "startat", "endat"),
        *("start_sequence_timestamp", "end_sequence_timestamp", "sort", "sorting"),
        *("limit_trades", "step", "fromId", "granularity", "time_start", "time_end"),
        *("since_timestamp", "until_timestamp", "ofs", "lastTime", "createdBeforeOrAt"),
        *("order", "fromISO", "toISO", "len", "page", "page-size", "page_index", "n"),
        *("until", "sz", "maxCount", "until_timestamp"),
    }
)
_PAGED = frozenset(
    {
        *("fetchMyTrades", "fetchOHLCV", "fetchTrades", "fetchOrderBook", "fetchLedger"),
        *("fetchFundingRateHistory", "fetchFundingHistory", "fetchDeposits"),
        *("fetchWithdrawals", "fetchOpenOrders", "fetchBorrowInterest"),
    }
)


@dataclass(frozen=True)
class Said:
    """One request without what is generated anew each time."""

    method: str
    path: str
    fields: Mapping[str, str]


def expected_of(
    method: str, case: Mapping[str, Any], skipped: frozenset[str]
) -> list[Said]:
    """Return what a case's request says; its HTTP method is not recorded."""
    parts = urlsplit(case["url"])
    fields = {**_form(parts.query), **_body(case.get("output") or "")}
    return [Said("", parts.path, _kept(method, fields, skipped))]


def said_of(method: str, opened: Opened, skipped: frozenset[str]) -> list[Said]:
    return [
        Said(
            "",
            asked.path,
            _kept(method, {**_form(asked.query), **_body(asked.body)}, skipped),
        )
        for asked in opened.server.asked
    ]


def _kept(
    method: str, fields: Mapping[str, str], skipped: frozenset[str]
) -> dict[str, str]:
    out = skipped | _ALWAYS_SKIPPED
    if method in _PAGED:
        out |= _OF_PAGES
    return {
        name: value
        for name, value in fields.items()
        if not set(name.split(".")) & out
        and value not in ("", "null")
        and not name.startswith("action.builder.")  # ccxt's authors ask a fee, we do not
    }


def _form(text: str) -> dict[str, str]:
    return {name: _value(value) for name, value in parse_qsl(text)}


def _body(text: str) -> dict[str, str]:
    if not text:
        return {}
    if text[:1] in "[{":
        return _flat("", json.loads(text, parse_float=str))
    return _form(text)


def _flat(name: str, value: Any) -> dict[str, str]:
    if isinstance(value, dict):
        rows = value.items()
    elif isinstance(value, list):
        rows = ((str(place), each) for place, each in enumerate(value))
    else:
        return {name: _value(value)}
    found: dict[str, str] = {}
    for key, each in rows:
        found |= _flat(f"{name}.{key}" if name else str(key), each)
    return found


def _value(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return json.dumps(value)
    text = str(value)
    if text in ("True", "False"):
        return text.lower()
    try:
        number = Decimal(text)
    except InvalidOperation:
        return text
    return format(number.normalize(), "f") if number.is_finite() else text

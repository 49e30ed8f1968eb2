"""Kraken tells an order whole once, and afterwards only what changed."""

from __future__ import annotations

from decimal import Decimal
from types import SimpleNamespace

import pytest
from ccxt.pro import kraken

from crossdock.adapters.venues.ccxt.abilities.account_stream import _AccountFeed
from crossdock.adapters.venues.ccxt.exchanges.kraken import QUIRKS
from crossdock.adapters.venues.ccxt.translation import Translation
from crossdock.model import OrderStatus, Right
from crossdock.toolkit import HealthRegistry

_ID = "OK4GJX-KSTLS-7DZZO5"
_WHOLE = {
    "order_id": _ID,
    "cl_ord_id": "cd-1",
    "order_userref": 0,
    "symbol": "BTC/USD",
    "order_qty": "0.02",
    "cum_cost": "0",
    "time_in_force": "GTC",
    "exec_type": "pending_new",
    "side": "buy",
    "order_type": "limit",
    "limit_price": "26500.0",
    "stop_price": "0",
    "order_status": "pending_new",
    "timestamp": "2023-09-22T10:33:05.709950Z",
}
_SPARSE = {
    "order_id": _ID,
    "cl_ord_id": "cd-1",
    "order_userref": 0,
    "timestamp": "2023-09-22T10:33:06.709950Z",
}
_NEW = {**_SPARSE, "exec_type": "new", "order_status": "new"}
_TRADE = {
    **_SPARSE,
    "exec_type": "trade",
    "order_status": "partially_filled",
    "exec_id": "T5DIUI-5N4KO-Z5BPXK",
    "symbol": "BTC/USD",
    "side": "buy",
    "last_qty": "0.01",
    "last_price": "26500.0",
    "fees": [{"asset": "USD", "qty": "0.1"}],
}
_ENDED = {
    **_SPARSE,
    "exec_type": "canceled",
    "order_status": "canceled",
    "cum_qty": "0.01",
    "avg_price": "26500.0",
}


class _Driver(kraken):
    """ccxt's own parsing, of rows that are handed in instead of watched."""


@pytest.fixture
async def feed(small):
    context = SimpleNamespace(
        account="main",
        venue="kraken",
        clock=small.context.clock,
        state=small.context.state,
        manifest=small.context.manifest,
        health=HealthRegistry(small.context.clock),
    )
    account = SimpleNamespace(
        session=None,
        quirks=QUIRKS,
        health=context.health.stream("main account"),
        translation=Translation(context, QUIRKS),
    )
    return _AccountFeed(account, SimpleNamespace())


def _told(feed, *rows):
    driver = _Driver()
    for row in rows:
        whole = feed._whole(driver, driver.parse_ws_order(row))
        if whole is not None:
            feed._waiting.append(whole)
    return feed._told()


async def test_what_changed_is_laid_over_what_was_told_of_the_order(feed):
    first, second, last = _told(feed, _WHOLE, _NEW, _TRADE, _ENDED)
    assert first.client_order_id == "cd-1"
    assert second.status is OrderStatus.NEW
    assert last.status is OrderStatus.CANCELED
    for report in (first, second, last):
        assert report.quantity == Decimal("0.02")
        assert report.limit_price == Decimal("26500.0")
    assert [it.cumulative_quantity for it in (first, last)] == [0, Decimal("0.01")]
    assert feed._partial == []


async def test_an_order_whose_beginning_was_not_told_is_asked_for(feed):
    assert _told(feed, _TRADE, _ENDED) == []
    assert feed._partial == [_ID]


async def test_only_executions_of_the_shared_channel_are_fills():
    driver = _Driver()
    rows = [driver.parse_ws_trade(row) for row in (_WHOLE, _NEW, _TRADE, _ENDED)]
    fills = [it for it in map(QUIRKS.streamed_fill, rows) if it is not None]
    assert [it["id"] for it in fills] == ["T5DIUI-5N4KO-Z5BPXK"]


@pytest.mark.parametrize(
    ("permissions", "rights", "is_bound"),
    [
        (["query-funds", "modify-trades"], {Right.READ, Right.TRADE}, False),
        (["withdraw-funds"], {Right.WITHDRAW}, True),
        ([], set(), False),
    ],
)
async def test_rights_of_a_key_are_read(permissions, rights, is_bound):
    class Exchange:
        async def private_post_getapikeyinfo(self):
            allowed = ["127.0.0.1"] if is_bound else []
            return {"result": {"permissions": permissions, "ipAllowlist": allowed}}

    told = await QUIRKS.key_rights(Exchange(), None)
    assert (told.rights, told.is_address_bound) == (rights, is_bound)


async def test_a_price_that_is_too_fine_and_a_taken_id_are_told_apart():
    words = "EOrder:Invalid price:XBT/USD price can only be specified up to 1 decimals."
    assert QUIRKS.code_of(words, words) == "price can only be specified up to"
    taken = "EGeneral:Invalid arguments:cl_ord_id not unique"
    assert QUIRKS.code_of(taken, taken) in QUIRKS.duplicate_codes

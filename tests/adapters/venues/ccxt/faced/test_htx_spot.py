"""HTX is traded on spot: its contracts, which the exchange lists too, are not offered."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.errors import NotSent
from crossdock.model import ContractKind, OrderStatus, instrument_id

MANY = dict.fromkeys(("writes_2s", "reads_2s", "public_2s"), 10_000)


@pytest.fixture
async def htx(faced):
    return await faced("htx", limits=MANY)


async def test_contracts_are_not_offered(htx):
    kinds = {it.kind for it in await htx.adapter.instruments()}
    assert kinds == {ContractKind.SPOT}


async def test_an_order_of_a_contract_is_not_sent(htx):
    order = await htx.order()
    contract = replace(order.instrument, id=instrument_id("BTC/USDT:USDT", "htx"))
    with pytest.raises(NotSent):
        await htx.adapter.submit(replace(order, instrument=contract))
    assert not (await htx.truth())["orders"]


async def test_an_order_goes_by_a_text_of_ours_from_birth_to_end(htx):
    order = await htx.order(quantity=Decimal("0.5"))
    report = await htx.adapter.submit(order)
    [held] = (await htx.truth())["orders"]
    assert held["client_order_id"] == order.client_order_id
    found = await htx.adapter.order(htx.ref(order))
    assert found.venue_order_id == report.venue_order_id
    [listed] = await htx.adapter.open_orders()
    assert listed.client_order_id == order.client_order_id
    assert (await htx.cancel(order)).status is OrderStatus.CANCELED

"""A fill that comes between an order and its edit is told alike, whatever it leaves."""

from decimal import Decimal

import pytest

from crossdock.errors import Rejected
from crossdock.model import OrderStatus

LINEAR = "BTC/USD:USD"
MANY = {"derivatives_10s": 1_000_000, "history_10min": 1_000_000}


@pytest.mark.parametrize("seed", range(8))
async def test_a_fill_that_overtakes_an_edit_is_kept(faced, seed):
    kraken = await faced("krakenfutures", limits=MANY, seed=seed)
    async with kraken.watched() as sink:
        order = await kraken.order(LINEAR, quantity=Decimal("0.02"))
        report = await kraken.adapter.submit(order)
        await kraken.arm("replace_fill_race", account="main")
        try:
            status = (await kraken.replace(order, report, quantity=Decimal("0.04"))).status
        except Rejected:
            status = OrderStatus.FILLED
        await sink.until(lambda: any(it.status is status for it in sink.of(order)))
        [held] = (await kraken.truth())["orders"]
        found = await kraken.adapter.order(kraken.ref(order))
        filled = Decimal(held["cumulative_quantity"])
        assert filled > 0
        await sink.until(lambda: sink.of(order)[-1].quantity == found.quantity)
        await sink.until(lambda: sum(it.quantity for it in sink.told_fills) == filled)
        for told in (found, sink.of(order)[-1]):
            assert (told.status, told.status.value) == (status, held["status"])
            assert told.quantity == Decimal(held["quantity"])
            assert told.cumulative_quantity == filled

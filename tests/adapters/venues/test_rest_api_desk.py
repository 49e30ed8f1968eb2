"""A desk trades through a described broker: no code, no stream of the account."""

import asyncio
from contextlib import asynccontextmanager
from decimal import Decimal
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from crossdock.adapters.venues.rest_api import manifest_of
from crossdock.app.doors.user import UserDesk
from crossdock.app.open import build_desk
from crossdock.app.registry import GROUPS, Registry
from crossdock.app.settings import load_settings
from crossdock.book import OrderBook
from crossdock.core import records as r
from crossdock.model import OrderStatus, Side, instrument_id
from crossdock.ports import Can

EXAMPLE = Path(__file__).parents[3] / "docs/examples/sandbox-rest.toml"
PATIENT_S = 30.0
D = Decimal

SETTINGS = """
[desk]
name = "described"
journal = "journal"
control = "desk.sock"
log_folder = "logs"
durability = "process"
audit_s = 1

[risk]
position_pct = "150"
leverage_max = "5"
correlation_max = "1"
price_collar_bps = "1000"

[accounts.main]
adapter = "rest_api:sandbox-rest"
venue = "{venue}"
url = "{url}"
key = "{key}"
key_secret = "{key_secret}"

[portfolios.main]
"""


class Point:
    """The entry point of a family of one file."""

    name = "rest_api"
    value = "the example"
    dist = None

    def load(self):
        return [manifest_of(EXAMPLE)]


def registry():
    def source(group):
        return [Point()] if group == GROUPS["venue"] else entry_points(group=group)

    return Registry(source)


@pytest.fixture
async def bench(sandbox_peer):
    async with sandbox_peer.bench() as bench:
        # No market here turns it into the desk's currency, so equity would be unknown.
        await bench.hostile.act("withdraw", account="trader", asset="USD", amount="100000")
        yield bench


@pytest.fixture
def settings(bench, tmp_path):
    file = tmp_path / "settings.toml"
    given = bench.settings(*bench.address)
    file.write_text(SETTINGS.format(venue=bench.venue, **given))
    file.chmod(0o600)
    return load_settings(file, environment={}, registry=registry())


@asynccontextmanager
async def opened(settings):
    async with build_desk(
        settings, registry=registry(), serves_control=False, runs_strategies=False
    ) as desk:
        assert await desk.ready(PATIENT_S) == []
        yield desk


async def until(desk, holds):
    """Wait, record by record and book by book, until something holds of the desk."""
    news = asyncio.Event()
    kinds = (r.FillRecorded, r.OrderReported, r.AttemptEnded, OrderBook)
    ends = [desk.kernel.bus.subscribe(kind, lambda _: news.set()) for kind in kinds]
    async with asyncio.timeout(PATIENT_S):
        while not holds():
            news.clear()
            await news.wait()
    for end in ends:
        end()


async def audited(desk):
    """Wait for a comparison with the venue that begins from now on."""
    gateway = desk.gateways["main"]
    before = gateway.audits
    await until(desk, lambda: gateway.audits > before)


async def assert_books_are_the_venues(desk, bench):
    await audited(desk)
    assert desk.gateways["main"].unexplained == []
    assert not desk.kernel.state.account("main").halted
    truth = await bench.hostile.truth()
    booked = {it.asset: it.total for it in desk.kernel.state.ledger.balances("main")}
    assert {k: v for k, v in booked.items() if v} == {
        asset: D(total) for asset, total in truth["cash"].items() if D(total)
    }
    told = {it["execution_id"] for it in UserDesk(desk).fills()}
    assert told == set(await bench.executions())


async def market_open(desk, bench):
    book = desk.markets.book_of(instrument_id(bench.symbol, bench.venue))
    await until(desk, lambda: book.ready)
    await desk.day_opened()
    return UserDesk(desk)


async def test_a_desk_buys_amends_cancels_and_counts_without_an_account_stream(
    settings, bench
):
    assert Can.ACCOUNT_STREAM not in settings.manifests["main"].can
    async with opened(settings) as desk:
        user = await market_open(desk, bench)
        bought = await user.buy(
            bench.symbol, bench.quantity, limit=await bench.crossing_price(Side.BUY)
        )
        fill = await bought.filled(timeout_s=PATIENT_S)
        assert fill.price == await bench.crossing_price(Side.BUY)

        resting = await user.buy(
            bench.symbol, bench.quantity, limit=await bench.resting_price(Side.BUY)
        )
        await until(desk, lambda: resting.status == "New")
        first_id = resting.view.venue_order_ids[-1]
        resting.amend(quantity=bench.quantity * 2)
        await until(desk, lambda: resting.view.quantity == bench.quantity * 2)
        assert resting.view.venue_order_ids[-1] != first_id
        await bench.fill(resting.view.client_order_id, bench.quantity)
        await until(desk, lambda: resting.view.cumulative_quantity == bench.quantity)
        resting.cancel()
        done = await resting.done(timeout_s=PATIENT_S)
        assert (done.status, done.cumulative_quantity) == ("Canceled", bench.quantity)

        price = await bench.crossing_price(Side.SELL)
        sold = await user.sell(bench.symbol, bench.quantity * 2, limit=price)
        await sold.filled(timeout_s=PATIENT_S)
        [position] = [it for it in user.positions() if "realized_pnl" in it]
        paid = fill.price + done.average_price
        assert D(position["realized_pnl"]) == (price * 2 - paid) * bench.quantity
        await assert_books_are_the_venues(desk, bench)
        health = desk.gateways["main"].streams()
        assert health["account"].gaps == 0
        assert health["account"].verdict().state == health["market"].verdict().state == "ok"


async def test_what_happened_while_the_desk_was_down_is_known_after_it(settings, bench):
    async with opened(settings) as desk:
        user = await market_open(desk, bench)
        price = await bench.resting_price(Side.BUY)
        orders = [await user.buy(bench.symbol, bench.quantity, limit=price)]
        other = bench.quantity * 3
        orders.append(await user.buy(bench.symbol, other, limit=price))
        await until(desk, lambda: all(it.status == "New" for it in orders))
    filled, kept = (order.view for order in orders)
    await bench.fill(filled.client_order_id, bench.quantity)
    async with opened(settings) as desk:
        again = desk.kernel.state.orders[filled.order_id]
        assert again.status is OrderStatus.FILLED
        assert again.cumulative_quantity == bench.quantity
        left = desk.kernel.state.orders[kept.order_id]
        assert left.status is OrderStatus.NEW
        user = await market_open(desk, bench)
        await assert_books_are_the_venues(desk, bench)
        desk.dealing.cancel(left)
        await until(desk, lambda: left.status is OrderStatus.CANCELED)
    assert [it["status"] for it in await bench.orders(kept.client_order_id)] == ["Canceled"]


async def test_a_lost_reply_ends_as_one_order_and_no_doubt(settings, bench):
    async with opened(settings) as desk:
        user = await market_open(desk, bench)
        assert await bench.arm("write_failed_after")
        price = await bench.resting_price(Side.BUY)
        order = await user.buy(bench.symbol, bench.quantity, limit=price)
        await until(desk, lambda: order.view.venue_order_ids)
        assert not order.view.in_doubt
        assert len(await bench.orders(order.view.client_order_id)) == 1

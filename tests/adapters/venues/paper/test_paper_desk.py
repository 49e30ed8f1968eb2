"""A desk trades on paper against a live market, is killed, and goes on."""

import asyncio
import shutil
from contextlib import asynccontextmanager
from decimal import Decimal

import pytest

from crossdock.app.doors.user import UserDesk
from crossdock.app.open import build_desk
from crossdock.app.settings import load_settings
from crossdock.model import OrderStatus, Side, instrument_id

PATIENT_S = 30.0
SETTINGS = """
[desk]
name = "paper"
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

[accounts.live]
adapter = "sandbox"
venue = "{venue}"
enabled = false
url = "{url}"
key = "{key}"
key_secret = "{key_secret}"

[accounts.paper]
adapter = "paper"
venue = "onpaper"
market = "live"
balances = "100000 USDT"
latency_ms = "1"

[portfolios.main]
"""


@asynccontextmanager
async def opened(folder, bench):
    file = folder / "settings.toml"
    file.write_text(SETTINGS.format(venue=bench.venue, **bench.settings(*bench.address)))
    file.chmod(0o600)
    settings = load_settings(file, environment={})
    async with build_desk(settings, serves_control=False, runs_strategies=False) as desk:
        assert await desk.ready(PATIENT_S) == []
        book = desk.markets.book_of(instrument_id(bench.symbol, "onpaper"))
        await until(desk, lambda: book.ready)
        await desk.day_opened()
        yield desk


async def until(desk, holds):
    async with asyncio.timeout(PATIENT_S):
        while not holds():
            await asyncio.sleep(0)


async def assert_in_agreement(desk):
    gateway = desk.gateways["paper"]
    before = gateway.audits
    await until(desk, lambda: gateway.audits > before)
    assert gateway.unexplained == []
    assert not desk.kernel.state.account("paper").halted


@pytest.fixture
async def bench(sandbox_peer):
    async with sandbox_peer.bench() as bench:
        yield bench


async def test_a_desk_on_paper_is_as_it_was_after_a_kill(bench, tmp_path):
    first, second = tmp_path / "first", tmp_path / "second"
    first.mkdir()
    async with opened(first, bench) as desk:
        user = UserDesk(desk)
        bought = await user.buy(bench.symbol, "0.02")
        fill = await bought.filled(timeout_s=PATIENT_S)
        assert fill.price == await bench.crossing_price(Side.BUY)
        price = await bench.resting_price(Side.SELL)
        resting = await user.sell(bench.symbol, "0.01", limit=price)
        await until(desk, lambda: resting.status == "New")
        await assert_in_agreement(desk)
        shutil.copytree(first, second)  # what the disk holds when a kill comes now
        resting.cancel()
        assert (await resting.done(timeout_s=PATIENT_S)).status == "Canceled"
    assert await bench.executions() == [], "nothing went to the live venue"
    async with opened(second, bench) as desk:
        again = desk.kernel.state.orders[resting.view.order_id]
        assert again.status is OrderStatus.NEW
        await assert_in_agreement(desk)
        booked = {it.asset: it.total for it in desk.kernel.state.ledger.balances("paper")}
        assert booked["TRY"] == Decimal("0.02")
        desk.dealing.cancel(again)
        await until(desk, lambda: again.status is OrderStatus.CANCELED)
        await assert_in_agreement(desk)

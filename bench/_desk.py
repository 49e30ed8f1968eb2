"""A desk that answers each tick with an order, its adapter's rate limits out of the way."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from decimal import Decimal
from importlib.metadata import EntryPoint, entry_points
from pathlib import Path
from typing import Any

VENUES = "crossdock.venues"
SETTINGS = """
[desk]
mode = "paper"
currency = "USDT"
journal = "journal"
log_folder = "logs"
control = "{folder}/desk.sock"
durability = "{durability}"
log_level = "warning"

[risk]
orders_per_s = 100000
orders_per_minute = 1000000
order_notional_max = 50000
order_quantity_max = 1

[strategies.answerer]
kind = "_desk:Answerer"
symbols = ["BTC/USDT"]
params = {{ takes = {takes} }}

[accounts.main]
"""


class Answerer:
    """Answers every tick: takes the touch, buying and selling in turn, or only bids."""

    made: Answerer

    def __init__(self, name: Any, symbols: tuple[str, ...], params: Any) -> None:
        from crossdock.model import OrderRequest, OrderType, Side, TimeInForce

        self.id = name
        self._request, self._limit = OrderRequest, OrderType.LIMIT
        self._sides, self._ioc = (Side.BUY, Side.SELL), TimeInForce.IOC
        self._quantity, self._step = Decimal("0.01"), Decimal("0.00001")
        self._takes = params["takes"]
        self._number = 0
        self.is_answering = False
        Answerer.made = self

    def start(self, desk: Any) -> None:
        self._desk = desk

    def on_book(self, instrument: Any, book: Any) -> None:
        if not self.is_answering:
            return
        self._number += 1
        sells = self._takes and self._number % 2
        quantity = self._quantity + self._number % 20_000 * self._step  # no order twice
        placed = self._desk.submit(
            self._request(
                account="main",
                instrument=instrument,
                side=self._sides[sells],
                type=self._limit,
                quantity=quantity,
                limit_price=book.best_bid_price
                if sells or not self._takes
                else book.best_ask_price,
                time_in_force=self._ioc,
            )
        )
        if placed is None:
            raise SystemExit("risk refused an order of the benchmark")

    def _ignore(self, *_: object) -> None:
        """Look at nothing else."""

    on_quote = on_trade = on_bar = on_order = on_fill = on_timer = _ignore

    def stop(self) -> None:
        """Leave nothing behind."""


def unlimited(adapter: str) -> Any:
    """Return a registry whose one venue adapter may call as often as it likes."""
    from crossdock.app.registry import Registry
    from crossdock.ports import Manifest

    def free(manifest: Manifest) -> Manifest:
        limits = tuple(replace(it, calls=10**8) for it in manifest.rate_limits)
        return replace(manifest, rate_limits=limits)

    class Unlimited(EntryPoint):
        def load(self) -> Any:
            found = super().load()
            if isinstance(found, Manifest):
                return free(found)
            return lambda settings: (free(it) for it in found(settings) if it.id == adapter)

    def points(group: str) -> list[EntryPoint]:
        found = list(entry_points(group=group))
        if group != VENUES:
            return found
        family = {it.name: it for it in found}
        point = family.get(adapter) or family["ccxt"]
        return [Unlimited(point.name, point.value, point.group)]

    return Registry(points)


async def with_desk(
    account: Mapping[str, str],
    act: Callable[[Any], Awaitable[None]],
    *,
    durability: str = "process",
    takes: bool,
    wait_s: float,
) -> None:
    """Run a desk with one account, and act when its book is there and its day opened."""
    from crossdock.app.open import build_desk
    from crossdock.app.settings import load_settings

    registry = unlimited(account["adapter"])
    with tempfile.TemporaryDirectory() as folder:
        fields = {"folder": folder, "durability": durability, "takes": str(takes).lower()}
        lines = [f'{name} = "{value}"\n' for name, value in account.items()]
        file = written(folder, "settings.toml", SETTINGS.format(**fields) + "".join(lines))
        settings = load_settings(file, environment={}, registry=registry)
        async with build_desk(settings, registry=registry) as desk:
            away = await desk.ready(30)
            assert not away, desk.gateways[away[0]].reason
            await asyncio.sleep(wait_s)
            gc.collect()
            gc.freeze()
            Answerer.made.is_answering = True
            await act(desk)


def written(folder: str, name: str, text: str) -> Path:
    """Write a file that only its owner may read."""
    file = Path(folder, name)
    file.write_text(text, encoding="utf-8")
    file.chmod(0o600)
    return file

"""Our sandbox as an adapter's peer: all it takes is the name of a face, and what differs."""

from __future__ import annotations

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import ExitStack, asynccontextmanager, contextmanager
from decimal import Decimal
from itertools import count
from pathlib import Path
from tempfile import TemporaryDirectory
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

import aiohttp
import msgspec

from crossdock.conformance.bench import Trouble
from crossdock.conformance.hostile import Hostile
from crossdock.model import Asset, Side
from crossdock.sandbox.faces import face_class
from crossdock.sandbox.faces.described import venue_of

_TRADER, _MAKER = "trader", "maker"
_DEPTH = 250  # of the quantity traded, at each best price
_WIDER = 10_000
_POLL_S = 0.02
_MARKET: Mapping[str, Any] = MappingProxyType(
    {
        "symbol": "TRY/USDT",
        "ticks": [["0", "0.01"]],
        "quantity_step": "0.0001",
        "min_quantity": "0.0001",
        "max_quantity": "1000000",
        "min_notional": "5",
        "maker_fee": "0.0002",
        "taker_fee": "0.0005",
    }
)
_FUNDS: Mapping[str, str] = MappingProxyType({"USDT": "100000", "TRY": "100"})
_SETTINGS: Mapping[str, str] = MappingProxyType(
    {"url": "{url}", "key": "{key}", "key_secret": "{secret}"}
)
_PASSPHRASE: Mapping[str, str] = MappingProxyType({"passphrase_secret": "{passphrase}"})
_A_WHILE: Mapping[str, object] = MappingProxyType({"operation": "write", "seconds": 0.2})
_FAULTS: Mapping[Trouble, tuple[str, Mapping[str, object]]] = {
    Trouble.CANCEL_AFTER_FILL: ("cancel_fill_race", {}),
    Trouble.REPLACE_AFTER_FILL: ("replace_fill_race", {}),
    Trouble.STREAM_DUPLICATE: ("stream_duplicate", {}),
    Trouble.STREAM_MISSING: ("stream_missing", {}),
    Trouble.MARKET_GAP: ("market_gap", {}),
    Trouble.HISTORY_SHORT: ("history_truncated", {}),
    Trouble.WRITE_THROTTLED: ("rate_limit", _A_WHILE),
    Trouble.WRITE_UNAUTHORISED: ("key_revoked", _A_WHILE),
    Trouble.SESSION_EXPIRED: ("session_expired", {}),
    Trouble.WRITE_FAILED_AFTER: ("server_error_after", {"operation": "write"}),
}
_names = count(1)


class Terms(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What an adapter's `FACES` says of one face.

    The first of `markets` is traded, from the price `start` on; each says only what is
    not as usual here. `widened` names limits of the face that would count: they are
    made ten thousand times as high. `settings` are what a user sets, with `{url}` and
    fields of the face's own account (`{key}`, `{secret}`, `{passphrase}`) to fill in.
    `done_page` is how many done orders the face lists at once. `writes` and `trail` are
    those of `Bench`.
    """

    face: str
    markets: tuple[dict[str, Any], ...] = msgspec.field(default_factory=lambda: ({},))
    start: Decimal = Decimal(10_000)
    quantity: Decimal = Decimal("0.02")
    funds: dict[str, str] = msgspec.field(default_factory=lambda: dict(_FUNDS))
    settings: dict[str, str] = {}
    widened: tuple[str, ...] = ()
    writes: tuple[str, ...] = ()
    trail: dict[str, Decimal] = {}
    unseen: tuple[Trouble, ...] = ()  # what nothing in the protocol shows
    done_page: int = 100

    @property
    def market(self) -> Mapping[str, Any]:
        return {**_MARKET, **self.markets[0]}

    @property
    def tick(self) -> Decimal:
        """The tick of the traded market where its price begins."""
        bands = [(Decimal(floor), Decimal(tick)) for floor, tick in self.market["ticks"]]
        return max(band for band in bands if band[0] <= self.start)[1]

    def venue(self, name: str) -> Mapping[str, Any]:
        """Return the configuration of a venue with a trader and a maker."""
        holder = self._holder()
        trader = {**holder, "name": _TRADER, "balances": self.funds}
        funds = dict.fromkeys(self.funds, "1000000000")
        maker = {**holder, "name": _MAKER, "key": "nobody-calls", "balances": funds}
        usual = face_class(self.face).usual_limits
        prices = {self.market["symbol"]: format(self.start, "f")}
        return {
            "name": name,
            "face": self.face,
            "limits": {limit: usual[limit] * _WIDER for limit in self.widened},
            "markets": [{**_MARKET, **it} for it in self.markets],
            "accounts": [trader, maker],
            "market": {"kind": "participants", "prices": prices},
        }

    def user_settings(self, url: str) -> Mapping[str, str]:
        """Return what a user would set to trade at an address."""
        holder = self._holder()
        usual = {**_SETTINGS, **(_PASSPHRASE if "passphrase" in holder else {})}
        settings = self.settings or usual
        return {name: it.format(url=url, **holder) for name, it in settings.items()}

    def _holder(self) -> dict[str, str]:
        """Return the credentials of the face's own account, in the form it takes."""
        [account, *_] = venue_of(self.face)["accounts"]
        names = ("key", "secret", "passphrase")
        return {name: account[name] for name in names if name in account}


def terms_of(fields: Mapping[str, Any]) -> Terms:
    """Read what a `FACES` says of one face. Raises msgspec.ValidationError."""
    return msgspec.convert(fields, Terms)


class SandboxBench:
    """One venue of a running sandbox, made for one question."""

    def __init__(self, terms: Terms, venue: str, hostile: Hostile) -> None:
        self._terms = terms
        self._top: dict[Side, Decimal] = {}
        self.venue = venue
        self.hostile = hostile
        self.symbol: str = terms.market["symbol"]
        self.quantity = terms.quantity
        self.writes = terms.writes
        self.trail = terms.trail

    @property
    def address(self) -> tuple[str, int]:
        parts = urlsplit(self.hostile.url)
        return str(parts.hostname), int(parts.port or 0)

    def settings(self, host: str, port: int) -> Mapping[str, str]:
        return self._terms.user_settings(f"http://{host}:{port}")

    async def open_market(self) -> None:
        """Make a market that stands still and is deep at its best prices."""
        await self.hostile.act("pause")
        best = await self.hostile.best(self.symbol)
        for side, name in ((Side.BUY, "bid"), (Side.SELL, "ask")):
            beside = self._terms.start - side.sign * 100 * self._terms.tick
            self._top[side] = Decimal(best[name] or beside)
            await self._make(side, self._top[side], self.quantity * _DEPTH, "GTC")

    async def resting_price(self, side: Side) -> Decimal:
        inwards = (self._top[side.opposite] - self._top[side]) / 4
        return self._top[side] + self._on_tick(inwards)

    async def crossing_price(self, side: Side) -> Decimal:
        return self._top[side.opposite]

    async def stop_price(self, side: Side) -> Decimal:
        return self._on_tick(self._top[side.opposite] * (1 + side.sign * Decimal("0.05")))

    async def fill(self, client_order_id: str, quantity: Decimal) -> None:
        [order] = await self.orders(client_order_id)
        side = Side(order["side"]).opposite
        await self._make(side, Decimal(order["limit_price"]), quantity, "IOC")

    async def orders(self, client_order_id: str) -> Sequence[Mapping[str, str]]:
        """Return the orders of an id, which some protocols take without its hyphens."""
        ids = (client_order_id, client_order_id.replace("-", ""))
        held = (await self.hostile.truth())["orders"]
        return [it for it in held if it["client_order_id"] in ids]

    async def executions(self) -> Sequence[str]:
        return [it["execution_id"] for it in (await self.hostile.truth())["fills"]]

    async def bury(self) -> None:
        """Have orders end that fill, as many as the market's depth takes, and that do not."""
        more = self._terms.done_page + 10
        await self._end_orders(Side.SELL, min(more, _DEPTH // 2))
        await self._end_orders(Side.BUY, more)

    async def trade_much(self) -> None:
        await self._end_orders(Side.SELL, _DEPTH // 2)

    async def _end_orders(self, price_of: Side, times: int) -> None:
        """Have orders to buy end at the best price of a side: filled where others sell."""
        await self.hostile.act(
            "manual_order",
            account=_TRADER,
            symbol=self.symbol,
            side="buy",
            type="limit",
            quantity=format(self.quantity, "f"),
            limit_price=format(self._top[price_of], "f"),
            time_in_force="IOC",
            times=times,
        )

    async def deposit(self, amount: Decimal, *, times: int = 1) -> Asset:
        asset = next(iter(self._terms.funds))
        told = {"asset": asset, "amount": format(amount, "f"), "times": times}
        await self.hostile.act("deposit", account=_TRADER, **told)
        return Asset(asset)

    async def expire(self) -> None:
        await self.hostile.act("expire", account=_TRADER)

    async def arm(self, trouble: str) -> bool:
        if trouble in self._terms.unseen:
            return False
        kind, terms = _FAULTS[Trouble(trouble)]
        if trouble == Trouble.MARKET_GAP:
            await self.hostile.arm(kind)
            await self._lose_a_change()
        else:
            await self.hostile.arm(kind, account=_TRADER, **terms)
        return True

    async def _lose_a_change(self) -> None:
        """Make a change that is lost alone, though the protocol may gather several."""
        price = self._top[Side.BUY] - 100 * self._terms.tick
        await self._make(Side.BUY, price, self.quantity, "GTC")
        while await self.hostile.is_armed():  # noqa: ASYNC110
            await asyncio.sleep(_POLL_S)  # the sandbox is another process

    def _on_tick(self, price: Decimal) -> Decimal:
        return price // self._terms.tick * self._terms.tick

    async def _make(self, side: Side, price: Decimal, quantity: Decimal, tif: str) -> None:
        await self.hostile.act(
            "manual_order",
            account=_MAKER,
            symbol=self.symbol,
            side=side,
            type="limit",
            quantity=format(quantity, "f"),
            limit_price=format(price, "f"),
            time_in_force=tif,
        )


class SandboxPeer:
    """A face of a sandbox in another process."""

    def __init__(self, terms: Terms, admin_url: str) -> None:
        self._terms = terms
        self._admin_url = admin_url

    @asynccontextmanager
    async def bench(self) -> AsyncIterator[SandboxBench]:
        venue = f"try{next(_names)}"
        async with aiohttp.ClientSession() as session:
            config = self._terms.venue(venue)
            hostile = await Hostile.opened(self._admin_url, session, config, _TRADER)
            bench = SandboxBench(self._terms, venue, hostile)
            try:
                await bench.open_market()
                yield bench
            finally:
                await hostile.close()


@contextmanager
def running(terms: Terms) -> Iterator[SandboxPeer]:
    """Have a sandbox run; whoever is asked with one meanwhile shares it."""
    with _SHARED.entered() as admin_url:
        yield SandboxPeer(terms, admin_url)


class _Shared:
    """A sandbox process that ends with the last of its users."""

    def __init__(self) -> None:
        self._users = 0
        self._process = ExitStack()
        self._admin_url = ""

    @contextmanager
    def entered(self) -> Iterator[str]:
        if not self._users:
            self._admin_url = self._process.enter_context(_sandbox())
        self._users += 1
        try:
            yield self._admin_url
        finally:
            self._users -= 1
            if not self._users:
                self._process.close()


_SHARED = _Shared()


@contextmanager
def _sandbox() -> Iterator[str]:
    """Run a sandbox without venues in a process; its admin port."""
    with TemporaryDirectory() as folder:
        config = Path(folder, "sandbox.json")
        config.write_text(json.dumps({"venues": []}))
        command = (sys.executable, "-m", "crossdock.sandbox", "--with-parent")
        with subprocess.Popen(  # noqa: S603 - our own interpreter and module
            [*command, "--config", str(config)], stdout=subprocess.PIPE
        ) as process:
            try:
                assert process.stdout is not None
                yield json.loads(process.stdout.readline())["admin"]
            finally:
                process.terminate()

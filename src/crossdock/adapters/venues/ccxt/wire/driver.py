"""The thin layer around ccxt, which is untyped: everything it is asked goes through here.

What is overridden, and where ccxt 4.5.90 has it: `fetch`, `fetch2`, `open`, `client` in
async_support/base/exchange.py; precision and clock in base/exchange.py.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.adapters.venues.ccxt.wire.calls import current_call
from crossdock.adapters.venues.ccxt.wire.listing import Listing
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.adapters.venues.ccxt.wire.unified import translated
from crossdock.errors import BadPayload, OutcomeUnknown
from crossdock.ports import Clock, extras
from crossdock.toolkit import HttpReply

if TYPE_CHECKING:
    from crossdock.adapters.venues.ccxt.wire.sockets import Activity
    from crossdock.adapters.venues.ccxt.wire.transport import Wire

EXTRA = "crypto"
_decode = msgspec.json.Decoder(float_hook=str).decode
"""Numbers with a point stay text, as ccxt's own JavaScript reads them (quoteJsonNumbers)."""


def ccxt_errors() -> Any:
    return extras.load("ccxt.base.errors", extra=EXTRA, what="crypto exchanges")


def make_driver(
    exchange: str,
    config: Mapping[str, Any],
    *,
    wire: Wire,
    clock: Clock,
    activity: Activity,
    fits: Any,
) -> Any:
    """Make ccxt's object for an exchange, speaking through `wire`."""
    driver = _wired(exchange)(dict(config))
    driver.crossdock = _Ours(wire, clock, activity, fits)
    return driver


class _Ours:
    """What our overrides use. ccxt's objects print none of it."""

    __slots__ = ("activity", "clock", "fits", "wire")

    def __init__(self, wire: Wire, clock: Clock, activity: Activity, fits: Any) -> None:
        self.wire = wire
        self.clock = clock
        self.activity = activity
        self.fits = fits


def load_ccxt(exchange: str) -> Any:
    """Return ccxt's class for an exchange. Raises ExtraMissing where ccxt is not there."""
    return getattr(extras.load("ccxt.pro", extra=EXTRA, what="crypto exchanges"), exchange)


@lru_cache(maxsize=64)
def _wired(exchange: str) -> Any:
    base = load_ccxt(exchange)
    members = {
        name: value for name, value in vars(_Overrides).items() if not name.startswith("__")
    }

    async def fetch2(self: Any, path: str, *args: Any, **more: Any) -> Any:
        names = ("api", "method", "params", "config")
        given: dict[str, Any] = {
            "api": "public",
            "method": "GET",
            "params": {},
            "config": {},
        }
        given.update(zip(names, args, strict=False))
        given.update(more)
        weight = self.calculate_rate_limiter_cost(
            given["api"], given["method"], path, given["params"], given["config"]
        )
        wire, api, method = self.crossdock.wire, given["api"], given["method"]
        named = api if isinstance(api, str) else "/".join(api)
        origin = origin_of(self, api)
        await wire.admit(origin, named, method, path, float(weight or 1))
        async with wire.in_turn(named, method, path):
            return await base.fetch2(self, path, *args, **more)

    def sign(self: Any, path: str, api: Any, method: str, *args: Any) -> Any:
        call = current_call()
        if args and call is not None and (call.wished or call.demanded):
            args = (translated(args[0], call.wished, call.demanded), *args[1:])
        return base.sign(self, path, api, method, *args)

    def nonce(self: Any) -> int:
        return int(self.crossdock.wire.nonce(base.nonce(self)))

    def client(self: Any, url: str) -> Any:
        made = base.client(self, url)
        if "://" in url:  # ccxt parks futures on clients that are never dialled
            self.crossdock.activity.attach(made)
            # Some exchanges ask to be pinged less often than we want to know they live.
            made.keepAlive = min(made.keepAlive, self.streaming["keepAlive"])
        return made

    def parse_orders(self: Any, orders: Any, market: Any = None, *args: Any) -> Any:
        try:
            return base.parse_orders(self, orders, market, *args)
        except Exception:
            rows = _rows(orders)
            unread = [row for row in rows if not _is_order(self, row, market)]
            if len(unread) == len(rows):
                raise
            read = [row for row in rows if not any(row is it for it in unread)]
            told = base.parse_orders(self, read, market, *args)
            return [*told, *({"id": "", "info": row} for row in unread)]

    members |= {
        "fetch2": fetch2,
        "parse_orders": parse_orders,
        "sign": sign,
        "nonce": nonce,
        "client": client,
        "__module__": base.__module__,
        "__qualname__": base.__qualname__,
    }
    return type(base.__name__, (base,), members)


def _rows(orders: Any) -> list[Any]:
    if isinstance(orders, dict):
        return [{"id": key, **row} for key, row in orders.items()]
    return list(orders)


def _is_order(exchange: Any, row: Any, market: Any) -> bool:
    """Tell whether ccxt can read a row: one that it stumbles over is told without an id."""
    try:
        exchange.parse_order(row, market)
    except Exception:  # noqa: BLE001 - it stumbles by whatever the row is
        return False
    return True


class _Overrides:
    """Methods put over those of every exchange."""

    crossdock: _Ours

    def open(self: Any, lazy: bool = False) -> None:
        if lazy and self.closed_by_user:
            raise ccxt_errors().ExchangeClosedByUser(f"{self.id} was closed")
        self.closed_by_user = False
        if self.asyncio_loop is None:
            self.asyncio_loop = asyncio.get_running_loop()
            self.throttler.loop = self.asyncio_loop

    async def fetch(
        self: Any, url: str, method: str = "GET", headers: Any = None, body: Any = None
    ) -> Any:
        sent = self.prepare_request_headers(dict(headers or {}))
        data = body.encode() if isinstance(body, str) else (body or b"")
        reply, received = await self.crossdock.wire.send(url, method, sent, data)
        self.last_response_headers = received
        text = self.on_rest_response(
            reply.status, "", url, method, received, _text(reply), sent, body
        )
        parsed = _parsed(text)
        # The exchange's own address, so that its error tables are found by it.
        self.handle_errors(
            reply.status, "", url, method, received, text, parsed, sent, body
        )
        self.handle_http_status_code(reply.status, "", url, method, text)
        if not self.crossdock.fits(url, parsed, text):
            raise _unreadable(reply)
        call = current_call()
        if call is not None:
            if call.lists and isinstance(parsed, dict):
                parsed = Listing(parsed)
            call.parsed = parsed
        return text if parsed is None else parsed

    @staticmethod
    def to_array(value: Any) -> Any:
        """Do as ccxt's, of whose dictionaries ours are a kind."""
        return list(value.values()) if isinstance(value, dict) else value

    def price_to_precision(self: Any, symbol: Any, price: Any) -> Any:
        return plain(price)

    def amount_to_precision(self: Any, symbol: Any, amount: Any) -> Any:
        return plain(amount)

    def milliseconds(self: Any) -> int:
        return int(self.crossdock.clock.time_ns() // 1_000_000)

    def microseconds(self: Any) -> int:
        return int(self.crossdock.clock.time_ns() // 1_000)

    def seconds(self: Any) -> int:
        return int(self.crossdock.clock.time_ns() // 1_000_000_000)


def origin_of(driver: Any, api: Any) -> str:
    """Return the address that calls of one of ccxt's `api` names go to."""
    found = driver.urls["api"]
    for name in (api,) if isinstance(api, str) else api:
        if isinstance(found, dict):
            found = found.get(name) or next(iter(found.values()))
    while not isinstance(found, str):
        found = next(iter(found.values()))
    return str(driver.implode_hostname(found))


def _text(reply: HttpReply) -> str:
    return reply.body.decode("utf-8", "replace")


def _parsed(text: str) -> Any:
    try:
        value = _decode(text)
    except ValueError:
        return None
    return value if isinstance(value, dict | list) else None


def _unreadable(reply: HttpReply) -> Exception:
    what = "an HTML page" if reply.is_html else f"{len(reply.body)} bytes that do not fit"
    call = current_call()
    if call is not None and call.is_going:
        failure: BadPayload | OutcomeUnknown = OutcomeUnknown(
            f"{call.what}: the exchange answered {what}", hint="reconcile"
        )
    else:
        failure = BadPayload(f"the exchange answered {what}")
    if call is not None:
        call.failure = failure
    return failure

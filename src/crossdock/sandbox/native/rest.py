"""The protocol's REST calls."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import web

from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faults import Armed, FaultKind, Operation
from crossdock.sandbox.host import Host
from crossdock.sandbox.native.auth import Holder
from crossdock.sandbox.native.feed import encode
from crossdock.sandbox.native.forms import ReplaceForm, SubmitForm, read_json
from crossdock.sandbox.native.gateway import HTML, Gateway, OrderRef, scope_of
from crossdock.sandbox.native.history import events_page, fills_page
from crossdock.sandbox.native.limits import Limiter
from crossdock.sandbox.native.payloads import (
    Payload,
    bar_payload,
    book_payload,
    exact,
    instrument_payload,
    order_payload,
    position_payload,
)
from crossdock.sandbox.native.refusals import Refusal, bad_request

_MOST_LEVELS = 1000
_MOST_ROWS = 500
_MOST_SEQUENCE = 10**12
_MOST_BARS = 1000
_WIDEST_BAR_S = 7 * 86_400
_MOST_NS = 4 * 10**18  # the year 2096

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
Act = Callable[[int], Payload]
Prepare = Callable[[web.Request, str, bytes], Act]
Read = Callable[[web.Request, str], Payload]
Public = Callable[[web.Request], Payload]


class Rest:
    """One venue's REST face. `routes` are to be mounted on its port."""

    def __init__(self, host: Host, gateway: Gateway) -> None:
        self._host = host
        self._gateway = gateway

    def routes(self) -> dict[tuple[str, str], Handler]:
        """Return the handler of each method and path."""
        submit, cancel = Operation.SUBMIT, Operation.CANCEL
        return {
            ("GET", "/v1/time"): self._public(self._time),
            ("GET", "/v1/instruments"): self._public(self._instruments),
            ("GET", "/v1/book"): self._public(self._book),
            ("GET", "/v1/trades"): self._public(self._trades),
            ("GET", "/v1/bars"): self._public(self._bars),
            ("GET", "/v1/session"): self._read(self._session),
            ("POST", "/v1/orders"): self._signed(submit, self._submit),
            ("DELETE", "/v1/orders"): self._signed(cancel, self._cancel_some),
            ("GET", "/v1/orders"): self._read(self._orders),
            ("PUT", "/v1/orders/{id}"): self._signed(Operation.REPLACE, self._replace),
            ("DELETE", "/v1/orders/{id}"): self._signed(cancel, self._cancel),
            ("GET", "/v1/orders/{id}"): self._read(self._order),
            ("GET", "/v1/fills"): self._read(self._fills),
            ("GET", "/v1/ledger"): self._read(self._ledger),
            ("GET", "/v1/balances"): self._read(self._balances),
            ("GET", "/v1/positions"): self._read(self._positions),
        }

    def refusal(self, refusal: Refusal, limiter: Limiter | None = None) -> web.Response:
        """Return an error reply, its rate headers included."""
        body: Payload = {"code": refusal.code, "message": refusal.message}
        if refusal.code == "order_done" and refusal.order is not None:
            body["order"] = order_payload(refusal.order)
        response = self._json(body, limiter or self._host.public, Operation.READ)
        response.set_status(refusal.status)
        if refusal.retry_after_s is not None:
            response.headers["Retry-After"] = f"{refusal.retry_after_s:.3f}"
        return response

    def _json(self, body: Payload, limiter: Limiter, operation: Operation) -> web.Response:
        headers = limiter.headers(scope_of(operation), self._host.clock.time_ns())
        return web.Response(
            body=encode(body), headers=headers, content_type="application/json"
        )

    def _read(self, read: Read) -> Handler:
        def prepare(request: web.Request, account: str, _body: bytes) -> Act:
            return lambda _now_ns: read(request, account)

        return self._signed(Operation.READ, prepare)

    def _public(self, read: Public) -> Handler:
        host, gateway, operation = self._host, self._gateway, Operation.READ

        async def handle(request: web.Request) -> web.StreamResponse:
            lost = gateway.lost(operation, "")
            if lost is not None:
                return await self._hang_up(request, lost.seconds)
            try:
                gateway.limit(host.public, operation, None)
                held_s = gateway.hold_s(operation, None)
                if held_s is not None:
                    await host.wait(held_s)
                body = read(request)
            except Refusal as refusal:
                return self.refusal(refusal)
            except Refused as refused:
                return self.refusal(Refusal.of(refused))
            response = self._json(body, host.public, operation)
            return await self._deliver(
                request, response, gateway.afterwards(operation, None)
            )

        return handle

    def _signed(self, operation: Operation, prepare: Prepare) -> Handler:
        """Return the handler of a signed call: prepare, wait where a fault says so, act."""
        host, gateway = self._host, self._gateway

        async def handle(request: web.Request) -> web.StreamResponse:
            body = await request.read()
            lost = gateway.lost(operation, request.headers.get("X-Key", ""))
            if lost is not None:
                return await self._hang_up(request, lost.seconds)
            limiter = None
            try:
                holder = self._verify(request, body)
                limiter, account = holder.limiter, holder.account
                gateway.admit(holder, operation)
                window = gateway.window(*self._timing(request))
                act = prepare(request, account, body)
                held_s = gateway.hold_s(operation, account)
                if held_s is not None:
                    await host.wait(held_s)
                result = gateway.run(window, act)
            except Refusal as refusal:
                host.flush()
                return self.refusal(refusal, limiter)
            response = self._json(result, limiter, operation)
            return await self._deliver(
                request, response, gateway.afterwards(operation, account)
            )

        return handle

    async def _deliver(
        self, request: web.Request, response: web.Response, fault: Armed | None
    ) -> web.StreamResponse:
        """Send the reply of a call that was executed, and then what it caused."""
        if fault is None:
            with contextlib.suppress(ConnectionError):
                await response.prepare(request)
                await response.write_eof()
            self._host.flush()
            return response
        self._host.flush()
        kind = fault.kind
        if kind is FaultKind.REPLY_LOST_AFTER:
            return await self._hang_up(request, fault.seconds)
        if kind is FaultKind.REPLY_CUT:
            return self._cut(request, response)
        if kind is FaultKind.SERVER_ERROR_AFTER:
            return self.refusal(Refusal("internal", "something went wrong", status=500))
        if kind is FaultKind.HTML:
            return web.Response(status=502, body=HTML, content_type="text/html")
        await self._host.wait(fault.seconds)
        return response

    async def _hang_up(self, request: web.Request, seconds: float) -> web.StreamResponse:
        await self._host.wait(seconds)
        if request.transport is not None:
            request.transport.close()
        return web.Response()

    def _cut(self, request: web.Request, response: web.Response) -> web.StreamResponse:
        body = response.body
        assert isinstance(body, bytes), "replies are encoded at once"
        head = (
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        transport = request.transport
        if isinstance(transport, asyncio.Transport) and not transport.is_closing():
            transport.write(head.encode() + body[: len(body) // 2])
            transport.close()
        return web.Response()

    def _verify(self, request: web.Request, body: bytes) -> Holder:
        headers = request.headers
        time_text = headers.get("X-Time", "")
        message = f"{time_text}{request.method}{request.raw_path}".encode() + body
        return self._host.keys.verify(
            headers.get("X-Key", ""), message, headers.get("X-Signature", "")
        )

    def _timing(self, request: web.Request) -> tuple[int, int]:
        headers = request.headers
        time_ms = whole(headers.get("X-Time", ""), "X-Time", least=0, most=10**14)
        width = headers.get("X-Window", "5000")
        return time_ms, whole(width, "X-Window", least=1, most=60000)

    def _submit(self, request: web.Request, account: str, body: bytes) -> Act:
        return self._gateway.submit(account, read_json(body, SubmitForm))

    def _replace(self, request: web.Request, account: str, body: bytes) -> Act:
        ref = OrderRef(order_id=request.match_info["id"])
        return self._gateway.replace(account, ref, read_json(body, ReplaceForm))

    def _cancel(self, request: web.Request, account: str, body: bytes) -> Act:
        return self._gateway.cancel(account, OrderRef(order_id=request.match_info["id"]))

    def _cancel_some(self, request: web.Request, account: str, body: bytes) -> Act:
        client_id = request.query.get("client_order_id")
        if client_id is None:
            return self._gateway.cancel_all(account)
        if not client_id:
            raise bad_request("client_order_id: an id was expected")
        return self._gateway.cancel(account, OrderRef(client_id=client_id))

    def _time(self, request: web.Request) -> Payload:
        return {"time_ns": self._host.now_ns()}

    def _instruments(self, request: web.Request) -> Payload:
        markets = self._host.venue.markets.values()
        return {"instruments": [instrument_payload(market) for market in markets]}

    def _book(self, request: web.Request) -> Payload:
        symbol = self._symbol(request)
        depth = number(request, "depth", default=100, least=1, most=_MOST_LEVELS)
        last, bids, asks = self._host.venue.book(symbol, depth)
        return book_payload(
            symbol,
            snapshot=True,
            first=last,
            last=last,
            bids=bids,
            asks=asks,
            time_ns=self._host.now_ns(),
        )

    def _trades(self, request: web.Request) -> Payload:
        symbol = self._symbol(request)
        limit = number(request, "limit", default=100, least=1, most=_MOST_LEVELS)
        return {"trades": self._host.feed.trades(symbol, limit)}

    def _bars(self, request: web.Request) -> Payload:
        symbol = self._symbol(request)
        width_s = number(request, "width", default=60, least=1, most=_WIDEST_BAR_S)
        limit = number(request, "limit", default=500, least=1, most=_MOST_BARS)
        now_ns = self._host.clock.time_ns()
        end_ns = number(request, "end", default=now_ns, least=0, most=_MOST_NS)
        width_ns = width_s * 1_000_000_000
        newest_ns = max(0, (end_ns // width_ns - limit) * width_ns)
        start_ns = number(request, "start", default=newest_ns, least=0, most=_MOST_NS)
        bars = self._host.bars.closed(
            symbol, width_s, start_ns=start_ns, end_ns=end_ns, limit=limit
        )
        return {"bars": [bar_payload(start_s, candle) for start_s, candle in bars]}

    def _symbol(self, request: web.Request) -> str:
        symbol = request.query.get("symbol")
        if not symbol:
            raise bad_request("symbol: a symbol was expected")
        if symbol not in self._host.venue.markets:
            raise Refusal("unknown_symbol", "no such symbol")
        return symbol

    def _session(self, request: web.Request, account: str) -> Payload:
        return {"expires_ns": self._host.keys.of_account(account).expires_ns}

    def _order(self, request: web.Request, account: str) -> Payload:
        order_id = request.match_info["id"]
        return order_payload(self._host.lookup(account, order_id=order_id))

    def _orders(self, request: web.Request, account: str) -> Payload:
        client_id = request.query.get("client_order_id")
        if client_id:
            return order_payload(self._host.lookup(account, client_id=client_id))
        if request.query.get("state") != "open":
            raise bad_request("state: open was expected, or a client_order_id")
        return {"orders": [order_payload(it) for it in self._host.open_orders(account)]}

    def _fills(self, request: web.Request, account: str) -> Payload:
        return fills_page(self._host, account, *self._cursor(request))

    def _ledger(self, request: web.Request, account: str) -> Payload:
        return events_page(self._host, account, *self._cursor(request))

    def _cursor(self, request: web.Request) -> tuple[int, int]:
        return (
            number(request, "after", default=0, least=0, most=_MOST_SEQUENCE),
            number(request, "limit", default=_MOST_ROWS, least=1, most=_MOST_ROWS),
        )

    def _balances(self, request: web.Request, account: str) -> Payload:
        rows = self._host.venue.balances(account)
        return {
            "balances": [
                {"asset": asset, "total": exact(total), "held": exact(held)}
                for asset, total, held in rows
            ]
        }

    def _positions(self, request: web.Request, account: str) -> Payload:
        rows = self._host.venue.positions(account)
        return {"positions": [position_payload(row) for row in rows]}


def number(request: web.Request, field: str, *, default: int, least: int, most: int) -> int:
    """Read a whole number from the query. Raises Refusal."""
    return whole(request.query.get(field, str(default)), field, least=least, most=most)


def whole(text: str, field: str, *, least: int, most: int) -> int:
    """Read a whole number within bounds. Raises Refusal."""
    if not (text.isascii() and text.isdigit() and len(text) <= 19):
        raise bad_request(f"{field}: a whole number was expected")
    value = int(text)
    if not least <= value <= most:
        raise bad_request(f"{field}: {least} to {most} was expected")
    return value

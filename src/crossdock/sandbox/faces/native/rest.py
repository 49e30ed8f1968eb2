"""The protocol's REST calls."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from aiohttp import web

from crossdock.sandbox.faces.contract import Act, Call, Route
from crossdock.sandbox.faces.dealing import OrderRef
from crossdock.sandbox.faces.native.forms import ReplaceForm, SubmitForm, read_json
from crossdock.sandbox.faces.native.gateway import Gateway
from crossdock.sandbox.faces.native.history import events_page, fills_page
from crossdock.sandbox.faces.native.payloads import (
    Payload,
    bar_payload,
    book_payload,
    exact,
    instrument_payload,
    order_payload,
    position_payload,
    trade_payload,
)
from crossdock.sandbox.faces.passage import Passage
from crossdock.sandbox.faces.refusals import Refusal, bad_request
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.host import Host

_MOST_LEVELS = 1000
_MOST_ROWS = 500
_MOST_SEQUENCE = 10**12
_MOST_BARS = 1000
_WIDEST_BAR_S = 7 * 86_400
_MOST_NS = 4 * 10**18  # the year 2096

Public = Callable[[web.Request], Payload]
Read = Callable[[web.Request, str], Payload]


class Rest:
    """One venue's REST calls."""

    def __init__(self, host: Host, passage: Passage, gateway: Gateway) -> None:
        self._host = host
        self._passage = passage
        self._gateway = gateway

    def routes(self) -> Sequence[Route]:
        submit, cancel, replace = Operation.SUBMIT, Operation.CANCEL, Operation.REPLACE
        return [
            _public("/v1/time", self._time),
            _public("/v1/instruments", self._instruments),
            _public("/v1/book", self._book),
            _public("/v1/trades", self._trades),
            _public("/v1/bars", self._bars),
            _read("/v1/session", self._session),
            Route("POST", "/v1/orders", self._submit, submit),
            Route("DELETE", "/v1/orders", self._cancel_some, cancel),
            _read("/v1/orders", self._orders),
            Route("PUT", "/v1/orders/{id}", self._replace, replace),
            Route("DELETE", "/v1/orders/{id}", self._cancel, cancel),
            _read("/v1/orders/{id}", self._order),
            _read("/v1/fills", self._fills),
            _read("/v1/ledger", self._ledger),
            _read("/v1/balances", self._balances),
            _read("/v1/positions", self._positions),
        ]

    def _submit(self, call: Call) -> Act:
        return self._gateway.submit(call.account, read_json(call.body, SubmitForm))

    def _replace(self, call: Call) -> Act:
        ref = OrderRef(order_id=call.request.match_info["id"])
        return self._gateway.replace(call.account, ref, read_json(call.body, ReplaceForm))

    def _cancel(self, call: Call) -> Act:
        order_id = call.request.match_info["id"]
        return self._gateway.cancel(call.account, OrderRef(order_id=order_id))

    def _cancel_some(self, call: Call) -> Act:
        client_id = call.request.query.get("client_order_id")
        if client_id is None:
            return self._gateway.cancel_all(call.account)
        if not client_id:
            raise bad_request("client_order_id: an id was expected")
        return self._gateway.cancel(call.account, OrderRef(client_id=client_id))

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
        trades = self._host.feed.trades(symbol, limit)
        return {"trades": [trade_payload(trade) for trade in trades]}

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
        return fills_page(self._host, self._passage, account, *self._cursor(request))

    def _ledger(self, request: web.Request, account: str) -> Payload:
        return events_page(self._host, self._passage, account, *self._cursor(request))

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


def _public(path: str, read: Public) -> Route:
    return Route(
        "GET", path, lambda call: lambda _now_ns: read(call.request), is_signed=False
    )


def _read(path: str, read: Read) -> Route:
    return Route("GET", path, lambda call: lambda _now_ns: read(call.request, call.account))


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

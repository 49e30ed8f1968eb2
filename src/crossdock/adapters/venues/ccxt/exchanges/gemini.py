"""Gemini.

https://docs.gemini.com/rest-api/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied, triggered
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
)
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, OrderType, TimeInForce
from crossdock.ports import NewOrder

_PAGE = '="currencyData">'


class Gemini(Studied):
    # Ticks and lots of all markets stand on one page of the web site: without it there is
    # no market, and what is said of it is asked for once.
    options: Mapping[str, Any] = {
        "fetchCurrencies": {"webApiRetries": 1, "webApiMuteFailure": False},
    }
    client_id_param = "client_order_id"
    rising_nonce = True
    lookups = (Known.CLIENT_ID, Known.VENUE_ID, Known.OPEN_ORDERS)
    cancels_by_client_id = False
    cancel_every = CancelEvery.ONE_BY_ONE
    # https://docs.gemini.com/rest/orders#list-past-trades (2026-11-22): a page holds the
    # oldest from its time on, though it tells the newest of them first.
    fills = FillPaging(
        needs_symbol=True,
        page=500,
        since_param="timestamp",
        until_param="",
        wants_since=True,
    )
    events = (
        EventSource(
            method="fetch_deposits_withdrawals",
            page=50,
            wants_since=True,
            kinds={
                "deposit": AccountEventKind.DEPOSIT,
                "withdrawal": AccountEventKind.WITHDRAWAL,
            },
        ),
    )
    reads_by_post = (
        *("/v1/orders", "/v1/order/status", "/v1/mytrades", "/v1/balances"),
        *("/v1/transfers", "/v1/notionalvolume", "/v1/roles"),
    )
    shapes: Mapping[str, str] = {
        "/v1/symbols": "[]",
        "/v1/orders": "[]",
        "/v1/mytrades": "[]",
        "/v1/balances": "[]",
        "/v1/order/new": "order_id",
        "/v1/order/cancel": "order_id",
        "/v1/order/status": "order_id",
    }
    code_paths = ("reason",)
    message_paths = ("message",)
    account_streams = ("orders",)

    def tune(self, exchange: Any) -> None:
        """Read the page of the web site, name an order by one id, sign the order events."""
        if exchange.number is str:
            # Trades come with changes of a book, which is kept of floats and elsewhere.
            exchange.handle_order_book = _ignore
        fits = exchange.crossdock.fits

        def told(url: str, parsed: Any, text: str) -> bool:
            return (parsed is None and _PAGE in text) or fits(url, parsed, text)

        exchange.crossdock.fits = told
        ask = exchange.privatePostV1OrderStatus

        async def named(params: Mapping[str, Any]) -> Any:
            return await ask({name: it for name, it in params.items() if it is not None})

        exchange.privatePostV1OrderStatus = named
        make = exchange.client

        def client(url: str) -> Any:
            # ccxt takes the signed headers back before the socket is opened with them.
            is_new = url not in (exchange.clients or {})
            made = make(url)
            if is_new:
                made.options = dict(made.options)
            return made

        exchange.client = client

    def order_row(self, order: Raw) -> Raw:
        """Tell what an order waits for, and whether it is done: a fill need not end it."""
        info = order.get("info") or {}
        row = {**order, "triggerPrice": info.get("stop_price")}
        if "is_live" in info:
            row["status"] = "canceled" if info.get("is_cancelled") else "closed"
            if info["is_live"]:
                row["status"] = "open"
        return row

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        if order.type is OrderType.STOP_LIMIT and (
            order.post_only or order.time_in_force is not TimeInForce.GTC
        ):
            raise NotSent("Gemini's stop-limit orders rest until they are cancelled")
        return triggered(order, params)


def _ignore(_client: Any, _message: Any) -> None:
    return


QUIRKS = Gemini()

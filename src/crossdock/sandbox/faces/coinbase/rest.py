"""The protocol's REST calls, by method and path."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from crossdock.sandbox.faces.coinbase.reads.account import Account
from crossdock.sandbox.faces.coinbase.reads.app import App
from crossdock.sandbox.faces.coinbase.reads.market import Market
from crossdock.sandbox.faces.coinbase.reads.orders import Orders
from crossdock.sandbox.faces.contract import Route
from crossdock.sandbox.faults import Operation

if TYPE_CHECKING:
    from crossdock.sandbox.faces.coinbase.face import CoinbaseFace

APP = "/v2/"
_ADVANCED = "/api/v3/brokerage/"


def routes(face: CoinbaseFace) -> Sequence[Route]:
    """Return every call; a path with a name in it comes after those it would hide."""
    market, account, orders = Market(face), Account(face), Orders(face)
    app = App(face, account)
    public = {
        f"{_ADVANCED}time": market.time,
        f"{_ADVANCED}market/product_book": market.book,
        f"{_ADVANCED}market/products": market.products,
        f"{_ADVANCED}market/products/{{product_id}}": market.product,
        f"{_ADVANCED}market/products/{{product_id}}/candles": market.candles,
        f"{_ADVANCED}market/products/{{product_id}}/ticker": market.trades,
        f"{APP}time": app.time,
        f"{APP}currencies": app.fiat,
        f"{APP}currencies/crypto": app.crypto,
        f"{APP}exchange-rates": app.rates,
    }
    signed = {
        f"{_ADVANCED}product_book": market.book,
        f"{_ADVANCED}best_bid_ask": market.best,
        f"{_ADVANCED}products": market.products,
        f"{_ADVANCED}products/{{product_id}}": market.product,
        f"{_ADVANCED}products/{{product_id}}/candles": market.candles,
        f"{_ADVANCED}products/{{product_id}}/ticker": market.trades,
        f"{_ADVANCED}accounts": account.accounts,
        f"{_ADVANCED}accounts/{{account_uuid}}": account.account,
        f"{_ADVANCED}portfolios": account.portfolios,
        f"{_ADVANCED}portfolios/{{portfolio_uuid}}": account.portfolio,
        f"{_ADVANCED}cfm/positions": account.futures,
        f"{_ADVANCED}key_permissions": account.permissions,
        f"{_ADVANCED}transaction_summary": account.summary,
        f"{_ADVANCED}orders/historical/batch": orders.batch,
        f"{_ADVANCED}orders/historical/fills": orders.fills,
        f"{_ADVANCED}orders/historical/{{order_id}}": orders.order,
        f"{APP}accounts": app.accounts,
        f"{APP}accounts/{{account_id}}/deposits": app.deposits,
        f"{APP}accounts/{{account_id}}/withdrawals": app.withdrawals,
        f"{APP}accounts/{{account_id}}/transactions": app.transactions,
    }
    trading = face.trading
    writes = {
        "orders": (trading.create, Operation.SUBMIT),
        "orders/batch_cancel": (trading.cancel, Operation.CANCEL),
        "orders/edit": (trading.edit, Operation.REPLACE),
        "orders/edit_preview": (trading.edit_preview, Operation.READ),
        "orders/preview": (trading.preview, Operation.READ),
    }
    return [
        *(Route("GET", path, act, is_signed=False) for path, act in public.items()),
        *(Route("GET", path, act) for path, act in signed.items()),
        *(
            Route("POST", f"{_ADVANCED}{path}", act, operation)
            for path, (act, operation) in writes.items()
        ),
    ]

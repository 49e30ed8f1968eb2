"""dYdX.

https://docs.dydx.xyz/ (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Raw
from crossdock.adapters.venues.ccxt.exchanges.dydx_calls import (
    ABSENT,
    MOST_MOVES,
    tune_calls,
)
from crossdock.adapters.venues.ccxt.exchanges.dydx_feed import tune_feed
from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.adapters.venues.ccxt.exchanges.ways import (
    CancelEvery,
    EventSource,
    FillPaging,
    Known,
    OrderCall,
)
from crossdock.errors import NotSent
from crossdock.model import AccountEventKind, OrderType
from crossdock.ports import NewOrder, OrderRef

# https://github.com/dydxprotocol/v4-chain/blob/main/protocol/x/clob/types/constants.go
# (2026-11-21): 95 days at the most. A cancel has to be good for as long as its order.
_LIFE_S = 94 * 86_400


class Dydx(Studied):
    options: Mapping[str, Any] = {"goodTillBlockTimeInSeconds": _LIFE_S}
    keys: Mapping[str, str] = {"walletAddress": "wallet", "privateKey": "wallet_key_secret"}
    lookups = (Known.CLIENT_ID, Known.VENUE_ID, Known.OPEN_ORDERS)
    writes_by_get = ("/broadcast_tx_sync", "/broadcast_tx_async")
    distinct_nonce = True
    cancel_every = CancelEvery.ONE_BY_ONE
    fills = FillPaging(page=1000, newest_first=True)
    bar_until_excluded = True
    events = (
        EventSource(
            method="fetch_ledger",
            page=MOST_MOVES,
            newest_first=True,
            kinds={
                "deposit": AccountEventKind.DEPOSIT,
                "withdrawal": AccountEventKind.WITHDRAWAL,
                "transfer": AccountEventKind.TRANSFER,
                "TRANSFER_IN": AccountEventKind.TRANSFER,
                "TRANSFER_OUT": AccountEventKind.TRANSFER,
            },
        ),
    )
    shapes: Mapping[str, str] = {
        "/v4/time": "epoch",
        "/v4/perpetualMarkets": "markets",
        "/v4/perpetualPositions": "positions",
        "/v4/orders": "[]",
        "/v4/fills": "fills",
        "/v4/transfers": "transfers",
        "/abci_info": "result.response",
        "/broadcast_tx_sync": "result.code",
    }
    code_paths = ("result.code", "error.code", "errors.0.msg")
    code_space_path = "result.codespace"
    ok_codes = ("0",)
    message_paths = ("result.log", "error.message", "errors.0.msg")
    # Stateful orders, and then short-term ones: an order with this id was there before.
    duplicate_codes = ("clob:3005", "clob:24", "clob:30", "clob:2004")
    unknown_order_codes = (ABSENT,)
    retry_after_ms = ("/v4/",)
    account_streams = ("orders",)
    sparse_stream = True
    greets = True

    def client_id(self, client_order_id: str) -> Any:
        return int(client_order_id)

    def code_of(self, code: str, words: str) -> str:
        return ABSENT if code.startswith(ABSENT) else code

    def symbol_params(self, ref: OrderRef, market: Raw) -> Mapping[str, Any]:
        """Name an order by our id as well: a cancel goes by nothing else."""
        if not ref.client_order_id:
            return {}
        return {self.client_id_param: self.client_id(ref.client_order_id)}

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        if order.type is not OrderType.LIMIT:
            raise NotSent("dYdX prices every order: send a limit, immediate or cancelled")
        return super().order_call(order, call, market)

    def order_row(self, order: Raw) -> Raw:
        """Leave out the average price, which ccxt makes of the limit."""
        return {**order, "average": None}

    def tune(self, exchange: Any) -> None:
        tune_calls(exchange)
        tune_feed(exchange)


QUIRKS = Dydx()

"""What the quirks of several exchanges share: saying an order in the exchange's words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks, Raw
from crossdock.adapters.venues.ccxt.exchanges.ways import OrderCall
from crossdock.adapters.venues.ccxt.family import studied
from crossdock.adapters.venues.ccxt.wire.numbers import plain
from crossdock.errors import NotSent
from crossdock.model import MarginMode, OrderType, Side
from crossdock.ports import NewOrder

STOP_TYPES = frozenset({OrderType.STOP, OrderType.STOP_LIMIT})
UNIFIED_TRIGGERS = ("stopLossPrice", "takeProfitPrice", "triggerPrice")


class Studied(Quirks):
    """Takes away what means nothing on a market, then lets the exchange say the rest."""

    spot_margin = False  # an order on spot may name a margin mode
    market_tells_margin = True  # on contracts the mode is the position's, not an order's
    refusals_in_words: Sequence[str] = ()
    """Beginnings of texts that refuse, where the exchange has words instead of codes."""

    def code_of(self, code: str, words: str) -> str:
        """Return what stands for the exchange's code: the known part of its words."""
        for known in self.refusals_in_words:
            if known in words or known in code:
                return known
        return code

    def order_call(self, order: NewOrder, call: OrderCall, market: Raw) -> OrderCall:
        params = dict(call.params)
        if is_spot(market):
            params = without(params, "reduceOnly", "hedged")
            if order.margin_mode is not MarginMode.NONE and not self.spot_margin:
                raise NotSent(f"{market['symbol']} is not traded on margin here")
        elif self.market_tells_margin:
            params = without(params, "marginMode")
        return replace(call, params=self.said(order, params, market))

    def said(
        self, order: NewOrder, params: dict[str, Any], market: Raw
    ) -> Mapping[str, Any]:
        """Return the params of an order. Raises NotSent for what cannot be said."""
        return params


def is_spot(market: Raw) -> bool:
    return market.get("spot") is True


def without(params: Mapping[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in params.items() if name not in names}


def triggered(order: NewOrder, params: Mapping[str, Any], **said: Any) -> dict[str, Any]:
    """Say an order's stop price as `triggerPrice`, with what else the exchange wants."""
    if order.stop_price is None:
        return dict(params)
    return {
        **without(params, *UNIFIED_TRIGGERS),
        "triggerPrice": plain(order.stop_price),
        **said,
    }


def rises(order: NewOrder) -> bool:
    """Tell whether the price has to rise for an order's trigger to be reached."""
    return (order.type in STOP_TYPES) is (order.side is Side.BUY)


def known_refusals(exchange: str) -> Sequence[str]:
    """Return the texts its manifest lists, longest first."""
    return tuple(sorted(studied()[exchange].rejections, key=len, reverse=True))

"""Markets as Binance spot lists them, with the filters it has."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.binance_words.names import highest_price
from crossdock.sandbox.faces.binance_words.writing import eight

MOST_OPEN_ORDERS = 200
MOST_TRAILING_BIPS = 2000
LEAST_TRAILING_BIPS = 10
_MOST_QUANTITY = Decimal(9_000_000)
_ORDER_TYPES = (
    "LIMIT",
    "LIMIT_MAKER",
    "MARKET",
    "STOP_LOSS",
    "STOP_LOSS_LIMIT",
    "TAKE_PROFIT",
    "TAKE_PROFIT_LIMIT",
)


def symbol_info(name: str, market: MarketSpec) -> dict[str, Any]:
    return {
        "symbol": name,
        "status": "TRADING",
        "baseAsset": market.base,
        "baseAssetPrecision": 8,
        "quoteAsset": market.quote,
        "quotePrecision": 8,
        "quoteAssetPrecision": 8,
        "baseCommissionPrecision": 8,
        "quoteCommissionPrecision": 8,
        "orderTypes": list(_ORDER_TYPES),
        "icebergAllowed": False,
        "ocoAllowed": True,
        "otoAllowed": True,
        "opoAllowed": False,
        "quoteOrderQtyMarketAllowed": True,
        "allowTrailingStop": True,
        "cancelReplaceAllowed": True,
        "amendAllowed": True,
        "pegInstructionsAllowed": False,
        "isSpotTradingAllowed": True,
        "isMarginTradingAllowed": False,
        "filters": _filters(market),
        "permissions": [],
        "permissionSets": [["SPOT"]],
        "defaultSelfTradePreventionMode": "EXPIRE_MAKER",
        "allowedSelfTradePreventionModes": ["EXPIRE_MAKER"],
    }


def _filters(market: MarketSpec) -> list[dict[str, Any]]:
    tick, step = market.ticks[0][1], market.quantity_step
    most = market.max_quantity or _MOST_QUANTITY
    return [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": eight(tick),
            "maxPrice": eight(highest_price(market)),
            "tickSize": eight(tick),
        },
        {
            "filterType": "LOT_SIZE",
            "minQty": eight(max(market.min_quantity, step)),
            "maxQty": eight(most),
            "stepSize": eight(step),
        },
        {
            "filterType": "NOTIONAL",
            "minNotional": eight(market.min_notional),
            "applyMinToMarket": True,
            "maxNotional": eight(most * highest_price(market)),
            "applyMaxToMarket": False,
            "avgPriceMins": 5,
        },
        {
            "filterType": "TRAILING_DELTA",
            "minTrailingAboveDelta": LEAST_TRAILING_BIPS,
            "maxTrailingAboveDelta": MOST_TRAILING_BIPS,
            "minTrailingBelowDelta": LEAST_TRAILING_BIPS,
            "maxTrailingBelowDelta": MOST_TRAILING_BIPS,
        },
        {"filterType": "MAX_NUM_ORDERS", "maxNumOrders": MOST_OPEN_ORDERS},
    ]

"""Contracts as Binance's futures exchanges list them."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.binance_words.names import highest_price
from crossdock.sandbox.faces.numbers import plain

LEAST_CALLBACK = Decimal("0.1")
MOST_CALLBACK = {ContractKind.LINEAR: Decimal(20), ContractKind.INVERSE: Decimal(10)}
MOST_OPEN_ORDERS = 200
MOST_OPEN_ALGO_ORDERS = 200
MARGIN_RATE = Decimal("0.05")
"""Maintenance margin; the initial one is twice that, whatever leverage was chosen."""
MOST_LEVERAGE = 10

_NEVER_MS = 4_133_404_800_000  # the delivery date of what is perpetual
_ONBOARD_MS = 1_600_000_000_000
_MOST_QUANTITY = Decimal(1_000_000)
_TYPES = (
    "LIMIT",
    "MARKET",
    "STOP",
    "STOP_MARKET",
    "TAKE_PROFIT",
    "TAKE_PROFIT_MARKET",
    "TRAILING_STOP_MARKET",
)


def symbol_info(name: str, market: MarketSpec) -> dict[str, Any]:
    inverse = market.kind is ContractKind.INVERSE
    row: dict[str, Any] = {
        "symbol": name,
        "pair": f"{market.base}{market.quote}",
        "contractType": "PERPETUAL",
        "deliveryDate": _NEVER_MS,
        "onboardDate": _ONBOARD_MS,
        "maintMarginPercent": f"{MARGIN_RATE * 100:.4f}",
        "requiredMarginPercent": f"{MARGIN_RATE * 200:.4f}",
        "baseAsset": market.base,
        "quoteAsset": market.quote,
        "marginAsset": market.settle,
        "pricePrecision": _places(market.ticks[0][1]),
        "quantityPrecision": _places(market.quantity_step),
        "baseAssetPrecision": 8,
        "quotePrecision": 8,
        "underlyingType": "COIN",
        "underlyingSubType": [],
        "triggerProtect": "0.0500",
        "liquidationFee": "0.012500",
        "marketTakeBound": "0.05",
        "filters": _filters(market),
        "orderTypes": list(_TYPES),
        "timeInForce": ["GTC", "IOC", "FOK", "GTX", "GTD"],
    }
    if inverse:
        size = market.multiplier
        row["contractSize"] = int(size) if size == size.to_integral_value() else float(size)
        row["contractStatus"] = "TRADING"
    else:
        row["status"] = "TRADING"
    return row


def _places(step: Decimal) -> int:
    return len(plain(step).partition(".")[2])


def _filters(market: MarketSpec) -> list[dict[str, Any]]:
    tick, step = market.ticks[0][1], market.quantity_step
    lot = {
        "minQty": plain(max(market.min_quantity, step)),
        "maxQty": plain(market.max_quantity or _MOST_QUANTITY),
        "stepSize": plain(step),
    }
    rows: list[dict[str, Any]] = [
        {
            "filterType": "PRICE_FILTER",
            "minPrice": plain(tick),
            "maxPrice": plain(highest_price(market)),
            "tickSize": plain(tick),
        },
        {"filterType": "LOT_SIZE"} | lot,
        {"filterType": "MARKET_LOT_SIZE"} | lot,
        {"filterType": "MAX_NUM_ORDERS", "limit": MOST_OPEN_ORDERS},
        {"filterType": "MAX_NUM_ALGO_ORDERS", "limit": MOST_OPEN_ALGO_ORDERS},
    ]
    if market.kind is not ContractKind.INVERSE:
        least = {"filterType": "MIN_NOTIONAL", "notional": plain(market.min_notional)}
        rows.append(least)
    return rows

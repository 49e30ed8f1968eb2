"""Markets as Binance lists them: only spot ones are seen through this face."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.binance.refusals import Said
from crossdock.sandbox.host import Host

MOST_OPEN_ORDERS = 200
MOST_TRAILING_BIPS = 2000
LEAST_TRAILING_BIPS = 10
_HIGHEST_PRICE = Decimal(10_000_000)
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


class Symbols:
    """Binance's names of a venue's spot markets."""

    def __init__(self, host: Host) -> None:
        self._host = host
        spot = [it for it in host.venue.spec.markets if it.kind is ContractKind.SPOT]
        self._by_id = {f"{it.base}{it.quote}": it.symbol for it in spot}
        self._ids = {symbol: name for name, symbol in self._by_id.items()}

    def __contains__(self, symbol: str) -> bool:
        return symbol in self._ids

    @property
    def all(self) -> list[str]:
        """Every market's own symbol."""
        return list(self._ids)

    def id(self, symbol: str) -> str:
        """Return Binance's name; one of a market not seen here is made the same way."""
        return self._ids.get(symbol) or symbol.replace("/", "").partition(":")[0]

    def symbol(self, name: str) -> str:
        """Return the market's own symbol. Raises Refusal."""
        symbol = self._by_id.get(name)
        if symbol is None:
            raise Said(-1121, "Invalid symbol.")
        return symbol

    def market(self, name: str) -> MarketSpec:
        return self._host.venue.markets[self.symbol(name)]

    def assets(self) -> list[str]:
        markets = [self.market(name) for name in self._by_id]
        return sorted({asset for it in markets for asset in (it.base, it.quote)})


def eight(value: Decimal) -> str:
    """Write a decimal with eight places, or as many more as it has."""
    text = format(value, "f")
    places = len(text.partition(".")[2])
    if places >= 8:
        return text
    return text + ("." if places == 0 else "") + "0" * (8 - places)


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


def highest_price(market: MarketSpec) -> Decimal:
    tick = market.ticks[-1][1]
    return _HIGHEST_PRICE // tick * tick


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

"""Markets as the protocol's products."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import TYPE_CHECKING

from crossdock.model import ZERO, ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.coinbase.refusals import not_found
from crossdock.sandbox.faces.coinbase.values import Row, quotient
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import SECOND_NS, Host
from crossdock.sandbox.market.history import Candle

if TYPE_CHECKING:
    from crossdock.sandbox.engine import PriceLevel

FIAT = frozenset({"AUD", "BRL", "CAD", "CHF", "EUR", "GBP", "INR", "JPY", "SGD", "USD"})
_NAMES: Mapping[str, str] = {"BTC": "Bitcoin", "ETH": "Ethereum", "USD": "US Dollar"}
_QUOTE_MOST = Decimal(150_000_000)
_BASE_MOST = Decimal(1_000_000_000)
_HOUR_S = 3600
_DAY_S = 24 * _HOUR_S
_HUNDRED = Decimal(100)


class Products:
    """The spot markets of one venue."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self._symbols = {
            self.id_of(it): symbol
            for symbol, it in host.venue.markets.items()
            if it.kind is ContractKind.SPOT
        }
        self._days: dict[str, tuple[int, Candle | None]] = {}

    def id_of(self, market: MarketSpec) -> str:
        return f"{market.base}-{market.quote}"

    def id(self, symbol: str) -> str:
        return self.id_of(self._host.venue.markets[symbol])

    def __contains__(self, symbol: object) -> bool:
        return symbol in self._symbols.values()

    def find(self, product_id: str) -> str | None:
        """Return a product's symbol, if there is one."""
        return self._symbols.get(product_id)

    def symbol(self, product_id: str) -> str:
        """Return a product's symbol. Raises Refusal."""
        symbol = self.find(product_id)
        if symbol is None:
            raise not_found(f"product with ID {product_id} was not found")
        return symbol

    def all(self) -> list[str]:
        return list(self._symbols.values())

    def assets(self) -> list[str]:
        """Return every asset a product has."""
        markets = [self._host.venue.markets[symbol] for symbol in self.all()]
        return sorted({asset for it in markets for asset in (it.base, it.quote)})

    def asset_name(self, asset: str) -> str:
        return _NAMES.get(asset, asset)

    def day(self, symbol: str) -> Candle | None:
        """Return the last 24 hours as one candle; looked up once a second."""
        now_s = self._host.clock.time_ns() // SECOND_NS
        known = self._days.get(symbol)
        if known is not None and known[0] == now_s:
            return known[1]
        bars = self._host.bars.closed(
            symbol,
            _HOUR_S,
            start_ns=(now_s - _DAY_S) * SECOND_NS,
            end_ns=now_s * SECOND_NS,
            limit=_DAY_S // _HOUR_S,
        )
        forming = self._host.bars.forming(symbol, _HOUR_S)
        day: Candle | None = None
        for _, bar in [*bars, *([forming] if forming else [])]:
            if day is None:
                day = Candle(bar.open, bar.high, bar.low, bar.close, bar.volume)
            else:
                day.follow(bar)
        self._days[symbol] = (now_s, day)
        return day

    def change(self, day: Candle | None, price: Decimal | None) -> str:
        """Return how much the price changed in a day, in percent."""
        if day is None or price is None:
            return "0"
        return plain(quotient((price - day.open) * _HUNDRED, day.open))

    def row(self, symbol: str) -> Row:
        market = self._host.venue.markets[symbol]
        _, bid, ask = self._host.venue.top(symbol)
        last = self._host.venue.last_price(symbol)
        day = self.day(symbol)
        tick = plain(market.tick_at(last or _HUNDRED))
        return {
            "product_id": self.id_of(market),
            "price": "" if last is None else plain(last),
            "price_percentage_change_24h": self.change(day, last),
            "volume_24h": plain(ZERO if day is None else day.volume),
            "volume_percentage_change_24h": "0",
            "base_increment": plain(market.quantity_step),
            "quote_increment": tick,
            "quote_min_size": plain(market.min_notional),
            "quote_max_size": plain(_QUOTE_MOST),
            "base_min_size": plain(market.min_quantity),
            "base_max_size": plain(market.max_quantity or _BASE_MOST),
            "base_name": self.asset_name(market.base),
            "quote_name": self.asset_name(market.quote),
            "watched": False,
            "is_disabled": False,
            "new": False,
            "status": "online",
            "cancel_only": False,
            "limit_only": False,
            "post_only": False,
            "trading_disabled": False,
            "auction_mode": False,
            "product_type": "SPOT",
            "quote_currency_id": market.quote,
            "base_currency_id": market.base,
            "fcm_trading_session_details": None,
            "mid_market_price": _middle(bid, ask),
            "alias": "",
            "alias_to": [],
            "base_display_symbol": market.base,
            "quote_display_symbol": market.quote,
            "view_only": False,
            "price_increment": tick,
            "display_name": self.id_of(market),
            "product_venue": "CBE",
            "approximate_quote_24h_volume": plain(
                ZERO if day is None else day.volume * day.close
            ),
            "best_bid_price": "" if bid is None else plain(bid[0]),
            "best_ask_price": "" if ask is None else plain(ask[0]),
        }


def _middle(bid: PriceLevel | None, ask: PriceLevel | None) -> str:
    return "" if bid is None or ask is None else plain((bid[0] + ask[0]) / 2)

"""What is traded: stocks and coins, and which of the engine's markets is which.

A market whose base is a coin that Alpaca trades, or that is not quoted in dollars, is a
pair of coins; every other spot market is a stock.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.alpaca.ids import named_id
from crossdock.sandbox.faces.numbers import plain
from crossdock.sandbox.host import Host

USD = "USD"
STOCK, CRYPTO = "us_equity", "crypto"

# https://docs.alpaca.markets/docs/crypto-trading, read 2026-11-21.
# fmt: off
_COINS = frozenset((
    "AAVE", "AVAX", "BAT", "BCH", "BTC", "CRV", "DOGE", "DOT", "ETH", "GRT", "LINK",
    "LTC", "MKR", "PEPE", "SHIB", "SOL", "SUSHI", "TRUMP", "UNI", "USDC", "USDG",
    "USDT", "XRP", "XTZ", "YFI",
))
# fmt: on
_FRACTION = Decimal(1)


@dataclass(frozen=True, slots=True)
class Asset:
    """One spot market as the protocol names it."""

    market: MarketSpec

    @property
    def is_coin(self) -> bool:
        return self.market.quote != USD or self.market.base in _COINS

    @property
    def asset_class(self) -> str:
        return CRYPTO if self.is_coin else STOCK

    @property
    def symbol(self) -> str:
        """AAPL, BTC/USD."""
        return self.market.symbol if self.is_coin else self.market.base

    @property
    def held_symbol(self) -> str:
        """The symbol as positions have it: AAPL, BTCUSD."""
        return self.symbol.replace("/", "")

    @property
    def id(self) -> str:
        return named_id(self.symbol)

    @property
    def exchange(self) -> str:
        return "CRYPTO" if self.is_coin else "NASDAQ"

    @property
    def is_fractionable(self) -> bool:
        return self.is_coin or self.market.quantity_step < _FRACTION

    def row(self) -> dict[str, Any]:
        """https://docs.alpaca.markets/reference/get-v2-assets-1, read 2026-11-21."""
        row: dict[str, Any] = {
            "id": self.id,
            "class": self.asset_class,
            "exchange": self.exchange,
            "symbol": self.symbol,
            "name": self.market.base,
            "status": "active",
            "tradable": True,
            "marginable": False,
            "maintenance_margin_requirement": 100,
            "shortable": False,
            "easy_to_borrow": False,
            "fractionable": self.is_fractionable,
            "attributes": [],
        }
        if self.is_coin:
            row |= {
                "min_order_size": plain(self.market.min_quantity),
                "min_trade_increment": plain(self.market.quantity_step),
                "price_increment": plain(self.market.ticks[0][1]),
            }
        return row


class Assets:
    """The spot markets of a venue; the others are not seen here."""

    def __init__(self, host: Host) -> None:
        self._host = host

    def all(self) -> list[Asset]:
        return [
            Asset(market)
            for market in self._host.venue.markets.values()
            if market.kind is ContractKind.SPOT
        ]

    def of(self, engine_symbol: str) -> Asset:
        return Asset(self._host.venue.markets[engine_symbol])

    def find(self, text: str) -> Asset | None:
        """Find an asset by its symbol, with its slash or without, or by its id."""
        for asset in self.all():
            if text in (asset.symbol, asset.held_symbol, asset.id):
                return asset
        return None

    def held(self, name: str) -> Asset | None:
        """Return the asset under which a holding of shares or coins is shown."""
        trading = [it for it in self.all() if it.market.base == name]
        in_dollars = [it for it in trading if it.market.quote == USD]
        return next(iter(in_dollars or trading), None)

    def worth(self, asset: Asset) -> Decimal | None:
        """Return the last price, else the middle of the best two, else what there is."""
        last = self._host.venue.last_price(asset.market.symbol)
        if last is not None:
            return last
        _, bid, ask = self._host.venue.top(asset.market.symbol)
        prices = [level[0] for level in (bid, ask) if level is not None]
        return sum(prices, Decimal(0)) / len(prices) if prices else None

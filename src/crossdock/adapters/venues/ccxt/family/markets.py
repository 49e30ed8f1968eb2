"""How each exchange's market list is to be read: its units, its steps, its margins."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Precision(StrEnum):
    """What the numbers under `precision` mean (ccxt's `precisionMode`)."""

    TICK_SIZE = "tick_size"  # 0.01: the step itself
    DECIMAL_PLACES = "decimal_places"  # 2: two digits behind the point
    SIGNIFICANT_DIGITS = "significant_digits"  # 5: five digits in all


@dataclass(frozen=True, slots=True, kw_only=True)
class MarketRules:
    """What a market's own entry does not say."""

    price: Precision = Precision.TICK_SIZE
    amount: Precision = Precision.TICK_SIZE
    price_digits: int | None = None  # significant ones, where the entry does not say
    price_places: int | None = None  # most digits behind the point
    places_less_lot: bool = False  # `price_places` less the lot's own digits
    whole_prices_fit: bool = False  # a whole number fits however many digits it has
    amount_is_value: bool = False  # amounts are in money or base, never in contracts
    contract_size: str = ""  # of every contract, where the entry has none
    size_path: tuple[str, ...] = ()  # in `info`, where ccxt leaves it out
    spot_refused: str = ""  # why markets of type spot are not offered
    margin_path: tuple[str, ...] = ()  # in `info`; a list on the way: the highest counts
    fees_are_rates: bool = True  # else fees are no share of an order's own worth


ORDINARY = MarketRules()

RULES: Mapping[str, MarketRules] = {
    # Closed on 2026-09-23; its old statements still name its contracts.
    "bitmex": MarketRules(
        spot_refused="BitMEX counted spot quantities in fractions of a coin"
    ),
    # https://docs.bitfinex.com/docs/introduction#price-precision (2026-11-21): five
    # significant digits and at most eight decimals; amounts have eight decimals.
    "bitfinex": MarketRules(
        price=Precision.SIGNIFICANT_DIGITS,
        amount=Precision.DECIMAL_PLACES,
        price_places=8,
    ),
    # https://www.bitstamp.net/api/#tag/Market-info (2026-11-21)
    "bitstamp": MarketRules(size_path=("contract_size",)),
    "bithumb": MarketRules(
        price=Precision.SIGNIFICANT_DIGITS, amount=Precision.DECIMAL_PLACES
    ),
    # https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size
    # (2026-11-21): five significant digits, at most 6 (spot: 8) less szDecimals places,
    # whole prices always. ccxt's own figure is only right near the present price.
    "hyperliquid": MarketRules(
        price_digits=5, price_places=6, places_less_lot=True, whole_prices_fit=True
    ),
    # https://www.binance.com/en/support/faq/5326e5de61c34fed98abe28d2f175a23 (2026-11-22): a
    # share of the index price, at most a tenth of the premium.
    "binanceoptions": MarketRules(fees_are_rates=False),
    # https://docs.deribit.com/#private-buy (2026-11-21): `amount` is in USD for inverse
    # futures and in the base asset for all others; `contracts` is another parameter.
    "deribit": MarketRules(amount_is_value=True),
    # https://docs.dydx.xyz/indexer-client/http (2026-11-21): sizes are in base.
    "dydx": MarketRules(contract_size="1", margin_path=("initialMarginFraction",)),
    # https://docs.kraken.com/api/docs/futures-api/trading/get-instruments (2026-11-21)
    "krakenfutures": MarketRules(margin_path=("marginLevels", "initialMargin")),
}

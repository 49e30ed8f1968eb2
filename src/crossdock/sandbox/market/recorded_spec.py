"""What a recording says of its market: symbol, tick and lot."""

from __future__ import annotations

from decimal import Decimal
from itertools import islice
from math import gcd
from pathlib import Path

from crossdock.model import ZERO, ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.market.recording import Print, Snapshot, read

_HEAD = 3_000
"""So many records are read."""

_QUOTES = (
    *("USDT", "USDC", "FDUSD", "TUSD", "BUSD", "DAI", "BTC", "ETH", "BNB"),
    *("USD", "EUR", "GBP", "TRY", "BRL", "JPY", "AUD", "UAH", "PLN", "ZAR"),
)


def recorded_spec(
    path: Path,
    *,
    symbol: str | None = None,
    maker_fee: Decimal = ZERO,
    taker_fee: Decimal = ZERO,
) -> MarketSpec:
    """Derive a spot market from a recording's head.

    Tick and lot are the greatest steps that every price and quantity of the head is a
    multiple of. `symbol` (`ETH/USDT`) is for a recording whose quote asset is not one of
    the usual. Raises ValueError for what is not a recording.
    """
    key = ""
    prices: set[Decimal] = set()
    quantities: set[Decimal] = set()
    for record in islice(read(path), _HEAD):
        if isinstance(record, Print):
            prices.add(record.price)
            quantities.add(record.quantity)
        else:
            for price, quantity in (*record.bids, *record.asks):
                prices.add(price)
                quantities.add(quantity)
        if not isinstance(record, Snapshot):
            key = key or record.symbol
    prices.discard(ZERO)
    quantities.discard(ZERO)
    if not key or not prices or not quantities:
        raise ValueError(
            f"{path}: its first {_HEAD} messages hold no depth change or trade; record "
            f"the streams SYMBOL@depth@100ms and SYMBOL@trade"
        )
    base, quote = symbol.split("/") if symbol else _assets(path, key)
    step = _step(quantities)
    return MarketSpec(
        symbol=f"{base}/{quote}",
        key=key,
        kind=ContractKind.SPOT,
        base=base,
        quote=quote,
        settle=quote,
        ticks=((ZERO, _step(prices)),),
        quantity_step=step,
        min_quantity=step,
        maker_fee=maker_fee,
        taker_fee=taker_fee,
    )


def _assets(path: Path, key: str) -> tuple[str, str]:
    for quote in sorted(_QUOTES, key=len, reverse=True):
        if key.endswith(quote) and key != quote:
            return key.removesuffix(quote), quote
    raise ValueError(
        f"{path}: cannot tell base from quote in {key!r}; give the symbol as BASE/QUOTE"
    )


def _step(values: set[Decimal]) -> Decimal:
    """Return the greatest step all values are multiples of.

    Of one value alone it is the last decimal it shows: it need not be one step itself.
    """
    places = max(0, *(-_exponent(value) for value in values))
    if len(values) == 1:
        return Decimal(1).scaleb(-places)
    return Decimal(gcd(*(int(value.scaleb(places)) for value in values))).scaleb(-places)


def _exponent(value: Decimal) -> int:
    exponent = value.as_tuple().exponent
    assert isinstance(exponent, int), "read() yields finite numbers"
    return exponent

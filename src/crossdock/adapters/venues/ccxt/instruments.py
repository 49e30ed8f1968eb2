"""Markets as ccxt lists them, made instruments exactly, or refused with the reason.

A market's numbers are text, or the floats of a JSON file: those are read by their shortest
decimal, which is what the exchange wrote.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

from crossdock.adapters.venues.ccxt.family import order_types_of
from crossdock.adapters.venues.ccxt.family.markets import (
    ORDINARY,
    RULES,
    MarketRules,
    Precision,
)
from crossdock.model import (
    Asset,
    ContractKind,
    Instrument,
    OptionRight,
    OrderType,
    TickBand,
    instrument_id,
)

Market = Mapping[str, Any]

_ZERO = Decimal(0)
_ONE = Decimal(1)
_NS_PER_MS = 1_000_000
_TYPES = ("spot", "swap", "future", "option")
_DATED = ("future", "option")
_MINOR_UNITS = {"XBt": Decimal("1e-8")}  # contract sizes of BitMEX
_UNIT = re.compile(r"(?P<many>10{2,})(?P<asset>[A-Z][A-Z0-9]*)")  # 1000SHIB
_KILO = re.compile(r"[kK](?P<asset>PEPE|SHIB|BONK|FLOKI|LUNC|DOGS|NEIRO)")
_MOST_DIGITS = 30
_WIDEST_POWER = 12  # prices of banded markets are told apart up to a million millions


class MarketRefused(ValueError):
    """A market that cannot be offered; the message is the reason."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A market that is not offered, and why."""

    symbol: str
    reason: str


def instruments_of(
    markets: Iterable[Market],
    *,
    venue: str,
    exchange: str = "",
    order_types: Mapping[str, Sequence[OrderType]] | None = None,
) -> tuple[Sequence[Instrument], Sequence[Refusal]]:
    """Read a whole list. Every entry ends in one of the two results.

    `order_types` by symbol, where they were asked of each market; else what the exchange
    takes on a market of its kind. A symbol that two different markets claim names neither.
    """
    entries = list(markets)
    claims = _claims(entries)
    made: list[Instrument] = []
    refused: list[Refusal] = []
    listed: set[str] = set()
    for market in entries:
        symbol = str(market.get("symbol") or market.get("id") or "?")
        try:
            if claims[symbol] > 1:
                raise MarketRefused(f"{claims[symbol]} different markets have this symbol")
            if symbol in listed:
                raise MarketRefused("the same market is listed twice; the first one stands")
            asked = None if order_types is None else order_types.get(symbol)
            made.append(
                instrument_of(market, venue=venue, exchange=exchange, order_types=asked)
            )
            listed.add(symbol)
        except ValueError as error:  # of our own, or of Instrument
            refused.append(Refusal(symbol=symbol, reason=str(error)))
    return made, refused


def instrument_of(
    market: Market,
    *,
    venue: str,
    exchange: str = "",
    order_types: Sequence[OrderType] | None = None,
) -> Instrument:
    """Read one market. Raises MarketRefused, with the reason.

    `venue` is what the user calls the exchange, whose rules are found by its own id.
    """
    rules = RULES.get(exchange or venue, ORDINARY)
    sort = _text(market, "type")
    if sort not in _TYPES:
        raise MarketRefused(f"its type is {sort!r}, none of {', '.join(_TYPES)}")
    base, quote = _asset(market, "base"), _asset(market, "quote")
    settle = quote if sort == "spot" else _asset(market, "settle")
    kind = _kind(market, sort, base, quote, settle)
    lot = _lot(market, rules)
    expiry = _expiry_ns(market, sort)
    least, most = _bounds(market)
    types = (
        order_types if order_types is not None else order_types_of(exchange or venue, kind)
    )
    strike, right = _option(market) if kind is ContractKind.OPTION else (None, None)
    return Instrument(
        id=instrument_id(_text(market, "symbol"), venue),
        venue_key=_text(market, "id"),
        kind=kind,
        base=Asset(base),
        quote=Asset(quote),
        settle=Asset(settle),
        tick_table=_ticks(market, rules, lot, is_spot=sort == "spot"),
        quantity_step=lot,
        min_quantity=least,
        max_quantity=most,
        min_notional=_least_money(market, kind),
        multiplier=_multiplier(market, rules, kind),
        maker_fee_rate=_rate(market, "maker", rules),
        taker_fee_rate=_rate(market, "taker", rules),
        margin_rate=None if kind is ContractKind.SPOT else _margin_rate(market, rules),
        expiry_time_ns=expiry,
        valid_from_ns=_created_ns(market),
        valid_until_ns=expiry,
        strike=strike,
        right=right,
        is_trading=market.get("active") is not False,
        order_types=None if types is None else tuple(types),
        tags=_tags(base),
    )


def _claims(markets: Iterable[Market]) -> Counter[str]:
    """Count the different markets behind each symbol: the exchange's own id and kind."""
    different = {
        (
            str(each.get("symbol") or each.get("id") or "?"),
            *(str(each.get(name)) for name in ("id", "type", "subType")),
        )
        for each in markets
    }
    return Counter(symbol for symbol, *_ in different)


def _kind(market: Market, sort: str, base: str, quote: str, settle: str) -> ContractKind:
    if sort == "spot":
        return ContractKind.SPOT
    if base == quote:
        raise MarketRefused(f"its base and its quote are both {base}")
    if sort == "option":
        return ContractKind.OPTION
    linear, inverse = market.get("linear") is True, market.get("inverse") is True
    if linear and inverse:
        raise MarketRefused("it says to be both linear and inverse")
    if market.get("quanto") is True or settle not in {base, quote}:
        if inverse:
            raise MarketRefused(f"an inverse contract in {base} that settles in {settle}")
        return ContractKind.QUANTO
    if settle == quote:
        if inverse:
            raise MarketRefused(f"an inverse contract that settles in its quote, {quote}")
        return ContractKind.LINEAR
    if linear:
        raise MarketRefused(f"a linear contract that settles in its base, {base}")
    return ContractKind.INVERSE


def _lot(market: Market, rules: MarketRules) -> Decimal:
    if rules.spot_refused and market.get("type") == "spot":
        raise MarketRefused(rules.spot_refused)
    told = _number(market, "precision", "amount")
    if told is None:
        raise MarketRefused("it has no step of quantities (precision.amount)")
    return _step(told, rules.amount, "precision.amount")


def _step(told: Decimal, mode: Precision, what: str) -> Decimal:
    if mode is Precision.DECIMAL_PLACES:
        if told != told.to_integral_value() or abs(told) > _MOST_DIGITS:
            raise MarketRefused(f"{what} is {told}, where a count of digits was expected")
        return _ONE.scaleb(-int(told))
    if told <= 0:
        raise MarketRefused(f"{what} is {told}, and a step is positive")
    return told


def _ticks(
    market: Market, rules: MarketRules, lot: Decimal, *, is_spot: bool
) -> tuple[TickBand, ...]:
    told = _number(market, "precision", "price")
    if told is None:
        raise MarketRefused("it has no step of prices (precision.price)")
    digits = rules.price_digits
    if digits is None and rules.price is Precision.SIGNIFICANT_DIGITS:
        digits = int(told) if 1 <= told <= _MOST_DIGITS else 0
        if digits != told or digits < 1:
            raise MarketRefused(f"precision.price is {told}, no count of digits")
    if digits is None:
        return (TickBand(floor=_ZERO, tick=_step(told, rules.price, "precision.price")),)
    places = rules.price_places
    if places is not None and rules.places_less_lot:
        most = places + 2 if is_spot else places
        places = most - max(0, -_exponent(lot))
    return _bands(digits, places, whole_prices_fit=rules.whole_prices_fit)


def _bands(
    digits: int, places: int | None, *, whole_prices_fit: bool
) -> tuple[TickBand, ...]:
    """Return one band for each power of ten in which so many digits make another step."""
    finest = _ONE.scaleb(-places) if places is not None else None
    lowest = digits - 1 - places if places is not None else -_WIDEST_POWER
    bands: list[TickBand] = []
    for power in range(lowest, _WIDEST_POWER):
        tick = _ONE.scaleb(power - digits + 1)
        if finest is not None:
            tick = max(tick, finest)
        if whole_prices_fit:
            tick = min(tick, _ONE)
        if not bands or bands[-1].tick != tick:
            floor = _ZERO if not bands else _ONE.scaleb(power)
            bands.append(TickBand(floor=floor, tick=tick))
    return tuple(bands)


def _exponent(step: Decimal) -> int:
    exponent = step.normalize().as_tuple().exponent
    if not isinstance(exponent, int):
        raise MarketRefused(f"a step of {step} is no number")
    return exponent


def _multiplier(market: Market, rules: MarketRules, kind: ContractKind) -> Decimal:
    if kind is ContractKind.SPOT or rules.amount_is_value:
        return _ONE
    size = _number(market, "contractSize")
    if size is None and rules.size_path:
        size = _number(market, "info", *rules.size_path)
    if size is None and rules.contract_size:
        size = Decimal(rules.contract_size)
    if size is None:
        raise MarketRefused("it does not say how much one contract is (contractSize)")
    if size <= 0:
        raise MarketRefused(f"one contract is {size}, which is not positive")
    if kind in (ContractKind.INVERSE, ContractKind.QUANTO):
        size *= _MINOR_UNITS.get(str(market.get("settleId")), _ONE)
    return size


def _bounds(market: Market) -> tuple[Decimal, Decimal | None]:
    least = _number(market, "limits", "amount", "min") or _ZERO
    most = _number(market, "limits", "amount", "max")
    if least < 0:
        raise MarketRefused(f"its least quantity is {least}")
    if most is not None and most <= 0:
        most = None  # how some write "no limit"
    if most is not None and most < least:
        raise MarketRefused(f"its most quantity {most} is below its least, {least}")
    return least, most


def _least_money(market: Market, kind: ContractKind) -> Decimal:
    """Return the least value of an order. Exchanges tell it in quote, never in base."""
    if kind is ContractKind.INVERSE:
        return _ZERO
    return max(_number(market, "limits", "cost", "min") or _ZERO, _ZERO)


def _rate(market: Market, name: str, rules: MarketRules) -> Decimal | None:
    rate = _number(market, name)
    if rate is not None and market.get("percentage") is False:
        return None  # an amount for each trade, which is no rate
    return rate if rules.fees_are_rates else None


def _margin_rate(market: Market, rules: MarketRules) -> Decimal | None:
    """Return the initial margin the exchange itself states, the highest of its steps."""
    if not rules.margin_path:
        return None
    found: list[Any] = [market.get("info")]
    for name in rules.margin_path:
        found = [each[name] for each in found if isinstance(each, Mapping) and name in each]
        found = [part for each in found for part in _flat(each)]
    rates = [rate for each in found if (rate := _decimal(each, name)) is not None]
    return max((rate for rate in rates if rate > 0), default=None)


def _flat(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else (value,)


def _expiry_ns(market: Market, sort: str) -> int | None:
    if sort not in _DATED:
        return None
    expiry = _number(market, "expiry")
    if expiry is None or expiry <= 0:
        raise MarketRefused(f"a {sort} without the time it expires at")
    return int(expiry * _NS_PER_MS)


def _created_ns(market: Market) -> int:
    created = _number(market, "created")
    return int(created * _NS_PER_MS) if created is not None and created > 0 else 0


def _option(market: Market) -> tuple[Decimal, OptionRight]:
    strike = _number(market, "strike")
    if strike is None or strike <= 0:
        raise MarketRefused(f"an option with the strike {strike}")
    word = str(market.get("optionType"))
    try:
        return strike, OptionRight(word.lower())
    except ValueError:
        raise MarketRefused(f"an option that is neither call nor put, but {word}") from None


def _tags(base: str) -> tuple[str, ...]:
    """Say what one unit of a base like 1000SHIB is made of."""
    if match := _UNIT.fullmatch(base):
        return (f"unit:{match['many']} {match['asset']}",)
    if match := _KILO.fullmatch(base):
        return (f"unit:1000 {match['asset']}",)
    return ()


def _text(market: Market, name: str) -> str:
    value = market.get(name)
    if not isinstance(value, str) or not value:
        raise MarketRefused(f"its {name} is {value!r}, where a word was expected")
    return value


def _asset(market: Market, name: str) -> str:
    return _text(market, name)


def _number(market: Market, *path: str) -> Decimal | None:
    """Return a number exactly; None where there is none."""
    value: Any = market
    for name in path:
        if value is None:
            return None
        if not isinstance(value, Mapping):
            raise MarketRefused(f"{'.'.join(path)} is not where it should be")
        value = value.get(name)
    return _decimal(value, ".".join(path))


def _decimal(value: Any, what: str) -> Decimal | None:
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | str | Decimal):
        raise MarketRefused(f"{what} is {value!r}, which is no number")
    try:
        number = Decimal(repr(value) if isinstance(value, float) else value)
    except InvalidOperation:
        raise MarketRefused(f"{what} is {value!r}, which is no number") from None
    if not number.is_finite():
        raise MarketRefused(f"{what} is {value!r}, which is no finite number")
    return number

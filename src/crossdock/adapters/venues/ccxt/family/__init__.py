"""The family's data: what is known of each exchange, without any of ccxt's code."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cache

from crossdock.adapters.venues.ccxt.family import (
    binance,
    binance_options,
    bitfinex,
    bitstamp,
    bybit,
    coinbase,
    deribit,
    gemini,
    htx,
    kraken,
    kucoin,
    okx,
    onchain,
)
from crossdock.adapters.venues.ccxt.family.exchange import Exchange
from crossdock.adapters.venues.ccxt.family.generic import unstudied
from crossdock.model import ContractKind, OrderType
from crossdock.ports import Manifest

_STUDIED = (
    binance,
    binance_options,
    bitfinex,
    bitstamp,
    bybit,
    coinbase,
    deribit,
    gemini,
    htx,
    kraken,
    kucoin,
    okx,
    onchain,
)


@cache
def studied() -> Mapping[str, Exchange]:
    """Return the exchanges that were studied, each by the sources it names, by id."""
    return {each.id: each for module in _STUDIED for each in module.EXCHANGES}


@cache
def exchanges() -> Mapping[str, Exchange]:
    """Return every member of the family, by id."""
    return {**studied(), **{each.id: each for each in unstudied(studied())}}


def manifests() -> Iterator[Manifest]:
    for exchange in exchanges().values():
        yield exchange.manifest()


def order_types_of(venue: str, kind: ContractKind) -> Sequence[OrderType] | None:
    """Return what an exchange takes on markets of a kind; None: what its manifest says."""
    exchange = exchanges().get(venue)
    if exchange is None or not exchange.order_types:
        return None
    types = exchange.order_types.get(kind)
    return None if types is None else tuple(types)

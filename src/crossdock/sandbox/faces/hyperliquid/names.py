"""Coins, tokens and asset ids of a venue's markets.

https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/asset-ids and
https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api/tick-and-lot-size, read
2026-11-21.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from functools import cached_property

from crossdock.model import ContractKind
from crossdock.sandbox.engine import MarketSpec
from crossdock.sandbox.faces.hyperliquid.refusals import malformed
from crossdock.sandbox.host import Host

MONEY = "USDC"
_FIRST_SPOT = 10_000
_CANONICAL = "PURR/USDC"
_TOKENS: Mapping[str, str] = {"BTC": "UBTC", "ETH": "UETH", "SOL": "USOL"}
_CLOID = re.compile(r"0x[0-9a-fA-F]{32}", re.ASCII)
_FIRST_ORDER = 250_000_000_000
_FIRST_TRADE = 600_000_000_000_000
_MS_NS = 1_000_000


class Names:
    """What a venue's markets are called: a coin, and a number in actions."""

    def __init__(self, host: Host) -> None:
        self._host = host

    @cached_property
    def perpetuals(self) -> Sequence[str]:
        """The symbols of perpetuals, in the order of their asset ids."""
        return [it.symbol for it in self._markets() if it.kind is ContractKind.LINEAR]

    @cached_property
    def pairs(self) -> Sequence[str]:
        """The symbols of spot pairs, in the order of their indices."""
        return [it.symbol for it in self._markets() if it.kind is ContractKind.SPOT]

    @cached_property
    def tokens(self) -> Sequence[str]:
        """The assets of spot pairs, the money first: an asset's index is its place."""
        assets = [asset for it in self.pairs for asset in self._assets(it)]
        return list(dict.fromkeys((MONEY, *assets)))

    @cached_property
    def coins(self) -> Mapping[str, str]:
        """Coin by symbol."""
        found = {it: self.market(it).base for it in self.perpetuals}
        for index, pair in enumerate(self.pairs):
            found[pair] = pair if pair == _CANONICAL else f"@{index}"
        return found

    def __contains__(self, symbol: str) -> bool:
        return symbol in self.coins

    def market(self, symbol: str) -> MarketSpec:
        return self._host.venue.markets[symbol]

    def of_coin(self, coin: object) -> MarketSpec:
        """Return a coin's market. Raises Refusal."""
        for symbol, name in self.coins.items():
            if name == coin:
                return self.market(symbol)
        raise malformed()

    def of_asset(self, asset: object) -> MarketSpec | None:
        """Return the market of an asset id, if there is one."""
        if not isinstance(asset, int) or isinstance(asset, bool):
            raise malformed()
        spot = asset >= _FIRST_SPOT
        index, symbols = (
            (asset - _FIRST_SPOT, self.pairs) if spot else (asset, self.perpetuals)
        )
        return self.market(symbols[index]) if 0 <= index < len(symbols) else None

    def asset_of(self, market: MarketSpec) -> int:
        if market.kind is ContractKind.SPOT:
            return _FIRST_SPOT + self.pairs.index(market.symbol)
        return self.perpetuals.index(market.symbol)

    def _markets(self) -> Sequence[MarketSpec]:
        return list(self._host.venue.markets.values())

    def _assets(self, symbol: str) -> tuple[str, str]:
        market = self.market(symbol)
        return market.base, market.quote


def token(asset: str) -> str:
    """Return what an asset is called on spot, where it is a bridged one."""
    return _TOKENS.get(asset, asset)


def size_decimals(market: MarketSpec) -> int:
    exponent = market.quantity_step.normalize().as_tuple().exponent
    assert isinstance(exponent, int)
    return max(0, -exponent)


def is_cloid(text: str) -> bool:
    return _CLOID.fullmatch(text) is not None


def oid(engine_id: str) -> int:
    """Return an order's id as clients see it."""
    return _FIRST_ORDER + int(engine_id)


def engine_id(number: int) -> str:
    """Return the engine's id behind an order's."""
    return str(number - _FIRST_ORDER)


def tid(execution_id: str) -> int:
    """Return the id of an execution, or of what else moved an account."""
    return _FIRST_TRADE + int(execution_id[1:])


def milliseconds(time_ns: int) -> int:
    return time_ns // _MS_NS


def plain(value: Decimal) -> str:
    """Write a decimal as replies do: with one digit behind its point at least."""
    text = format(value, "f")
    if "." not in text:
        return f"{text}.0"
    text = text.rstrip("0")
    return f"{text}0" if text.endswith(".") else text

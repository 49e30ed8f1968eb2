"""Which markets a venue has and who makes them, as its configuration says."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache
from pathlib import Path
from zlib import crc32

from crossdock.sandbox.config import (
    ConfigInvalid,
    ParticipantsMarket,
    RecordedMarket,
    VenueConfig,
)
from crossdock.sandbox.engine import MarketSpec, Venue, VenueSpec
from crossdock.sandbox.market import Participants, Past, PricePath, recorded_spec
from crossdock.sandbox.market import RecordedMarket as Recording

_PRICES = {"BTC": 60_000.0, "ETH": 3_000.0}
_OTHERWISE = 100.0


class Paths:
    """One price path for each pair, shared by every venue and by spot and perpetual."""

    def __init__(self, seed: int) -> None:
        self._seed = seed
        self._paths: dict[str, PricePath] = {}

    def path(self, symbol: str, start: float | None) -> PricePath:
        """Return the path of a symbol's pair; the first to ask says where it starts."""
        pair = symbol.partition(":")[0]
        path = self._paths.get(pair)
        if path is None:
            price = start or _PRICES.get(pair.partition("/")[0], _OTHERWISE)
            seed = crc32(f"{self._seed} {pair}".encode())
            path = self._paths[pair] = PricePath(price, seed=seed)
        return path


def venue_spec(config: VenueConfig) -> VenueSpec:
    """Return the engine's specification: a recording brings its market's ticks and lot.

    Raises ConfigInvalid for a recording that cannot be read.
    """
    spec = config.spec()
    if not isinstance(config.market, RecordedMarket):
        return spec
    recorded = _recorded_spec(config.name, config.market.path)
    markets = {market.symbol: market for market in spec.markets}
    configured = markets.get(recorded.symbol)
    if configured is not None:
        recorded = replace(
            recorded,
            min_notional=configured.min_notional,
            maker_fee=configured.maker_fee,
            taker_fee=configured.taker_fee,
        )
    return replace(spec, markets=tuple((markets | {recorded.symbol: recorded}).values()))


def attach(
    venue: Venue, config: VenueConfig, paths: Paths, seed: int, now_ns: int
) -> dict[str, Past]:
    """Give a venue its market; returns the past of what is invented there."""
    market = config.market
    symbols = set(venue.markets)
    if isinstance(market, RecordedMarket):
        recorded = _recorded_spec(config.name, market.path).symbol
        symbols.remove(recorded)
        venue.attach(
            Recording(
                Path(market.path),
                venue.markets[recorded],
                speed=market.speed,
                loop=market.loop,
            )
        )
        market = ParticipantsMarket()
    if isinstance(market, ParticipantsMarket):
        by_symbol = {
            symbol: paths.path(symbol, float(market.prices.get(symbol, 0)))
            for symbol in sorted(symbols)
        }
        participants = Participants(
            by_symbol,
            seed=seed,
            offset_bps=market.offset_bps,
            lag_ns=int(market.lag_s * 1e9),
        )
        venue.attach(participants)
        return participants.pasts(venue, now_ns)
    return {}


def _recorded_spec(venue: str, path: str) -> MarketSpec:
    try:
        return _spec_of(path)
    except (OSError, ValueError) as problem:
        raise ConfigInvalid(
            f"venue {venue}: market.path: a recording was expected: {problem}"
        ) from None


@lru_cache(maxsize=8)
def _spec_of(path: str) -> MarketSpec:
    return recorded_spec(Path(path))

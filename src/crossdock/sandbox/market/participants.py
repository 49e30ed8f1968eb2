"""Market makers and takers who trade through house accounts."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import ceil
from random import Random

from crossdock.model import ContractKind, OrderType, Side, TimeInForce
from crossdock.sandbox.engine import MarketSpec, OrderForm, Refused, Venue, VenueOrder
from crossdock.sandbox.market.history import Past
from crossdock.sandbox.market.price_path import PricePath

SECOND_NS = 1_000_000_000
MAKER = "house-maker"
TAKER = "house-taker"
_LEVELS = 6
_QUOTE_NS = 250_000_000
_TRADE_NS = 200_000_000  # between takers, on average
_SPREAD_BPS = 1.0  # from the worth to the first level
_LEVEL_BPS = 0.8  # from level to level, on average
_LEVEL_NOTIONAL = 20_000.0  # typical of one level, so that a small order finds enough
_TRADE_NOTIONAL = 2_000.0  # of what one taker takes, times a size that is mostly below 1
_TRADE_SIZE = 0.45  # on average
_LONGEST_GAP_NS = 2_000_000_000


@dataclass(slots=True)
class _Seat:
    """What the participants remember of one symbol."""

    path: PricePath
    random: Random
    quotes: dict[Side, dict[Decimal, VenueOrder]] = field(
        default_factory=lambda: {Side.BUY: {}, Side.SELL: {}}
    )
    next_quote_ns: int = 0
    next_trade_ns: int = 0


class Participants:
    """Keeps several levels on both sides of each symbol's path, and trades against them.

    Venues that share a `PricePath` quote the same worth, apart from their own
    `offset_bps` and `lag_ns`: what is cheap on one is soon cheap on the other.
    """

    def __init__(
        self,
        paths: Mapping[str, PricePath],
        *,
        seed: int,
        offset_bps: float = 0.0,
        lag_ns: int = 0,
    ) -> None:
        self._offset = 1 + offset_bps / 10_000
        self._lag_ns = lag_ns
        self._seats = {
            symbol: _Seat(path, Random(f"{seed} {symbol}"))  # noqa: S311 - a market
            for symbol, path in paths.items()
        }

    def join(self, venue: Venue) -> None:
        """Open the house accounts. Raises ValueError for a symbol the venue lacks."""
        missing = self._seats.keys() - venue.markets.keys()
        if missing:
            raise ValueError(
                f"{venue.spec.name} has no market {', '.join(sorted(missing))}"
            )
        for account in (MAKER, TAKER):
            if account not in venue.house_accounts:
                venue.open_account(account, {}, is_house=True)

    def pasts(self, venue: Venue, now_ns: int) -> dict[str, Past]:
        """Return a past of each symbol that ends now, at the price trading begins with."""
        pasts = {}
        for symbol, seat in self._seats.items():
            market = venue.markets[symbol]
            worth = seat.path.at(now_ns - self._lag_ns) * self._offset
            taken = _quantity(market, worth, _TRADE_NOTIONAL * _TRADE_SIZE)
            pasts[symbol] = Past(
                end_s=now_ns // SECOND_NS,
                worth=worth,
                tick=market.tick_at(Decimal(repr(worth))),
                lot=market.quantity_step,
                lots_per_s=float(taken / market.quantity_step) * SECOND_NS / _TRADE_NS,
                seed=seat.path.seed,
            )
        return pasts

    def step(self, venue: Venue, now_ns: int) -> None:
        """Renew quotes and trade as far as due. A long absence is not made up for."""
        for symbol, seat in self._seats.items():
            market = venue.markets[symbol]
            if now_ns >= seat.next_quote_ns:
                worth = seat.path.at(now_ns - self._lag_ns) * self._offset
                self._quote(venue, market, seat, worth, now_ns)
                seat.next_quote_ns = now_ns + int(seat.random.uniform(0.7, 1.3) * _QUOTE_NS)
            seat.next_trade_ns = max(seat.next_trade_ns, now_ns - _LONGEST_GAP_NS)
            while now_ns >= seat.next_trade_ns:
                _take(venue, market, seat, now_ns)
                seat.next_trade_ns += int(seat.random.uniform(0.5, 1.5) * _TRADE_NS)

    def _quote(
        self, venue: Venue, market: MarketSpec, seat: _Seat, worth: float, now_ns: int
    ) -> None:
        """Move to where the worth is: cancel what is off first, so nothing crosses itself."""
        wanted = {side: _prices(market, seat.random, worth, side) for side in seat.quotes}
        for side, quotes in seat.quotes.items():
            for price, order in list(quotes.items()):
                if order.is_done or price not in wanted[side]:
                    if not order.is_done:
                        venue.cancel(MAKER, order.id, now_ns)
                    del quotes[price]
        for side, quotes in seat.quotes.items():
            for price in wanted[side]:
                if price in quotes:
                    continue
                size = seat.random.lognormvariate(0.0, 0.6)
                form = OrderForm(
                    client_order_id="maker",
                    symbol=market.symbol,
                    side=side,
                    type=OrderType.LIMIT,
                    quantity=_quantity(market, float(price), size * _LEVEL_NOTIONAL),
                    limit_price=price,
                )
                placed = _submit(venue, MAKER, form, now_ns)
                if placed is not None and not placed.is_done:
                    quotes[price] = placed


def _prices(market: MarketSpec, random: Random, worth: float, side: Side) -> list[Decimal]:
    tick = market.tick_at(Decimal(repr(worth)))
    step = float(tick)
    sign = -side.sign
    # Rounded to a grid as wide as the gap, most levels stay where they are from one
    # quote to the next, and so do their queues.
    grid = max(1, round(worth * _LEVEL_BPS / 10_000 / step))
    nearest = worth * (1 + sign * _SPREAD_BPS * random.uniform(0.6, 1.4) / 10_000) / step
    first = int(nearest) if side is Side.BUY else int(nearest) + 1
    second = (first // grid + (side is Side.SELL)) * grid
    steps = dict.fromkeys([first, *(second + sign * grid * n for n in range(_LEVELS - 1))])
    return [tick * n for n in steps if n > 0]


def _take(venue: Venue, market: MarketSpec, seat: _Seat, now_ns: int) -> None:
    random = seat.random
    side = Side.BUY if random.random() < 0.5 else Side.SELL
    depth = 1 if random.random() < 0.9 else 3
    _, bids, asks = venue.book(market.symbol, depth)
    facing = asks if side is Side.BUY else bids
    if not facing:
        return
    price = facing[-1][0]
    size = depth * min(random.lognormvariate(-1.2, 0.9), 4.0)
    _submit(
        venue,
        TAKER,
        OrderForm(
            client_order_id="taker",
            symbol=market.symbol,
            side=side,
            type=OrderType.LIMIT,
            quantity=_quantity(market, float(price), size * _TRADE_NOTIONAL),
            limit_price=price,
            time_in_force=TimeInForce.IOC,
        ),
        now_ns,
    )


def _submit(venue: Venue, account: str, form: OrderForm, now_ns: int) -> VenueOrder | None:
    try:
        return venue.submit(account, form, now_ns)
    except Refused as refusal:
        # After a change of ticks a price in the book may not fit them any more.
        if refusal.code != "bad_tick":
            raise
        return None


def _quantity(market: MarketSpec, price: float, notional: float) -> Decimal:
    """Return a quantity that fits the market and is worth about `notional`."""
    unit = float(market.multiplier)
    settled = unit
    if market.kind is ContractKind.INVERSE:
        settled = unit / price
    elif market.kind is ContractKind.SPOT:
        unit = settled = price
    else:
        unit = settled = price * unit
    step = float(market.quantity_step)
    lots = max(
        round(notional / unit / step),
        ceil(float(market.min_quantity) / step),
        ceil(float(market.min_notional) * 1.001 / settled / step),
        1,
    )
    if market.max_quantity is not None:
        lots = min(lots, int(market.max_quantity / market.quantity_step))
    return market.quantity_step * lots

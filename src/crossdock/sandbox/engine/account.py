"""One account: cash, positions, and the history of what it did."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from crossdock.model import ZERO, PositionSide, Side
from crossdock.sandbox.engine.position import Position
from crossdock.sandbox.engine.records import VenueEvent, VenueFill, VenueOrder
from crossdock.sandbox.engine.specs import MarketSpec

INITIAL_MARGIN = Decimal("0.1")
"""Of a position's cost and of an order's notional. Unrealised P&L is not counted."""


class Account:
    """A house account may owe without limit and keeps no history, so it never grows.

    Its derivative trades move cash by their whole value and `contracts` by their quantity:
    what it holds is worth the same, without the average cost.
    """

    __slots__ = (
        "cash",
        "clients",
        "contracts",
        "events",
        "fills",
        "initial",
        "is_house",
        "name",
        "open",
        "orders",
        "positions",
    )

    def __init__(
        self, name: str, balances: Mapping[str, Decimal], *, is_house: bool = False
    ) -> None:
        self.name = name
        self.is_house = is_house
        self.initial = dict(balances)
        self.cash = dict(balances)
        self.contracts: dict[str, Decimal] = {}
        self.positions: dict[tuple[str, PositionSide], Position] = {}
        self.open: dict[int, VenueOrder] = {}
        self.orders: dict[str, VenueOrder] = {}  # by every id of every chain
        self.clients: dict[str, VenueOrder] = {}
        self.fills: list[VenueFill] = []
        self.events: list[VenueEvent] = []

    def pay(self, asset: str, amount: Decimal) -> None:
        """Add to cash; a negative amount takes."""
        self.cash[asset] = self.cash.get(asset, ZERO) + amount

    def held(self, asset: str) -> Decimal:
        """Return what open orders and positions set aside."""
        orders = sum(
            (order.charged for order in self.open.values() if order.held_asset == asset),
            ZERO,
        )
        held = [it for it in self.positions.values() if it.settle == asset]
        margin = sum((it.margined for it in held), ZERO)
        owed = sum((it.owed for it in held), ZERO)
        return orders + margin * INITIAL_MARGIN + owed

    def available(self, asset: str) -> Decimal:
        return self.cash.get(asset, ZERO) - self.held(asset)

    def position(self, market: MarketSpec, side: PositionSide) -> Position:
        key = (market.symbol, side)
        position = self.positions.get(key)
        if position is None:
            position = self.positions[key] = Position(market, side)
        return position

    def reducible(self, symbol: str, position_side: PositionSide, side: Side) -> Decimal:
        """Return how much an order of a side could close."""
        position = self.positions.get((symbol, position_side))
        if position is None:
            return ZERO
        return max(ZERO, -position.quantity * side.sign)

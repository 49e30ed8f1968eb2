"""Books, ladders, candles, instruments."""

from __future__ import annotations

from crossdock.web.shapes._shape import Told


class Top(Told):
    """The best of one venue's book, null while it is not to be trusted."""

    instrument: str
    ready: bool
    bid: str | None = None
    ask: str | None = None
    bid_quantity: str | None = None
    ask_quantity: str | None = None
    last: str | None = None
    at: int | None = None


class OwnLevel(Told):
    price: str
    side: str
    quantity: str
    order_id: str
    account: str
    venue: str | None = None


class Ladder(Told):
    """Levels best first as [price, quantity, {venue: quantity}]."""

    symbol: str
    ready: bool
    crossed: bool = False
    venues: list[str] = []
    bids: list[list[str | dict[str, str]]] = []
    asks: list[list[str | dict[str, str]]] = []
    own: list[OwnLevel] = []
    tick: str | None = None
    at: int | None = None


class Drawn(Told):
    """What a strategy goes by, over the bars of a chart, as [seconds, value].

    `overlay`: it lies on the scale of the price. `name` is that of `indicator`, and of the
    output where it has several.
    """

    strategy: str
    indicator: str = ""
    name: str
    overlay: bool = False
    points: list[list[float]] = []


class ReadElsewhere(Told):
    """Strategies that go by bars of another width than the chart's."""

    timeframe: str
    strategies: list[str] = []


class Candles(Told):
    """Bars oldest first as [seconds, open, high, low, close, volume]."""

    symbol: str
    instrument: str | None = None
    timeframe: str
    bars: list[list[float]]
    forming: list[float] | None = None
    source: str = ""
    indicators: list[Drawn] = []
    indicator_timeframes: list[ReadElsewhere] = []


class Instrument(Told):
    symbol: str
    instrument: str
    account: str | None = None
    venue: str | None = None
    kind: str
    base: str | None = None
    quote: str | None = None
    settle: str | None = None
    multiplier: str | None = None
    tick: str | None = None
    step: str | None = None
    min_quantity: str | None = None
    min_notional: str | None = None
    order_types: list[str] = []
    time_in_force: list[str] = []
    can: dict[str, bool] = {}


class Signal(Told):
    at: int
    strategy: str
    portfolio: str = ""
    symbol: str
    direction: str
    confidence: float | None = None
    strength: float | None = None
    horizon_s: float | None = None
    correlation: str | None = None
    outcome: str = ""
    order_ids: list[str] = []
    words: str = ""

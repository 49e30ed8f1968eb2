"""What a strategy is given and what it may do."""

from __future__ import annotations

from decimal import Decimal
from typing import Protocol

from crossdock.model import (
    AccountId,
    Bar,
    Fill,
    Instrument,
    InstrumentId,
    Level,
    OrderId,
    OrderRequest,
    OrderView,
    Position,
    Quote,
    Side,
    Signal,
    StrategyId,
    Trade,
)


class Book(Protocol):
    """A readable order book. Prices as floats to decide by, `*_price` exact to send."""

    @property
    def ready(self) -> bool:
        """False until the first snapshot, and from a gap until the next."""

    @property
    def best_bid(self) -> float: ...
    @property
    def best_ask(self) -> float: ...
    @property
    def best_bid_price(self) -> Decimal: ...
    @property
    def best_ask_price(self) -> Decimal: ...
    def levels(self, side: Side, depth: int | None = None) -> list[Level]:
        """Return bids (BUY) or asks (SELL) in the venue's own text, best first."""


class Trading(Protocol):
    """The desk as a strategy sees it. Every call returns at once."""

    def now_ns(self) -> int: ...
    def instrument(self, instrument: InstrumentId) -> Instrument: ...
    def instruments(self, symbol: str) -> list[Instrument]:
        """Return every instrument of a symbol, over all venues."""

    def accounts(self, instrument: InstrumentId) -> list[AccountId]:
        """Return the accounts that trade an instrument now: connected, not stopped."""

    def book(self, instrument: InstrumentId) -> Book: ...
    def equity(self) -> Decimal:
        """Return the capital the strategy's portfolio may use, in the desk's currency."""

    def position(self, account: AccountId, instrument: InstrumentId) -> Position | None: ...
    def open_orders(self) -> list[OrderView]:
        """Return this strategy's orders that are not proven done."""

    def submit(self, request: OrderRequest) -> OrderId | None:
        """Ask risk, journal and send. None when refused; the refusal is recorded."""

    def signal(self, signal: Signal) -> OrderId | None:
        """Size an opinion, route it to the cheapest venue, then as `submit`."""

    def cancel(self, order: OrderId) -> None: ...
    def replace(
        self,
        order: OrderId,
        *,
        quantity: Decimal | None = None,
        limit_price: Decimal | None = None,
    ) -> None: ...


class Strategy(Protocol):
    """Handlers a strategy may have; `crossdock.strategies.Strategy` has them all, empty."""

    id: StrategyId
    timeframe: str  # of the bars it is given, like 1m; "" for none
    timer_s: float  # seconds between two calls of on_timer; 0 for none

    def start(self, desk: Trading) -> None: ...
    def on_quote(self, quote: Quote) -> None: ...
    def on_trade(self, trade: Trade) -> None: ...
    def on_book(self, instrument: InstrumentId, book: Book) -> None: ...
    def on_bar(self, bar: Bar) -> None:
        """Take a closed bar of the strategy's `timeframe`, at the moment it closed."""

    def on_order(self, order: OrderView) -> None: ...
    def on_fill(self, fill: Fill, order: OrderView | None) -> None: ...
    def on_timer(self, now_ns: int) -> None:
        """Called every `timer_s`, at whole multiples of it since 1970 (UTC).

        Live it may be up to a quarter second late; `now_ns` is the time that was due. Of
        times that passed together only the latest is called, and none from before the start.
        """

    def stop(self) -> None: ...

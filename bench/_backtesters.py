"""The peers of `backtest.py`, each on the rules written there.

Every function gets its market ready, in the form the peer takes it, before its time begins,
and returns what the peer needed, how many orders filled and the equity at the end.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from decimal import Decimal
from time import process_time
from typing import Any, NamedTuple

from _market import MINUTE_NS, Row, Touch

CASH = 1_000_000
FEE = "0.0001"
SHARE = 0.95
FAST, SLOW = 10, 30
EVERY = 50  # quotes from one order of the tick rows to the next
UNITS = 100  # of each such order


class Outcome(NamedTuple):
    seconds: float
    fills: int
    equity: float | None


def frame(rows: Sequence[Row]) -> Any:
    import pandas as pd

    names = ["start_ns", "Open", "High", "Low", "Close", "Volume"]
    made = pd.DataFrame(rows, columns=names)
    made.index = pd.to_datetime(made.pop("start_ns"))
    return made


def backtesting(rows: Sequence[Row]) -> Outcome:
    """Orders fill at the next bar's open; one still open in the end is kept open."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import pandas as pd
        from backtesting import Backtest, Strategy

    def average(values: Any, length: int) -> Any:
        return pd.Series(values).rolling(length).mean()

    class Cross(Strategy):
        def init(self) -> None:
            self.fast = self.I(average, self.data.Close, FAST)
            self.slow = self.I(average, self.data.Close, SLOW)
            self.was_above: bool | None = None

        def next(self) -> None:
            is_above = self.fast[-1] > self.slow[-1]
            was_above, self.was_above = self.was_above, is_above
            if was_above is None or was_above == is_above:
                return
            if is_above and not self.position:
                self.buy(size=int(self.equity * SHARE / self.data.Close[-1]))
            elif self.position and not is_above:
                self.position.close()

    data = frame(rows)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # trades left open at the end, and its progress bar
        test = Backtest(data, Cross, cash=CASH, commission=float(FEE))
        began = process_time()
        result = test.run()
        seconds = process_time() - began
    fills = 2 * len(result["_trades"]) + len(result["_strategy"].trades)
    return Outcome(seconds, fills, float(result["Equity Final [$]"]))


def backtrader(rows: Sequence[Row]) -> Outcome:
    """Orders fill at the next bar's open. Nothing is plotted or observed."""
    import backtrader as bt

    fills = 0

    class Cross(bt.Strategy):
        def __init__(self) -> None:
            self.fast = bt.indicators.SMA(self.data.close, period=FAST)
            self.slow = bt.indicators.SMA(self.data.close, period=SLOW)
            self.was_above: bool | None = None

        def next(self) -> None:
            is_above = self.fast[0] > self.slow[0]
            was_above, self.was_above = self.was_above, is_above
            if was_above is None or was_above == is_above:
                return
            if is_above and not self.position:
                self.buy(size=int(self.broker.getvalue() * SHARE / self.data.close[0]))
            elif self.position and not is_above:
                self.close()

        def notify_order(self, order: Any) -> None:
            nonlocal fills
            fills += order.status == order.Completed

    cerebro = bt.Cerebro(stdstats=False)
    cerebro.broker.setcash(CASH)
    cerebro.broker.setcommission(commission=float(FEE))
    cerebro.adddata(bt.feeds.PandasData(dataname=frame(rows)))
    cerebro.addstrategy(Cross)
    began = process_time()
    cerebro.run()
    seconds = process_time() - began
    return Outcome(seconds, fills, cerebro.broker.getvalue())


def vectorbt(rows: Sequence[Row]) -> Outcome:
    """Whole arrays at once, compiled beforehand. Sizes by the price of the fill."""
    import vectorbt as vbt

    def run(data: Any) -> Any:
        close = data["Close"]
        fast, slow = vbt.MA.run(close, FAST).ma, vbt.MA.run(close, SLOW).ma
        is_above = (fast > slow).to_numpy()
        enters = is_above.copy()
        leaves = ~is_above
        enters[1:] &= ~is_above[:-1]
        leaves[1:] &= is_above[:-1]
        for signal in (enters, leaves):
            signal[1:] = signal[:-1]  # decided on a close, filled at the next open
            signal[: SLOW + 1] = False  # the first side is no cross
        portfolio = vbt.Portfolio.from_signals(
            close,
            enters,
            leaves,
            price=data["Open"],
            size=SHARE,
            size_type="percent",
            size_granularity=1.0,
            fees=float(FEE),
            init_cash=CASH,
            freq="1min",
        )
        return portfolio.orders.count(), portfolio.final_value()

    run(frame(rows[:500]))
    data = frame(rows)
    began = process_time()
    fills, equity = run(data)
    seconds = process_time() - began
    return Outcome(seconds, int(fills), float(equity))


class _Nautilus:
    """A NautilusTrader engine with one venue and one instrument, ready for data."""

    def __init__(self) -> None:
        from nautilus_trader.backtest.engine import BacktestEngine, BacktestEngineConfig
        from nautilus_trader.config import LoggingConfig
        from nautilus_trader.model.currencies import BTC, USDT
        from nautilus_trader.model.enums import AccountType, OmsType
        from nautilus_trader.model.identifiers import InstrumentId, Symbol, Venue
        from nautilus_trader.model.instruments import CurrencyPair
        from nautilus_trader.model.objects import Money, Price, Quantity

        self.venue, self.currency = Venue("BENCH"), USDT
        self.id = InstrumentId(Symbol("BTCUSDT"), self.venue)
        self.engine = BacktestEngine(
            BacktestEngineConfig(
                logging=LoggingConfig(bypass_logging=True), run_analysis=False
            )
        )
        self.engine.add_venue(
            venue=self.venue,
            oms_type=OmsType.NETTING,
            account_type=AccountType.CASH,
            starting_balances=[Money(CASH, USDT)],
        )
        instrument = CurrencyPair(
            instrument_id=self.id,
            raw_symbol=Symbol("BTCUSDT"),
            base_currency=BTC,
            quote_currency=USDT,
            price_precision=4,
            size_precision=0,
            price_increment=Price.from_str("0.0001"),
            size_increment=Quantity.from_str("1"),
            ts_event=0,
            ts_init=0,
            maker_fee=Decimal(FEE),
            taker_fee=Decimal(FEE),
        )
        self.engine.add_instrument(instrument)

    def run(self, strategy: Any, last_price: float) -> Outcome:
        self.engine.add_strategy(strategy)
        began = process_time()
        self.engine.run()
        seconds = process_time() - began
        totals = self.engine.cache.account_for_venue(self.venue).balances_total()
        held = {str(currency): total.as_double() for currency, total in totals.items()}
        equity = held["USDT"] + held.get("BTC", 0.0) * last_price
        return Outcome(seconds, strategy.fills, equity)


def nautilus_trader(rows: Sequence[Row]) -> Outcome:
    """Fills at the close of the bar that is being decided on: it has no next open."""
    from nautilus_trader.indicators import SimpleMovingAverage
    from nautilus_trader.model.data import Bar, BarType
    from nautilus_trader.model.enums import OrderSide
    from nautilus_trader.model.objects import Price, Quantity
    from nautilus_trader.trading.strategy import Strategy

    stage = _Nautilus()
    kind = BarType.from_str(f"{stage.id}-1-MINUTE-LAST-EXTERNAL")

    class Cross(Strategy):
        fills = 0

        def on_start(self) -> None:
            self.fast, self.slow = SimpleMovingAverage(FAST), SimpleMovingAverage(SLOW)
            self.register_indicator_for_bars(kind, self.fast)
            self.register_indicator_for_bars(kind, self.slow)
            self.was_above: bool | None = None
            self.held: Any = None
            self.subscribe_bars(kind)

        def on_bar(self, bar: Any) -> None:
            if not self.slow.initialized:
                return
            is_above = self.fast.value > self.slow.value
            was_above, self.was_above = self.was_above, is_above
            if was_above is None or was_above == is_above:
                return
            if is_above and self.held is None:
                account = self.portfolio.account(stage.venue)
                free = account.balance_free(stage.currency).as_double()
                self.held = Quantity(int(free * SHARE / bar.close.as_double()), 0)
                self.send(OrderSide.BUY, self.held)
            elif self.held is not None and not is_above:
                self.send(OrderSide.SELL, self.held)
                self.held = None

        def send(self, side: Any, quantity: Any) -> None:
            self.submit_order(self.order_factory.market(stage.id, side, quantity))

        def on_order_filled(self, event: Any) -> None:
            self.fills += 1

    bars = [
        Bar(
            kind,
            Price(row.open, 4),
            Price(row.high, 4),
            Price(row.low, 4),
            Price(row.close, 4),
            Quantity(row.volume, 0),
            row.start_ns + MINUTE_NS,
            row.start_ns + MINUTE_NS,
        )
        for row in rows
    ]
    stage.engine.add_data(bars)
    return stage.run(Cross(), rows[-1].close)


def nautilus_quotes(touches: Sequence[Touch]) -> Outcome:
    """Fills at the quote that is being looked at."""
    from nautilus_trader.model.data import QuoteTick
    from nautilus_trader.model.enums import OrderSide
    from nautilus_trader.model.objects import Price, Quantity
    from nautilus_trader.trading.strategy import Strategy

    stage = _Nautilus()
    units = Quantity(UNITS, 0)

    class Alternate(Strategy):
        fills = seen = 0

        def on_start(self) -> None:
            self.subscribe_quote_ticks(stage.id)

        def on_quote_tick(self, tick: Any) -> None:
            self.seen += 1
            if self.seen % EVERY == 0:
                side = OrderSide.BUY if self.seen // EVERY % 2 else OrderSide.SELL
                self.submit_order(self.order_factory.market(stage.id, side, units))

        def on_order_filled(self, event: Any) -> None:
            self.fills += 1

    size = Quantity(1_000_000, 0)
    ticks = [
        QuoteTick(
            stage.id,
            Price(touch.bid, 4),
            Price(touch.ask, 4),
            size,
            size,
            touch.time_ns,
            touch.time_ns,
        )
        for touch in touches
    ]
    stage.engine.add_data(ticks)
    return stage.run(Alternate(), touches[-1].bid)

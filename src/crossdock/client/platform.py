"""The client itself: a method for everything a platform can show."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from types import TracebackType
from typing import Any, Protocol, Self

from crossdock.client.http import HttpWay
from crossdock.client.values import (
    Number,
    above_zero,
    figure,
    figures,
    moment,
    number,
    numbers,
    points_of,
    side_of,
    wrong,
)


class Way(Protocol):
    """How one write goes out. Raises errors of ours."""

    def push(self, subject: str, said: Mapping[str, Any]) -> None: ...

    def close(self) -> None: ...


class PlatformClient:
    """Shows a platform of yours on a dashboard. Each call is one write, done once.

        client = PlatformClient("http://127.0.0.1:5000", key, platform="mine")
        client.add_custom_metric("latency", 12.5, unit="ms")

    The key is an API key with the scope `push`. `PlatformClient.over_redis` needs none:
    whoever may write to that Redis server may push. Amounts are best told as Decimal or
    text; `at_ns` is when something was so, now where it is left out. Raises AuthFailed,
    Rejected, RateLimited, NotSent or OutcomeUnknown, over Redis Unavailable too. What is
    Rejected as `bad-argument` never left. Calls wait for their answer: one client is for
    one thread.
    """

    def __init__(
        self,
        url: str,
        key: str,
        *,
        platform: str = "platform",
        timeout_s: float = 10.0,
        way: Way | None = None,
    ) -> None:
        self._way = way or HttpWay(url, key, platform, timeout_s=timeout_s)

    @classmethod
    def over_redis(
        cls, url: str, name: str = "platform", *, timeout_s: float = 10.0
    ) -> PlatformClient:
        """Push by the channel `crossdock:platform:NAME`. Needs the package redis."""
        from crossdock.client.redis import RedisWay

        return cls("", "", way=RedisWay(url, name, timeout_s=timeout_s))

    def __repr__(self) -> str:
        return f"PlatformClient({self._way!r})"

    def close(self) -> None:
        self._way.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # ---- trading ---------------------------------------------------------------

    def update_market_data(
        self,
        symbol: str,
        *,
        bid: Number | None = None,
        ask: Number | None = None,
        last: Number | None = None,
        volume: Number | None = None,
        change_pct: float | None = None,
        at_ns: int | None = None,
    ) -> None:
        """Show the newest prices of a symbol: one of bid, ask and last at least."""
        if bid is None and ask is None and last is None:
            raise wrong("a price of it is missing", "give bid, ask or last")
        self._push(
            "market-data",
            symbol=symbol,
            bid=number("bid", bid),
            ask=number("ask", ask),
            last=number("last", last),
            volume=number("volume", volume),
            change_pct=figure("change_pct", change_pct),
            at_ns=moment(at_ns),
        )

    def update_portfolio(
        self,
        equity: Number,
        *,
        currency: str = "USD",
        cash: Number | None = None,
        pnl: Number | None = None,
        day_pnl: Number | None = None,
        positions: Iterable[Mapping[str, Any]] = (),
        at_ns: int | None = None,
    ) -> None:
        """Show what is owned. A position has symbol, quantity, entry_price, mark, pnl."""
        self._push(
            "portfolio",
            equity=number("equity", equity),
            currency=currency,
            cash=number("cash", cash),
            pnl=number("pnl", pnl),
            day_pnl=number("day_pnl", day_pnl),
            positions=[numbers(each) for each in positions],
            at_ns=moment(at_ns),
        )

    def add_order(
        self,
        order_id: str,
        symbol: str,
        side: str,
        quantity: Number,
        *,
        type: str = "",  # noqa: A002  the word users know
        price: Number | None = None,
        status: str = "",
        filled_quantity: Number | None = None,
        at_ns: int | None = None,
    ) -> None:
        """Show an order, or what has become of it: the same order_id is the same order."""
        self._push(
            "orders",
            order_id=order_id,
            symbol=symbol,
            side=side_of(side),
            quantity=above_zero("quantity", quantity),
            type=type,
            price=number("price", price),
            status=status,
            filled_quantity=number("filled_quantity", filled_quantity),
            at_ns=moment(at_ns),
        )

    def add_fill(
        self,
        fill_id: str,
        symbol: str,
        side: str,
        quantity: Number,
        price: Number,
        *,
        order_id: str = "",
        fee: Number | None = None,
        fee_currency: str = "",
        at_ns: int | None = None,
    ) -> None:
        """Show an execution: the same fill_id is the same fill."""
        self._push(
            "fills",
            fill_id=fill_id,
            symbol=symbol,
            side=side_of(side),
            quantity=above_zero("quantity", quantity),
            price=number("price", price),
            order_id=order_id,
            fee=number("fee", fee),
            fee_currency=fee_currency,
            at_ns=moment(at_ns),
        )

    def update_strategy_performance(
        self,
        strategy: str,
        *,
        pnl: Number | None = None,
        day_pnl: Number | None = None,
        trades: int | None = None,
        win_rate: float | None = None,
        sharpe: float | None = None,
        max_drawdown: float | None = None,
        state: str = "",
        at_ns: int | None = None,
    ) -> None:
        """Show how a strategy does. `win_rate` is 0 to 1."""
        self._push(
            "strategy-performance",
            strategy=strategy,
            pnl=number("pnl", pnl),
            day_pnl=number("day_pnl", day_pnl),
            trades=trades,
            win_rate=figure("win_rate", win_rate),
            sharpe=figure("sharpe", sharpe),
            max_drawdown=figure("max_drawdown", max_drawdown),
            state=state,
            at_ns=moment(at_ns),
        )

    def update_risk_metrics(
        self, metrics: Mapping[str, float], *, at_ns: int | None = None
    ) -> None:
        """Show figures of risk by their names, all of them together."""
        self._push("risk-metrics", metrics=figures(metrics), at_ns=moment(at_ns))

    # ---- anything else ---------------------------------------------------------

    def add_custom_metric(
        self,
        name: str,
        value: float,
        *,
        unit: str = "",
        words: str = "",
        at_ns: int | None = None,
    ) -> None:
        """Add a value to a metric, which is kept over time."""
        self._push(
            "metrics",
            name=name,
            value=figure("value", value),
            unit=unit,
            words=words,
            at_ns=moment(at_ns),
        )

    def add_custom_chart(
        self,
        name: str,
        series: Mapping[str, Sequence[Sequence[float]]],
        *,
        kind: str = "line",
        x: str = "time",
        unit: str = "",
        at_ns: int | None = None,
    ) -> None:
        """Show a chart in place of the one with its name.

        `series` are points `[x, y]` by name; x is seconds, or a number with x="number".
        `kind` is line, bar, area or scatter.
        """
        told = [
            {"name": each, "points": points_of(each, points)}
            for each, points in series.items()
        ]
        self._push(
            "charts", name=name, series=told, kind=kind, x=x, unit=unit, at_ns=moment(at_ns)
        )

    def add_prediction(
        self,
        symbol: str,
        *,
        model: str = "",
        direction: str | None = None,
        probability: float | None = None,
        value: Number | None = None,
        horizon_s: float | None = None,
        at_ns: int | None = None,
    ) -> None:
        """Show what a model expects. `direction` is up, down or flat."""
        self._push(
            "predictions",
            symbol=symbol,
            model=model,
            direction=direction,
            probability=figure("probability", probability),
            value=number("value", value),
            horizon_s=figure("horizon_s", horizon_s),
            at_ns=moment(at_ns),
        )

    def add_news(
        self,
        title: str,
        *,
        url: str = "",
        source: str = "",
        symbols: Iterable[str] = (),
        words: str = "",
        id: str = "",  # noqa: A002  the word users know
        at_ns: int | None = None,
    ) -> None:
        """Show a piece of news. Without an id, title and url name it."""
        self._push(
            "news",
            title=title,
            url=url,
            source=source,
            symbols=list(symbols),
            words=words,
            id=id,
            at_ns=moment(at_ns),
        )

    def update_sentiment(
        self,
        symbol: str,
        score: float,
        *,
        source: str = "",
        count: int | None = None,
        at_ns: int | None = None,
    ) -> None:
        """Show how people feel: `score` is -1, all fear, to 1."""
        self._push(
            "sentiment",
            symbol=symbol,
            score=figure("score", score),
            source=source,
            count=count,
            at_ns=moment(at_ns),
        )

    def _push(self, subject: str, **said: Any) -> None:
        given = {name: value for name, value in said.items() if value is not None}
        self._way.push(subject, given)

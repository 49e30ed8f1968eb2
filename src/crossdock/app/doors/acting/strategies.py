"""Strategies of the running desk: what each does and made, and its start and stop."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from crossdock.app.catalogue import strategy_kinds
from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.reading.looking import listed
from crossdock.core.amounts import money
from crossdock.core.person_records import StrategyPlan
from crossdock.errors import ConfigError, DeskError
from crossdock.model import ZERO, StrategyId

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

SECOND_NS = 1_000_000_000
DAY_NS = 86_400 * SECOND_NS
LOG_LINES = 50
CURVE_POINTS = 300
_ALWAYS = frozenset({"stop", "pause"})  # what takes risk away is never switched off


class StrategyOperations:
    """Every change names who wants it, is journaled first, and holds after a restart."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._schemas: dict[str, list[dict[str, Any]]] = {}

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {
            "strategies": self.strategies,
            "strategy": self.strategy,
            "strategy_kinds": self.strategy_kinds,
            "start_trading": self.start_trading,
            "stop_trading": self.stop_trading,
            "set_params": self.set_params,
        }

    # ---- reads -----------------------------------------------------------------

    def strategies(self, *, log: bool = True, curve: bool = True) -> list[dict[str, Any]]:
        """Return a row of each strategy; without log lines or the curve where not wanted."""
        made = self._made()
        return [
            self._row(name, plan, made, log=log, curve=curve)
            for name, plan in self._desk.strategy_floor.plans().items()
        ]

    async def strategy_kinds(self) -> list[dict[str, Any]]:
        """Return what can be started, with the parameters of each."""
        kinds = await asyncio.to_thread(strategy_kinds)  # it imports every one of them
        return [
            {
                "name": kind.name,
                "source": kind.source,
                "words": kind.words,
                "timeframe": kind.timeframe,
                "problem": kind.problem,
                "params_schema": [_parameter(each) for each in kind.parameters],
            }
            for kind in kinds
        ]

    def _made(self) -> dict[str, Decimal]:
        """Return each strategy's profit, over all portfolios."""
        made: dict[str, Decimal] = {}
        for share in self._desk.figures.shares():
            made[share.strategy] = made.get(share.strategy, ZERO) + share.pnl.total
        return made

    def _row(
        self,
        name: str,
        plan: StrategyPlan,
        made: Mapping[str, Decimal],
        *,
        log: bool,
        curve: bool,
    ) -> dict[str, Any]:
        desk = self._desk
        strategy = StrategyId(name)
        runner = desk.strategies.get(name)
        closed = desk.happenings.closed.get(strategy)
        profit = made.get(name, ZERO)
        steered = desk.kernel.state.steering.strategies.get(strategy)
        row: dict[str, Any] = {
            "name": name,
            "kind": plan.kind,
            "portfolio": plan.portfolio,
            "symbols": list(plan.symbols),
            "accounts": list(plan.accounts),
            "state": desk.strategy_floor.standing(name),
            "failed": "" if runner is None else runner.failed,
            "by": "" if steered is None else steered.by,
            "params": {key: _plain(value) for key, value in plan.params.items()},
            "params_schema": self._schema(plan.kind, name),
            "pnl": money(profit),
            **self._day(name, profit),
            "currency": desk.settings.desk.currency,
            "trades": 0 if closed is None else closed.trades,
            "win_rate": None
            if closed is None or not closed.trades
            else round(closed.wins / closed.trades, 4),
            "positions": self._positions(strategy),
            "orders": sum(
                order.request.strategy == strategy
                for order in desk.kernel.state.open_orders()
            ),
        }
        if log:
            row["log"] = [
                line._asdict() for line in desk.strategy_log.lines(name, LOG_LINES)
            ]
        if curve:
            row["equity"] = self._curve(name)
        return row

    def _positions(self, strategy: StrategyId) -> list[dict[str, Any]]:
        return [
            {
                "account": part.position.key.account,
                "instrument": part.position.key.instrument,
                "quantity": f"{part.position.quantity:f}",
            }
            for part in self._desk.kernel.state.ledger.attributions()
            if part.strategy == strategy and part.position.quantity
        ]

    def _day(self, name: str, profit: Decimal) -> dict[str, Any]:
        now = self._desk.kernel.now()
        history = self._desk.equity_history
        begun = history.first_since(now - now % DAY_NS, f"strategy:{name}")
        if begun is None:
            return {"day_pnl": None, "day_since_ns": None}
        # The history holds floats: two amounts of one kind, or rounding is a profit.
        made = Decimal(repr(float(profit))) - Decimal(repr(begun.pnl))
        return {"day_pnl": money(made), "day_since_ns": round(begun.time_s * SECOND_NS)}

    def _curve(self, name: str) -> list[list[float]]:
        points = self._desk.equity_history.points(0, f"strategy:{name}")
        step = max(-(-len(points) // CURVE_POINTS), 1)
        return [
            [each.time_s, each.pnl] for each in points[(len(points) - 1) % step :: step]
        ]

    def _schema(self, kind: str, name: str = "") -> list[dict[str, Any]]:
        """Return a kind's parameters, asking one that is here rather than importing it."""
        if kind not in self._schemas:
            floor, runner = self._desk.strategy_floor, self._desk.strategies.get(name)
            try:
                made_by = floor.class_of(kind) if runner is None else type(runner.strategy)
            except ConfigError:
                self._schemas[kind] = []
            else:
                parameters: Sequence[Any] = getattr(made_by, "parameters", tuple)()
                self._schemas[kind] = [_parameter(each) for each in parameters]
        return self._schemas[kind]

    # ---- writes ----------------------------------------------------------------

    def strategy(
        self, *, name: str, action: str, by: str, door: str = ""
    ) -> dict[str, Any]:
        """Start, stop, pause, resume or remove one."""
        floor = self._desk.strategy_floor
        actions: dict[str, Callable[[str, str], None]] = {
            "start": floor.start,
            "stop": floor.stop,
            "pause": floor.pause,
            "resume": floor.resume,
            "remove": floor.remove,
        }
        if action not in actions:
            raise DeskError(
                f"a strategy can be told to {', '.join(actions)}; got {action!r}",
                code="bad-argument",
            )
        if action not in _ALWAYS:
            self._raise_unless_allowed()
        person_acts(self._desk.kernel, by, f"strategy_{action}", name, door=door)
        actions[action](name, by)
        return self._told(name, action)

    def start_trading(
        self,
        *,
        strategy: str,
        by: str,
        symbols: Sequence[str] = (),
        brokers: Sequence[str] = (),
        use_ml: bool = False,
        params: Mapping[str, Any] | None = None,
        portfolio: str = "",
        door: str = "",
    ) -> dict[str, Any]:
        """Start a strategy by its name, or one of a kind, on these symbols and accounts.

        A kind is one with a name, or a class that the settings name: no other is imported.
        """
        self._raise_unless_allowed()
        floor, kind = self._desk.strategy_floor, self._kind_of(strategy)
        for symbol in symbols:
            listed(self._desk, symbol)
        words = ", ".join([*symbols, *brokers])
        kernel = self._desk.kernel
        person_acts(kernel, by, "start_trading", strategy, door=door, words=words)
        given = dict(params or {})
        if any(each["name"] == "use_ml" for each in self._schema(kind)):
            given.setdefault("use_ml", use_ml)
        elif use_ml:
            raise DeskError(
                f"{strategy} has no parameter use_ml: it does not use machine learning",
                code="bad-argument",
            )
        name = floor.begin(
            strategy,
            by=by,
            symbols=list(symbols),
            accounts=list(brokers),
            params=given,
            portfolio=portfolio,
        )
        return self._told(name, "start")

    def stop_trading(
        self, *, by: str, strategy: str = "", door: str = ""
    ) -> list[dict[str, Any]]:
        """Stop one strategy, or every one that runs. Orders and positions stay."""
        floor = self._desk.strategy_floor
        person_acts(self._desk.kernel, by, "stop_trading", strategy or "all", door=door)
        running = [name for name, each in self._desk.strategies.items() if each.running]
        chosen = [strategy] if strategy else running
        for name in chosen:
            floor.stop(name, by)
        return [self._told(name, "stop") for name in chosen]

    def set_params(
        self, *, name: str, params: Mapping[str, Any], by: str, door: str = ""
    ) -> dict[str, Any]:
        """Change parameters of one strategy; those left out stay as they are."""
        self._raise_unless_allowed()
        words = ", ".join(f"{key} = {value}" for key, value in params.items())
        person_acts(self._desk.kernel, by, "set_params", name, door=door, words=words)
        self._desk.strategy_floor.set_params(name, params, by)
        return self._told(name, "set_params")

    def _kind_of(self, strategy: str) -> str:
        plan = self._desk.strategy_floor.plans().get(strategy)
        return strategy if plan is None else plan.kind

    def _told(self, name: str, action: str) -> dict[str, Any]:
        plan = self._desk.strategy_floor.plans().get(name)
        if plan is None:
            return {"name": name, "state": "removed"}
        return self._row(name, plan, self._made(), log=True, curve=action != "stop")

    def _raise_unless_allowed(self) -> None:
        if not self._desk.kernel.state.steering.flags.strategy_control:
            raise DeskError(
                "strategies are not started or changed: the flag strategy_control is off",
                code="flag-off",
                hint="an administrator sets it: `crossdock flags set strategy_control on`",
            )


def _parameter(parameter: Any) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "default": _plain(parameter.default),
        "least": _plain(parameter.least),
        "most": _plain(parameter.most),
        "choices": [_plain(each) for each in parameter.choices],
        "help": parameter.help,
    }


def _plain(value: Any) -> Any:
    return f"{value:f}" if isinstance(value, Decimal) else value

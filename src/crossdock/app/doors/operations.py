"""What people can ask a desk, by socket or from Python: plain values in and out."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.acting.connecting import ConnectingOperations
from crossdock.app.doors.acting.financing import FinancingOperations
from crossdock.app.doors.acting.signalling import SignalOperations
from crossdock.app.doors.acting.steering import SteeringOperations
from crossdock.app.doors.acting.strategies import StrategyOperations
from crossdock.app.doors.acting.trading import TradingOperations
from crossdock.app.doors.door import require_person
from crossdock.app.doors.reading.auditing import AuditOperations
from crossdock.app.doors.reading.looking import LookingOperations
from crossdock.app.doors.reading.portfolio import portfolio_told
from crossdock.app.doors.reading.searching import ask_beside
from crossdock.app.doors.reading.status import desk_status
from crossdock.app.doors.reading.tracing import trace
from crossdock.app.doors.watching.market_topics import book_row, oldest_quote_ns
from crossdock.app.showing import (
    fills_of_each,
    newest_fills,
    newest_orders,
    show_doubts,
    show_order,
    show_positions,
)
from crossdock.core import records as r
from crossdock.errors import DeskError
from crossdock.model import (
    AccountId,
)

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

SECOND_NS = 1_000_000_000
_ORDERS_AT_ONCE = 50  # shown between two turns of the loop


class Operations:
    """The desk's answers. Names are those of the control socket."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        trading = self._trading = TradingOperations(desk)
        self.place, self.amend = trading.place, trading.amend
        self.cancel, self.find = trading.cancel, trading.find
        self.dry_run = trading.dry_run

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {
            "status": self.status,
            "orders": self.orders,
            "positions": self.positions,
            "fills": self.fills,
            "doubts": self.doubts,
            "resolve": self.resolve,
            "trace": self.trace,
            "kill": self.kill,
            "release": self.release,
            "resume": self.resume,
            "stop": self.stop,
            "portfolio": self.portfolio,
            "books": self.books,
            "integrations": self.integrations,
            **self._trading.table(),
            **SteeringOperations(self._desk).table(),
            **ConnectingOperations(self._desk).table(),
            **LookingOperations(self._desk).table(),
            **SignalOperations(self._desk).table(),
            **StrategyOperations(self._desk).table(),
            **FinancingOperations(self._desk).table(),
            **AuditOperations(self._desk).table(),
        }

    # ---- reads -----------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        return desk_status(self._desk)

    def integrations(self, *, month: str = "") -> list[dict[str, Any]]:
        """Return each integration's calls, success, latency, limits and a month's sums."""
        return self._desk.integrations.rows(self._desk.kernel.now(), month)

    async def orders(
        self,
        *,
        all: bool = False,  # noqa: A002  the word users know
        limit: int = 100,
        strategy: str = "",
        symbol: str = "",
    ) -> list[dict[str, Any]]:
        """Return working orders, or `all`, newest first. Trading goes on between them.

        `strategy` and `symbol` are of whom and of what alone; `manual` is what people do.
        """
        chosen = newest_orders(
            self._desk.kernel.state,
            every=all,
            limit=limit,
            strategy=strategy,
            symbol=symbol,
        )
        rows: list[dict[str, Any]] = []
        for start in range(0, len(chosen), _ORDERS_AT_ONCE):
            await asyncio.sleep(0)
            rows += map(show_order, chosen[start : start + _ORDERS_AT_ONCE])
        return rows

    def positions(self) -> list[dict[str, Any]]:
        desk = self._desk
        state, marks = desk.kernel.state, desk.view.marks()
        rows: list[dict[str, Any]] = []
        for account in desk.gateways:
            rows += show_positions(state, account, marks)
        return rows

    async def fills(
        self, *, limit: int = 100, strategy: str = "", symbol: str = ""
    ) -> list[dict[str, Any]]:
        """Return the newest fills, from the projection. Trading does not wait."""
        self._desk.upkeep.project()
        return await ask_beside(
            self._desk.settings,
            lambda found: newest_fills(found, limit, strategy=strategy, symbol=symbol),
        )

    async def fills_of_each(self, *, limit: int) -> list[dict[str, Any]]:
        """Return the newest fills of every strategy."""
        self._desk.upkeep.project()
        return await ask_beside(
            self._desk.settings, lambda projection: fills_of_each(projection, limit)
        )

    def doubts(self) -> list[dict[str, Any]]:
        kernel = self._desk.kernel
        return show_doubts(kernel.state, kernel.now())

    async def trace(self, *, id: str) -> list[dict[str, Any]]:  # noqa: A002
        """Return the journal's story of one correlation, order, client or venue id.

        Trading does not wait.
        """
        self._desk.upkeep.project()
        return await ask_beside(
            self._desk.settings, lambda projection: trace(projection, id)
        )

    def portfolio(self) -> dict[str, Any]:
        """Return equity, profit, exposure and each portfolio's part, in the currency."""
        return portfolio_told(self._desk)

    def books(self) -> list[dict[str, Any]]:
        """Return the top of every book, as the venues wrote it."""
        markets, oldest_ns = self._desk.markets, oldest_quote_ns(self._desk)
        return [book_row(markets, name, oldest_ns) for name in sorted(markets.books)]

    # ---- writes ----------------------------------------------------------------

    def resolve(
        self,
        *,
        attempt: str,
        verdict: str,
        by: str,
        words: str = "",
        force: bool = False,
        door: str = "",
    ) -> dict[str, Any]:
        """Let a named person end a doubt that no evidence can settle.

        One that the venue's evidence may still settle needs `force`: a wrong verdict
        frees what is reserved for an order that may yet fill.
        """
        require_person(
            door,
            "no program ends a doubt",
            hint="a person of the role risk does it, signed in to the dashboard, or by "
            "`crossdock doubts resolve`",
        )
        if not by.strip():
            raise DeskError("say who decides: --by NAME", code="bad-argument")
        chosen = {"live": r.Verdict.LIVE, "absent": r.Verdict.ABSENT}.get(verdict)
        if chosen is None:
            raise DeskError(
                f"a verdict is live or absent, not {verdict!r}", code="bad-argument"
            )
        kernel = self._desk.kernel
        for order, doubt in kernel.state.doubts():
            if doubt.attempt_id == attempt:
                if not doubt.escalated and not force:
                    raise self._not_yours(order.request.account)
                person_acts(
                    kernel,
                    by,
                    "resolve",
                    doubt.attempt_id,
                    door=door,
                    words=f"{verdict}: {words}" if words else verdict,
                    correlation=order.request.correlation,
                )
                kernel.note(
                    [
                        r.DoubtResolved(
                            at=kernel.now(),
                            attempt_id=doubt.attempt_id,
                            order_id=order.order_id,
                            verdict=chosen,
                            by=f"person:{by}",
                            words=words,
                        )
                    ]
                )
                return show_order(order)
        moving = kernel.state.movements.open.get(attempt)
        raise DeskError(
            f"no open doubt of an order has the attempt id {attempt!r}",
            code="unknown-doubt",
            hint="see `crossdock doubts list`"
            if moving is None
            else f"money is settled by `crossdock account {moving.wish.account} settle "
            f"{attempt} live|absent --by NAME`",
        )

    def _not_yours(self, account: AccountId) -> DeskError:
        hint = "wait until `doubts list` says it needs a person, or --force"
        if account not in self._desk.gateways:
            hint = (
                f"{account} is not connected, so nobody asks its venue: "
                f"`crossdock connect {account}`, or look there yourself, and --force"
            )
        return DeskError(
            "the venue's evidence may still settle this doubt",
            code="doubt-not-yours",
            hint=hint,
        )

    def _account_or_all(self, account: str) -> AccountId | None:
        """Return the account named, None for all. Raises DeskError for one unknown."""
        return self._desk.dealing.gateway(AccountId(account)).account if account else None

    async def kill(
        self,
        *,
        by: str,
        reason: str = "",
        flatten: bool = False,
        account: str = "",
        door: str = "",
    ) -> dict[str, Any]:
        """Cancel everything of ours, refuse what is new; flatten if asked."""
        return await self._desk.exits.kill(
            by=by,
            reason=reason,
            flatten=flatten,
            account=self._account_or_all(account),
            door=door,
        )

    def release(self, *, by: str, account: str = "", door: str = "") -> dict[str, Any]:
        """Let trading begin again after the kill switch: a person's word."""
        require_person(
            door,
            "a program may engage the kill switch, not release it",
            hint="a person of the role risk does it, signed in to the dashboard, or by "
            "`crossdock release`",
        )
        kernel = self._desk.kernel
        chosen = self._account_or_all(account)
        person_acts(kernel, by, "release", account or "all", door=door)
        kernel.note(
            [
                r.KillSwitched(
                    at=kernel.now(), engaged=False, by=by, reason="released", account=chosen
                )
            ]
        )
        state = kernel.state
        return {
            "killed": state.killed,
            "accounts_killed": {
                name: state.account(name).killed
                for name in self._desk.gateways
                if state.account(name).killed
            },
        }

    def resume(self, *, account: str, by: str, door: str = "") -> dict[str, Any]:
        """Lift a halt, after a person has looked at what caused it."""
        require_person(
            door,
            f"no program ends the halt of {account}",
            hint="a person of the role risk does it, signed in to the dashboard, or by "
            "`crossdock resume`",
        )
        kernel = self._desk.kernel
        self._desk.dealing.gateway(AccountId(account))
        person_acts(kernel, by, "resume", account, door=door)
        kernel.note(
            [
                r.AccountHalted(
                    at=kernel.now(),
                    account=AccountId(account),
                    halted=False,
                    by=by,
                    reason="resumed",
                )
            ]
        )
        state = kernel.state
        return {
            "account": account,
            "halted": "",
            "killed": state.killed or state.account(AccountId(account)).killed,
        }

    def stop(
        self, *, on_exit: str | None = None, by: str = "", door: str = ""
    ) -> dict[str, Any]:
        """End the desk as after Ctrl-C. Who asked is journaled where it is told."""
        if by:
            person_acts(self._desk.kernel, by, "stop", door=door, words=on_exit or "")
        self._desk.request_stop(on_exit)
        return {"stopping": True}

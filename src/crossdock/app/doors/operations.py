"""What people can ask a desk, by socket or from Python: plain values in and out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.by_hand import account_by_hand
from crossdock.app.doors.financing import FinancingOperations
from crossdock.app.doors.showing import (
    number,
    show_doubts,
    show_fills,
    show_order,
    show_positions,
)
from crossdock.app.doors.status import desk_status
from crossdock.app.doors.terms import read_terms
from crossdock.core import records as r
from crossdock.core.orders import OrderState
from crossdock.core.risk import Authority
from crossdock.errors import DeskError
from crossdock.model import (
    AccountId,
    CorrelationId,
    OrderId,
    OrderRequest,
    PortfolioId,
    Side,
    StrategyId,
    TimeInForce,
    VenueOrderId,
    instrument_id,
)
from crossdock.ports import Row

if TYPE_CHECKING:
    from crossdock.app.desk import Desk

SECOND_NS = 1_000_000_000


class Operations:
    """The desk's answers. Names are those of the control socket."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

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
            "place": self.place,
            "amend": self.amend,
            "cancel": self.cancel,
            "kill": self.kill,
            "release": self.release,
            "resume": self.resume,
            "stop": self.stop,
            "books": self.books,
            "integrations": self.integrations,
            **FinancingOperations(self._desk).table(),
        }

    # ---- reads -----------------------------------------------------------------

    def status(self) -> dict[str, Any]:
        return desk_status(self._desk)

    def integrations(self, *, month: str = "") -> list[dict[str, Any]]:
        """Return each integration's calls, success, latency, limits and a month's sums."""
        return self._desk.integrations.rows(self._desk.kernel.now(), month)

    def orders(
        self,
        *,
        all: bool = False,  # noqa: A002  the word users know
        limit: int = 100,
    ) -> list[dict[str, Any]]:
        state = self._desk.kernel.state
        chosen = list(state.orders.values()) if all else list(state.working.values())
        return [show_order(order) for order in reversed(chosen[-limit:])]

    def positions(self) -> list[dict[str, Any]]:
        desk = self._desk
        state, marks = desk.kernel.state, desk.view.marks()
        rows: list[dict[str, Any]] = []
        for account in desk.gateways:
            rows += show_positions(state, account, marks)
        return rows

    def fills(self, *, limit: int = 100) -> list[dict[str, Any]]:
        """Return the newest fills, from the projection."""
        self._desk.upkeep.project()
        rows = self._desk.projection.query("fills", limit=limit)
        return show_fills([self._placed(row) for row in rows], self._desk.projection)

    def _placed(self, row: Row) -> Row:
        """Give a fill that came before anybody knew its order the order it has now."""
        if row["order_id"] is not None:
            return row
        order = self._desk.kernel.state.find(
            AccountId(str(row["account"])),
            venue_order_id=VenueOrderId(str(row["venue_order_id"])),
        )
        return row if order is None else {**row, "order_id": order.order_id}

    def doubts(self) -> list[dict[str, Any]]:
        kernel = self._desk.kernel
        return show_doubts(kernel.state, kernel.now())

    def trace(self, *, id: str) -> list[dict[str, Any]]:  # noqa: A002
        """Return the journal's story of one correlation, order, client or venue id."""
        return self._desk.trace(id)

    def books(self) -> list[dict[str, Any]]:
        rows = []
        for name, book in sorted(self._desk.markets.books.items()):
            good = book.ready and not book.crossed
            rows.append(
                {
                    "instrument": name,
                    "ready": good,
                    "bid": str(book.best_bid_price) if good else None,
                    "ask": str(book.best_ask_price) if good else None,
                }
            )
        return rows

    # ---- writes ----------------------------------------------------------------

    def place(
        self,
        *,
        side: str,
        symbol: str,
        quantity: str,
        account: str = "",
        limit: str | None = None,
        stop: str | None = None,
        if_touched: str | None = None,
        trail_amount: str | None = None,
        trail_percent: str | None = None,
        take_profit: str | None = None,
        stop_loss: str | None = None,
        oco: bool = False,
        time_in_force: str = "GTC",
        expire_time_ns: int | None = None,
        post_only: bool = False,
        reduce_only: bool = False,
        portfolio: str = "main",
        approved_by: str = "",
    ) -> dict[str, Any]:
        """Place one order by hand. `symbol` may name its venue: BTC/USDT@alpha.

        Without one, and without an account, the router says where it goes. What prices
        and legs mean: see `app.doors.terms`.
        """
        desk = self._desk
        terms = read_terms(
            limit=limit,
            stop=stop,
            if_touched=if_touched,
            trail_amount=trail_amount,
            trail_percent=trail_percent,
            take_profit=take_profit,
            stop_loss=stop_loss,
            oco=oco,
        )
        chosen = account_by_hand(
            desk.dealing,
            desk.gateways,
            desk.kernel.state,
            symbol,
            account=account,
            side=Side(side),
            quantity=number(quantity, "quantity"),
            limit_price=terms.limit_at_once,
            post_only=post_only,
            reduce_only=reduce_only,
        )
        venue = desk.gateways[chosen].options.venue
        try:
            request = OrderRequest(
                account=chosen,
                instrument=instrument_id(symbol.partition("@")[0], venue),
                side=Side(side),
                type=terms.type,
                quantity=number(quantity, "quantity"),
                limit_price=terms.limit_price,
                stop_price=terms.stop_price,
                trail_amount=terms.trail_amount,
                trail_percent=terms.trail_percent,
                time_in_force=TimeInForce(time_in_force),
                expire_time_ns=expire_time_ns,
                post_only=post_only,
                reduce_only=reduce_only,
                attached=terms.attached,
                contingency=terms.contingency,
                portfolio=PortfolioId(portfolio),
                strategy=StrategyId("manual"),
                correlation=CorrelationId(desk.kernel.ids.next("c")),
            )
        except ValueError as error:
            raise DeskError(str(error), code="bad-argument") from error
        authority = Authority.PERSON if approved_by else Authority.REQUESTER
        return show_order(desk.dealing.place(request, authority))

    def amend(
        self,
        *,
        order: str,
        quantity: str | None = None,
        limit: str | None = None,
        stop: str | None = None,
    ) -> dict[str, Any]:
        found = self.find(order)
        self._desk.dealing.replace(
            found,
            quantity=number(quantity, "quantity") if quantity is not None else None,
            limit_price=number(limit, "limit") if limit is not None else None,
            stop_price=number(stop, "stop") if stop is not None else None,
        )
        return show_order(found)

    def cancel(self, *, order: str) -> dict[str, Any]:
        found = self.find(order)
        self._desk.dealing.cancel(found)
        return show_order(found)

    def find(self, name: str) -> OrderState:
        """Return an order by its id here, its client order id or its venue order id."""
        state = self._desk.kernel.state
        order = state.orders.get(OrderId(name))
        if order is not None:
            return order
        for order in state.orders.values():
            if name == order.client_order_id or name in order.venue_order_ids:
                return order
        raise DeskError(
            f"there is no order {name!r}",
            code="unknown-order",
            hint="see `crossdock orders`",
        )

    def resolve(
        self, *, attempt: str, verdict: str, by: str, words: str = "", force: bool = False
    ) -> dict[str, Any]:
        """Let a named person end a doubt that no evidence can settle.

        One that the venue's evidence may still settle needs `force`: a wrong verdict
        frees what is reserved for an order that may yet fill.
        """
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
                    raise DeskError(
                        "the venue's evidence may still settle this doubt",
                        code="doubt-not-yours",
                        hint="wait until `doubts list` says it needs a person, or --force",
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

    def _account_or_all(self, account: str) -> AccountId | None:
        """Return the account named, None for all. Raises DeskError for one unknown."""
        return self._desk.dealing.gateway(AccountId(account)).account if account else None

    async def kill(
        self, *, by: str, reason: str = "", flatten: bool = False, account: str = ""
    ) -> dict[str, Any]:
        """Cancel everything of ours, refuse what is new; flatten if asked."""
        return await self._desk.kill(
            by=by,
            reason=reason,
            flatten=flatten,
            account=self._account_or_all(account),
        )

    def release(self, *, by: str, account: str = "") -> dict[str, Any]:
        """Let trading begin again after the kill switch."""
        kernel = self._desk.kernel
        chosen = self._account_or_all(account)
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

    def resume(self, *, account: str, by: str) -> dict[str, Any]:
        """Lift a halt, after a person has looked at what caused it."""
        kernel = self._desk.kernel
        self._desk.dealing.gateway(AccountId(account))
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

    def stop(self, *, on_exit: str | None = None) -> dict[str, Any]:
        """End the desk as after Ctrl-C."""
        self._desk.request_stop(on_exit)
        return {"stopping": True}

"""Orders by hand: tried without sending, placed, amended and canceled."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.dealing.by_hand import account_by_hand
from crossdock.app.desk.dealing.portfolios import require_owner
from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.acting.rehearsing import rehearsed
from crossdock.app.doors.acting.terms import read_terms
from crossdock.app.doors.door import require_person
from crossdock.app.showing import number, show_order
from crossdock.core.orders import OrderState
from crossdock.core.risk import Authority
from crossdock.errors import DeskError
from crossdock.model import (
    CorrelationId,
    OrderId,
    OrderRequest,
    PortfolioId,
    Side,
    StrategyId,
    TimeInForce,
    instrument_id,
)

if TYPE_CHECKING:
    from crossdock.app.desk import Desk


class TradingOperations:
    """What a person, or a program in a person's name, does with orders.

    `by` and `door` say who asks and how they reached the desk; with a name it is journaled.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {
            "dry_run": self.dry_run,
            "place": self.place,
            "amend": self.amend,
            "cancel": self.cancel,
        }

    def place(
        self, *, approved_by: str = "", by: str = "", door: str = "", **terms: Any
    ) -> dict[str, Any]:
        """Place one order by hand. The terms are those of `request_by_hand`."""
        desk, authority = self._desk, _authority(approved_by, door)
        request = self.request_by_hand(**terms)
        if by:
            person_acts(
                desk.kernel,
                by,
                "place",
                request.instrument,
                door=door,
                words=f"{request.side} {request.quantity:f}",
                correlation=request.correlation,
            )
        return show_order(desk.dealing.place(request, authority))

    def dry_run(
        self, *, approved_by: str = "", by: str = "", door: str = "", **terms: Any
    ) -> dict[str, Any]:
        """Tell whether `place` would pass with the same terms, what it would cost, and why not.

        Every check runs as for a real order. Nothing is reserved, journaled or counted.
        """
        authority = _authority(approved_by, door)
        return rehearsed(self._desk, self.request_by_hand(**terms), authority)

    def amend(
        self,
        *,
        order: str,
        quantity: str | None = None,
        limit: str | None = None,
        stop: str | None = None,
        by: str = "",
        door: str = "",
    ) -> dict[str, Any]:
        found = self.find(order)
        new = {"quantity": quantity, "limit": limit, "stop": stop}
        values = {
            name: number(value, name) for name, value in new.items() if value is not None
        }
        words = ", ".join(f"{name} {value:f}" for name, value in values.items())
        added = values.get("quantity", found.quantity) - found.quantity
        if added > 0 and not found.foreign:
            enlarged = replace(found.request, quantity=added)
            require_owner(enlarged, self._desk.settings.portfolios, self._desk.kernel.state)
        self._note(by, "amend", found, door, words)
        self._desk.dealing.replace(
            found,
            quantity=values.get("quantity"),
            limit_price=values.get("limit"),
            stop_price=values.get("stop"),
        )
        return show_order(found)

    def cancel(self, *, order: str, by: str = "", door: str = "") -> dict[str, Any]:
        found = self.find(order)
        self._note(by, "cancel", found, door, "")
        self._desk.dealing.cancel(found)
        return show_order(found)

    def _note(self, by: str, action: str, order: OrderState, door: str, words: str) -> None:
        if by:
            person_acts(
                self._desk.kernel,
                by,
                action,
                order.order_id,
                door=door,
                words=words,
                correlation=order.request.correlation,
            )

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

    def request_by_hand(
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
    ) -> OrderRequest:
        """Read an order's terms. `symbol` may name its venue: BTC/USDT@alpha.

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
        require_owner(request, desk.settings.portfolios, desk.kernel.state)
        return request


def _authority(approved_by: str, door: str) -> Authority:
    if not approved_by:
        return Authority.REQUESTER
    require_person(
        door,
        "no program approves an order",
        hint="a person does, signed in to the dashboard, or by --approved-by NAME",
    )
    return Authority.PERSON

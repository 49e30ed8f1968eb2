"""Whose money is traded: a name that nobody declared would have no limits of its own."""

from __future__ import annotations

from collections.abc import Iterable

from crossdock.app.nearest import did_you_mean
from crossdock.app.settings.models import MAIN
from crossdock.core.state import State
from crossdock.errors import DeskError
from crossdock.model import ZERO, OrderRequest, PortfolioId


def known_portfolio(name: str, declared: Iterable[str]) -> PortfolioId:
    """Return a portfolio of the settings, or the main one, which is always there.

    Names are matched to the letter. Raises DeskError `unknown-portfolio` for any other.
    """
    known = {MAIN, *declared}
    if name not in known:
        raise DeskError(
            f"there is no portfolio {name!r}",
            code="unknown-portfolio",
            hint=did_you_mean(name, known),
        )
    return PortfolioId(name)


def require_owner(request: OrderRequest, declared: Iterable[str], state: State) -> None:
    """Raise DeskError for an order of a portfolio that is unknown, unless it only closes.

    What is held in one that the settings have no more, or in what was adopted, can be left.
    """
    if not _only_closes(request, state):
        known_portfolio(request.portfolio, declared)


def _only_closes(request: OrderRequest, state: State) -> bool:
    account, instrument, owner = request.account, request.instrument, request.portfolio
    held = sum(
        (
            part.position.quantity
            for part in state.ledger.attributions(account, instrument)
            if part.portfolio == owner
        ),
        ZERO,
    )
    under_way = sum(
        (
            order.worst_quantity
            for order in state.open_orders(account)
            if (order.request.instrument, order.request.portfolio) == (instrument, owner)
            and order.request.side is request.side
        ),
        ZERO,
    )
    closes = held * request.side.sign < 0
    return closes and request.quantity + under_way <= abs(held)

"""Which account an order by hand means."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from crossdock.app.desk.dealing.dealing import Dealing
from crossdock.app.gateway import Gateway
from crossdock.core.execution.router import Venue, venue_by_hand
from crossdock.core.state import State
from crossdock.errors import DeskError
from crossdock.model import ZERO, AccountId, ContractKind, Side, symbol_of, venue_of


def account_by_hand(
    dealing: Dealing,
    gateways: Mapping[AccountId, Gateway],
    state: State,
    symbol: str,
    *,
    account: str,
    side: Side,
    quantity: Decimal,
    limit_price: Decimal | None,
    post_only: bool,
    reduce_only: bool,
) -> AccountId:
    """Return the account named, the only one there is, or the one the router chooses.

    Raises DeskError where none trades the symbol, or where prices cannot tell which: two
    accounts at one venue, an order that only reduces, no good book.
    """
    if account:
        return dealing.gateway(AccountId(account)).account
    plain, _, venue = symbol.partition("@")
    listed = {i for i in state.instruments if symbol_of(i) == plain}
    found = [
        gateway.account
        for gateway in gateways.values()
        if venue in ("", gateway.options.venue)
        and any(venue_of(i) == gateway.options.venue for i in listed)
    ]
    if not found:
        raise _unknown(symbol, state)
    if len(found) == 1:
        return found[0]
    trading = [
        it
        for it in dealing.venues(plain)
        if it.account in found and not _is_stopped(state, it.account)
    ]
    paying = [it for it in trading if _pays(state, it, side, quantity, limit_price)]
    trading = paying or trading  # risk then says what is missing
    best = None
    if not reduce_only:
        best = venue_by_hand(trading, side, quantity, limit_price, takes=not post_only)
    if best is None:
        raise _which(symbol, found, "nothing tells which is meant")
    here = [it.account for it in trading if it.instrument.id == best.instrument.id]
    if len(here) > 1:
        raise _which(symbol, here, f"it is best at {venue_of(best.instrument.id)}")
    return best.account


def _pays(
    state: State, venue: Venue, side: Side, quantity: Decimal, limit_price: Decimal | None
) -> bool:
    """Tell whether an account holds what a spot order spends, fees and holds aside."""
    instrument = venue.instrument
    if instrument.kind is not ContractKind.SPOT:
        return True
    asset, needed = instrument.base, quantity
    if side is Side.BUY:
        price = venue.book.best_ask_price if limit_price is None else limit_price
        if not price.is_finite():
            return True
        asset, needed = instrument.quote, quantity * price
    held = {it.asset: it.total for it in state.ledger.balances(venue.account)}
    return held.get(asset, ZERO) >= needed


def _is_stopped(state: State, account: AccountId) -> bool:
    standing = state.account(account)
    return bool(standing.halted or standing.killed)


def _which(symbol: str, accounts: list[AccountId], why: str) -> DeskError:
    return DeskError(
        f"{symbol} trades in several accounts, and {why}: {', '.join(accounts)}",
        code="which-account",
        hint=f"say which: --account {accounts[0]}",
    )


def _unknown(symbol: str, state: State) -> DeskError:
    known = sorted({symbol_of(i) for i in state.instruments})
    return DeskError(
        f"no account trades {symbol}",
        code="unknown-symbol",
        hint=f"there are {', '.join(known[:12])}" if known else "no venue is connected yet",
    )

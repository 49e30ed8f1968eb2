"""What people can ask of one account besides orders: plain values in and out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from decimal import Decimal
from functools import partial
from typing import TYPE_CHECKING, Any

from crossdock.app.desk.accounts.absent import absent
from crossdock.app.desk.person_acts import person_acts
from crossdock.app.doors.door import is_person, require_person
from crossdock.app.financing import Financing
from crossdock.app.financing.asked import amount_of, margin_mode_of
from crossdock.app.financing.shown import show_movement, shown
from crossdock.errors import DeskError
from crossdock.model import AccountId, CorrelationId, MarginMode

if TYPE_CHECKING:
    from crossdock.app.desk import Desk


class FinancingOperations:
    """The answers of each account. Every operation takes the account's name first.

    `by` and `door` say who writes and how they reached the desk: journaled before it is
    done, under the correlation of all that comes of it.
    """

    def __init__(self, desk: Desk) -> None:
        self._desk = desk

    def table(self) -> Mapping[str, Callable[..., Any]]:
        """Return every operation by its name on the control socket."""
        return {
            "leverage": self.leverage,
            "set_leverage": self.set_leverage,
            "set_margin_mode": self.set_margin_mode,
            "borrow_rates": self.borrow_rates,
            "loans": self.loans,
            "borrow": self.borrow,
            "repay": self.repay,
            "wallets": self.wallets,
            "transfer": self.transfer,
            "sub_accounts": self.sub_accounts,
            "earn_offers": self.earn_offers,
            "earn_holdings": self.earn_holdings,
            "earn_subscribe": self.earn_subscribe,
            "earn_redeem": self.earn_redeem,
            "funding_rates": self.funding_rates,
            "funding_rate_history": self.funding_rate_history,
            "fee_rates": self.fee_rates,
            "option_chain": self.option_chain,
            "trading_days": self.trading_days,
            "auctions": self.auctions,
            "key_rights": self.key_rights,
            "account_facts": self.account_facts,
            "movements": self.movements,
            "settle_movement": self.settle_movement,
        }

    # ---- reads -----------------------------------------------------------------

    async def leverage(self, *, account: str, symbol: str) -> Any:
        return shown(await self._of(account).leverage(symbol))

    async def borrow_rates(self, *, account: str, assets: Sequence[str]) -> Any:
        return shown(await self._of(account).borrow_rates(assets))

    async def loans(self, *, account: str) -> Any:
        return shown(await self._of(account).loans())

    def wallets(self, *, account: str) -> list[str]:
        return list(self._of(account).wallets())

    async def sub_accounts(self, *, account: str) -> Any:
        return shown(await self._of(account).sub_accounts())

    async def earn_offers(self, *, account: str, asset: str = "") -> Any:
        return shown(await self._of(account).earn_offers(asset))

    async def earn_holdings(self, *, account: str) -> Any:
        return shown(await self._of(account).earn_holdings())

    async def funding_rates(self, *, account: str, symbols: Sequence[str]) -> Any:
        return shown(await self._of(account).funding_rates(symbols))

    async def funding_rate_history(
        self, *, account: str, symbol: str, start_ns: int, end_ns: int | None = None
    ) -> Any:
        end = self._desk.kernel.now() if end_ns is None else end_ns
        found = await self._of(account).funding_rate_history(
            symbol, start_ns=start_ns, end_ns=end
        )
        return shown(found)

    async def fee_rates(self, *, account: str, symbols: Sequence[str]) -> Any:
        return shown(await self._of(account).fee_rates(symbols))

    async def option_chain(
        self, *, account: str, underlying: str, expiry_time_ns: int | None = None
    ) -> Any:
        found = await self._of(account).option_chain(
            underlying, expiry_time_ns=expiry_time_ns
        )
        return shown(found)

    async def trading_days(self, *, account: str, start: str, end: str) -> Any:
        return shown(await self._of(account).trading_days(start=start, end=end))

    async def auctions(self, *, account: str, symbol: str, start: str, end: str) -> Any:
        return shown(await self._of(account).auctions(symbol, start=start, end=end))

    async def key_rights(self, *, account: str) -> Any:
        return shown(await self._of(account).key_rights())

    async def account_facts(self, *, account: str) -> Any:
        return shown(await self._of(account).facts())

    def movements(self, *, account: str) -> list[dict[str, Any]]:
        return [show_movement(each) for each in self._of(account).movements()]

    # ---- writes ----------------------------------------------------------------

    async def set_leverage(
        self,
        *,
        account: str,
        symbol: str,
        leverage: str,
        margin_mode: str = "none",
        by: str,
        door: str = "",
    ) -> dict[str, Any]:
        financing, mode = self._of(account), margin_mode_of(margin_mode)
        chosen = amount_of(leverage, "leverage")
        if not is_person(door):
            await _require_tighter(financing, symbol, chosen, mode)
        kept = "" if mode is MarginMode.NONE else f", {mode.value}"
        correlation = self._acts(
            "set_leverage", account, f"{symbol} {chosen:f}{kept}", by, door
        )
        await financing.set_leverage(
            symbol, chosen, margin_mode=mode, by=by, correlation=correlation
        )
        return {
            "account": account,
            "symbol": symbol,
            "leverage": leverage,
            "margin_mode": mode.value,
        }

    async def set_margin_mode(
        self, *, account: str, symbol: str, margin_mode: str, by: str, door: str = ""
    ) -> dict[str, Any]:
        financing, mode = self._of(account), margin_mode_of(margin_mode)
        if mode is MarginMode.CROSS:
            require_person(
                door,
                "a program may isolate margin, not put the whole account behind it",
                hint="a person of the role risk does it, signed in to the dashboard, or by "
                f"`crossdock account {account} margin-mode`",
            )
        words = f"{symbol} {mode.value}"
        correlation = self._acts("set_margin_mode", account, words, by, door)
        await financing.set_margin_mode(symbol, mode, by=by, correlation=correlation)
        return {"account": account, "symbol": symbol, "margin_mode": mode.value}

    async def borrow(
        self,
        *,
        account: str,
        asset: str,
        amount: str,
        symbol: str = "",
        by: str,
        door: str = "",
    ) -> Any:
        move, wanted = self._of(account).borrow, amount_of(amount)
        words = f"{wanted:f} {asset}{_on(symbol)}"
        moved = partial(move, asset, wanted, symbol=symbol)
        return await self._moved("borrow", moved, account, words, by, door)

    async def repay(
        self,
        *,
        account: str,
        asset: str,
        amount: str,
        symbol: str = "",
        by: str,
        door: str = "",
    ) -> Any:
        move, wanted = self._of(account).repay, amount_of(amount)
        words = f"{wanted:f} {asset}{_on(symbol)}"
        moved = partial(move, asset, wanted, symbol=symbol)
        return await self._moved("repay", moved, account, words, by, door)

    async def transfer(
        self,
        *,
        account: str,
        asset: str,
        amount: str,
        source: str,
        destination: str,
        by: str,
        door: str = "",
    ) -> Any:
        move, wanted = self._of(account).transfer, amount_of(amount)
        words = f"{wanted:f} {asset} from {source} to {destination}"
        moved = partial(move, asset, wanted, source=source, destination=destination)
        return await self._moved("transfer", moved, account, words, by, door)

    async def earn_subscribe(
        self, *, account: str, offer: str, amount: str, by: str, door: str = ""
    ) -> Any:
        move, wanted = self._of(account).earn_subscribe, amount_of(amount)
        moved, words = partial(move, offer, wanted), f"{wanted:f} in {offer}"
        return await self._moved("earn_subscribe", moved, account, words, by, door)

    async def earn_redeem(
        self, *, account: str, offer: str, amount: str, by: str, door: str = ""
    ) -> Any:
        move, wanted = self._of(account).earn_redeem, amount_of(amount)
        moved, words = partial(move, offer, wanted), f"{wanted:f} out of {offer}"
        return await self._moved("earn_redeem", moved, account, words, by, door)

    def settle_movement(
        self,
        *,
        account: str,
        movement: str,
        verdict: str,
        by: str,
        words: str = "",
        force: bool = False,
        door: str = "",
    ) -> dict[str, Any]:
        """End the doubt of a movement in a person's name."""
        require_person(
            door,
            "no program ends a doubt",
            hint="a person of the role admin does it, signed in to the dashboard, or by "
            f"`crossdock account {account} settle`",
        )
        financing = self._of(account)
        found = self._desk.kernel.state.movements.open.get(movement)
        if found is not None:  # else it is refused, and nobody did anything
            person_acts(
                self._desk.kernel,
                by,
                "settle_movement",
                movement,
                door=door,
                words=f"{verdict}: {words}" if words else verdict,
                correlation=found.correlation,
            )
        settled = financing.settle(movement, verdict, by=by, words=words, force=force)
        return show_movement(settled)

    def _of(self, account: str) -> Financing:
        return financing_of(self._desk, account)

    async def _moved(
        self,
        action: str,
        move: Callable[..., Awaitable[Any]],
        account: str,
        words: str,
        by: str,
        door: str,
    ) -> Any:
        """Have money moved, once it is written down who asks."""
        require_person(
            door,
            "no program moves money",
            hint="a person of the role admin does it, signed in to the dashboard, or by "
            f"`crossdock account {account}`",
        )
        correlation = self._acts(action, account, words, by, door)
        return shown(await move(by=by, correlation=correlation))

    def _acts(
        self, action: str, account: str, words: str, by: str, door: str
    ) -> CorrelationId:
        """Write down who asks, and return what all that follows is told under."""
        kernel = self._desk.kernel
        correlation = CorrelationId(kernel.ids.next("c"))
        person_acts(
            kernel, by, action, account, door=door, words=words, correlation=correlation
        )
        return correlation


async def _require_tighter(
    financing: Financing, symbol: str, leverage: Decimal, mode: MarginMode
) -> None:
    """Raise DeskError `person-needed` unless this is no more leverage than there is now.

    A venue may keep one leverage for each margin mode and tells that of the present one:
    of another mode nobody can say what would be raised.
    """
    now = await financing.leverage(symbol)
    is_same = mode in (MarginMode.NONE, now.margin_mode)
    if not is_same or leverage > min(now.long, now.short):
        raise DeskError(
            "a program may lower leverage, not raise it or choose another margin mode"
            f" with it: {symbol} has {now.long:f} long and {now.short:f} short,"
            f" margin {now.margin_mode.value}",
            code="person-needed",
            hint="a person of the role risk does it, signed in to the dashboard, or by "
            f"`crossdock account {financing.account} leverage`",
        )


def _on(symbol: str) -> str:
    return f" on {symbol}" if symbol else ""


def financing_of(desk: Desk, account: str) -> Financing:
    """Return an account's own; data accounts have one, too. Raises DeskError."""
    found = desk.financing.get(AccountId(account))
    if found is None:
        raise absent(account, desk.financing, desk.kernel.state)
    return found

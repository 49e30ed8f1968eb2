"""One account in a script's hands: money it moves, margin it sets, what its venue tells."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.app.desk import Desk
from crossdock.app.doors.acting.financing import financing_of
from crossdock.app.doors.user.bars import Moment, moment_ns
from crossdock.app.doors.user.rows import Facts, Rows
from crossdock.app.financing.asked import Amount, margin_mode_of
from crossdock.app.financing.shown import show_movement
from crossdock.errors import DeskError
from crossdock.model import (
    AccountFacts,
    Auction,
    BorrowRate,
    EarnHolding,
    EarnOffer,
    FeeRates,
    FundingRate,
    KeyRights,
    Leverage,
    Loan,
    Movement,
    OptionQuote,
    SubAccount,
    TradingDay,
)


class UserAccount:
    """An account of a running desk. Amounts are text, whole numbers or Decimals.

    Symbols are those of the account's own venue. What the venue does not offer raises
    DeskError `not-offered`, and nothing is sent. Money that moves is asked for once: where
    its fate is not known, OutcomeUnknown is raised, and the same cannot be asked for again
    until the doubt has ended; see `movements` and `settle`.
    """

    def __init__(self, desk: Desk, name: str) -> None:
        self.name = name
        self._desk = desk
        self._financing = financing_of(desk, name)

    # ---- margin ----------------------------------------------------------------

    async def leverage(self, symbol: str) -> Leverage:
        return await self._financing.leverage(symbol)

    async def set_leverage(
        self, symbol: str, leverage: Amount, *, margin_mode: str = "none", by: str = ""
    ) -> None:
        """Set leverage for the next orders. It is absolute: safe to ask for again."""
        mode = margin_mode_of(margin_mode)
        await self._financing.set_leverage(symbol, leverage, margin_mode=mode, by=by)

    async def set_margin_mode(self, symbol: str, margin_mode: str, *, by: str = "") -> None:
        """Set "cross" or "isolated". It is absolute: safe to ask for again."""
        mode = margin_mode_of(margin_mode)
        await self._financing.set_margin_mode(symbol, mode, by=by)

    # ---- loans -----------------------------------------------------------------

    async def borrow_rates(self, *assets: str) -> Sequence[BorrowRate]:
        return await self._financing.borrow_rates(assets)

    async def loans(self) -> Sequence[Loan]:
        return await self._financing.loans()

    async def borrow(
        self, asset: str, amount: Amount, *, symbol: str = "", by: str = ""
    ) -> Movement:
        """Borrow on cross margin, or on the isolated margin of a symbol."""
        return await self._financing.borrow(asset, amount, symbol=symbol, by=by)

    async def repay(
        self, asset: str, amount: Amount, *, symbol: str = "", by: str = ""
    ) -> Movement:
        return await self._financing.repay(asset, amount, symbol=symbol, by=by)

    # ---- transfers -------------------------------------------------------------

    def wallets(self) -> Sequence[str]:
        """Return the names that `transfer` knows."""
        return self._financing.wallets()

    async def sub_accounts(self) -> Sequence[SubAccount]:
        return await self._financing.sub_accounts()

    async def transfer(
        self, asset: str, amount: Amount, *, source: str, destination: str, by: str = ""
    ) -> Movement:
        """Move between two wallets, or sub-accounts written as `sub:NAME`."""
        return await self._financing.transfer(
            asset, amount, source=source, destination=destination, by=by
        )

    # ---- what idle assets earn -------------------------------------------------

    async def earn_offers(self, asset: str = "") -> Sequence[EarnOffer]:
        """Return what the venue pays for an asset, or for every one."""
        return await self._financing.earn_offers(asset)

    async def earn_holdings(self) -> Sequence[EarnHolding]:
        return await self._financing.earn_holdings()

    async def earn_subscribe(
        self, offer: EarnOffer | str, amount: Amount, *, by: str = ""
    ) -> Movement:
        """Leave an amount with the venue, by an offer or its id."""
        return await self._financing.earn_subscribe(offer, amount, by=by)

    async def earn_redeem(
        self, holding: EarnHolding | str, amount: Amount, *, by: str = ""
    ) -> Movement:
        """Take an amount back, from a holding or from the one of an offer's id."""
        return await self._financing.earn_redeem(holding, amount, by=by)

    # ---- what became of it -----------------------------------------------------

    def movements(self) -> Rows:
        """Return the newest movements that are done, then every open one."""
        rows = [show_movement(each) for each in self._financing.movements()]
        return Rows(rows, "movements")

    def settle(
        self,
        movement_id: str,
        verdict: str,
        *,
        by: str,
        words: str = "",
        force: bool = False,
    ) -> Facts:
        """End a doubt, "live" or "absent", in a person's name."""
        settled = self._financing.settle(
            movement_id, verdict, by=by, words=words, force=force
        )
        return Facts(show_movement(settled))

    # ---- what the venue tells --------------------------------------------------

    async def funding_rates(self, *symbols: str) -> Sequence[FundingRate]:
        return await self._financing.funding_rates(symbols)

    async def funding_rate_history(
        self, symbol: str, *, start: Moment, end: Moment | None = None
    ) -> Sequence[FundingRate]:
        """Return past rates from `start` to `end` (now), oldest first. Times carry a zone."""
        start_ns, end_ns = self._moment(start), self._moment(end)
        return await self._financing.funding_rate_history(
            symbol, start_ns=start_ns, end_ns=end_ns
        )

    async def fee_rates(self, *symbols: str) -> Sequence[FeeRates]:
        return await self._financing.fee_rates(symbols)

    async def option_chain(
        self, underlying: str, *, expiry: Moment | None = None
    ) -> Sequence[OptionQuote]:
        """Return every option on an asset, or those of one expiry, with their Greeks."""
        expiry_ns = None if expiry is None else self._moment(expiry)
        return await self._financing.option_chain(underlying, expiry_time_ns=expiry_ns)

    async def trading_days(self, *, start: str, end: str) -> Sequence[TradingDay]:
        """Return the open days from `start` to `end`, both included, like 2026-01-31."""
        return await self._financing.trading_days(start=start, end=end)

    async def auctions(self, symbol: str, *, start: str, end: str) -> Sequence[Auction]:
        return await self._financing.auctions(symbol, start=start, end=end)

    async def key_rights(self) -> KeyRights:
        return await self._financing.key_rights()

    async def facts(self) -> AccountFacts:
        """Return equity, buying power and day trades, as the broker counts them."""
        return await self._financing.facts()

    def _moment(self, moment: Moment | None) -> int:
        if moment is None:
            return self._desk.kernel.now()
        try:
            return moment_ns(moment)
        except ValueError as error:
            raise DeskError(str(error), code="bad-argument") from None

    def __repr__(self) -> str:
        return f"<account {self.name} of desk {self._desk.settings.desk.name}>"

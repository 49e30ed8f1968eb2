"""What an account can ask its venue besides prices and orders. Nothing here is a write."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.app.financing.abilities import Connected, ability
from crossdock.app.financing.asked import listed
from crossdock.app.kernel import Kernel
from crossdock.model import (
    AccountFacts,
    Asset,
    Auction,
    BorrowRate,
    EarnHolding,
    EarnOffer,
    FeeRates,
    FundingRate,
    InstrumentId,
    KeyRights,
    Leverage,
    Loan,
    OptionQuote,
    SubAccount,
    TradingDay,
)
from crossdock.ports import Can


class Reads:
    """Reads pass to the venue as they are asked; symbols are those of the account's venue.

    Each raises DeskError `not-offered` where the venue has no such thing, `account-away`
    while it is not connected, and the adapter's own errors of reads.
    """

    def __init__(self, kernel: Kernel, connected: Connected) -> None:
        self._kernel = kernel
        self._connected = connected

    async def leverage(self, symbol: str) -> Leverage:
        adapter = self._able(Can.LEVERAGE)
        found: Leverage = await adapter.leverage(self._listed(symbol))
        return found

    async def borrow_rates(self, assets: Sequence[str]) -> Sequence[BorrowRate]:
        adapter = self._able(Can.BORROWING)
        found: Sequence[BorrowRate] = await adapter.borrow_rates(
            [Asset(it) for it in assets]
        )
        return found

    async def loans(self) -> Sequence[Loan]:
        found: Sequence[Loan] = await self._able(Can.BORROWING).loans()
        return found

    def wallets(self) -> Sequence[str]:
        found: Sequence[str] = self._able(Can.TRANSFERS).wallets()
        return found

    async def sub_accounts(self) -> Sequence[SubAccount]:
        found: Sequence[SubAccount] = await self._able(Can.SUB_ACCOUNTS).sub_accounts()
        return found

    async def earn_offers(self, asset: str = "") -> Sequence[EarnOffer]:
        adapter = self._able(Can.EARN)
        found: Sequence[EarnOffer] = await adapter.earn_offers(Asset(asset) or None)
        return found

    async def earn_holdings(self) -> Sequence[EarnHolding]:
        found: Sequence[EarnHolding] = await self._able(Can.EARN).earn_holdings()
        return found

    async def funding_rates(self, symbols: Sequence[str]) -> Sequence[FundingRate]:
        adapter = self._able(Can.FUNDING_RATES)
        asked = [self._listed(symbol) for symbol in symbols]
        found: Sequence[FundingRate] = await adapter.funding_rates(asked)
        return found

    async def funding_rate_history(
        self, symbol: str, *, start_ns: int, end_ns: int
    ) -> Sequence[FundingRate]:
        """Return all rates from `start_ns` to `end_ns`, oldest first, page after page."""
        adapter = self._able(Can.FUNDING_RATES)
        instrument = self._listed(symbol)
        found: list[FundingRate] = []
        while start_ns < end_ns:
            page: Sequence[FundingRate] = await adapter.funding_rate_history(
                instrument, start_ns=start_ns, end_ns=end_ns
            )
            if not page or page[-1].funding_time_ns < start_ns:
                break
            found += page
            start_ns = page[-1].funding_time_ns + 1
        return found

    async def fee_rates(self, symbols: Sequence[str]) -> Sequence[FeeRates]:
        adapter = self._able(Can.FEE_RATES)
        asked = [self._listed(symbol) for symbol in symbols]
        found: Sequence[FeeRates] = await adapter.fee_rates(asked)
        return found

    async def option_chain(
        self, underlying: str, *, expiry_time_ns: int | None = None
    ) -> Sequence[OptionQuote]:
        adapter = self._able(Can.OPTION_CHAINS)
        found: Sequence[OptionQuote] = await adapter.option_chain(
            Asset(underlying), expiry_time_ns=expiry_time_ns
        )
        return found

    async def trading_days(self, *, start: str, end: str) -> Sequence[TradingDay]:
        adapter = self._able(Can.CALENDAR)
        found: Sequence[TradingDay] = await adapter.trading_days(start=start, end=end)
        return found

    async def auctions(self, symbol: str, *, start: str, end: str) -> Sequence[Auction]:
        adapter = self._able(Can.AUCTIONS)
        found: Sequence[Auction] = await adapter.auctions(
            self._listed(symbol), start=start, end=end
        )
        return found

    async def key_rights(self) -> KeyRights:
        found: KeyRights = await self._able(Can.KEY_RIGHTS).key_rights()
        return found

    async def facts(self) -> AccountFacts:
        found: AccountFacts = await self._able(Can.ACCOUNT_FACTS).account_facts()
        return found

    def _able(self, can: Can) -> Any:
        """Return the adapter as what `PROTOCOL_OF` says of this ability."""
        return ability(self._connected, can)

    def _listed(self, symbol: str) -> InstrumentId:
        return listed(self._kernel.state, symbol, self._connected.options.venue)

"""An account for a plain script: every call waits."""

from __future__ import annotations

from collections.abc import Sequence

from crossdock.app.doors.user.account import UserAccount
from crossdock.app.doors.user.bars import Moment
from crossdock.app.doors.user.loop_thread import LoopThread
from crossdock.app.doors.user.rows import Facts, Rows
from crossdock.app.financing.asked import Amount
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


class BlockingAccount:
    """As `UserAccount`."""

    def __init__(self, account: UserAccount, thread: LoopThread) -> None:
        self.name = account.name
        self._account = account
        self._thread = thread

    def leverage(self, symbol: str) -> Leverage:
        return self._thread.run(self._account.leverage(symbol))

    def set_leverage(
        self, symbol: str, leverage: Amount, *, margin_mode: str = "none", by: str = ""
    ) -> None:
        self._thread.run(
            self._account.set_leverage(symbol, leverage, margin_mode=margin_mode, by=by)
        )

    def set_margin_mode(self, symbol: str, margin_mode: str, *, by: str = "") -> None:
        self._thread.run(self._account.set_margin_mode(symbol, margin_mode, by=by))

    def borrow_rates(self, *assets: str) -> Sequence[BorrowRate]:
        return self._thread.run(self._account.borrow_rates(*assets))

    def loans(self) -> Sequence[Loan]:
        return self._thread.run(self._account.loans())

    def borrow(
        self, asset: str, amount: Amount, *, symbol: str = "", by: str = ""
    ) -> Movement:
        return self._thread.run(self._account.borrow(asset, amount, symbol=symbol, by=by))

    def repay(
        self, asset: str, amount: Amount, *, symbol: str = "", by: str = ""
    ) -> Movement:
        return self._thread.run(self._account.repay(asset, amount, symbol=symbol, by=by))

    def wallets(self) -> Sequence[str]:
        return self._thread.ask(self._account.wallets)

    def sub_accounts(self) -> Sequence[SubAccount]:
        return self._thread.run(self._account.sub_accounts())

    def transfer(
        self, asset: str, amount: Amount, *, source: str, destination: str, by: str = ""
    ) -> Movement:
        return self._thread.run(
            self._account.transfer(
                asset, amount, source=source, destination=destination, by=by
            )
        )

    def earn_offers(self, asset: str = "") -> Sequence[EarnOffer]:
        return self._thread.run(self._account.earn_offers(asset))

    def earn_holdings(self) -> Sequence[EarnHolding]:
        return self._thread.run(self._account.earn_holdings())

    def earn_subscribe(
        self, offer: EarnOffer | str, amount: Amount, *, by: str = ""
    ) -> Movement:
        return self._thread.run(self._account.earn_subscribe(offer, amount, by=by))

    def earn_redeem(
        self, holding: EarnHolding | str, amount: Amount, *, by: str = ""
    ) -> Movement:
        return self._thread.run(self._account.earn_redeem(holding, amount, by=by))

    def movements(self) -> Rows:
        return self._thread.ask(self._account.movements)

    def settle(
        self,
        movement_id: str,
        verdict: str,
        *,
        by: str,
        words: str = "",
        force: bool = False,
    ) -> Facts:
        return self._thread.ask(
            lambda: self._account.settle(
                movement_id, verdict, by=by, words=words, force=force
            )
        )

    def funding_rates(self, *symbols: str) -> Sequence[FundingRate]:
        return self._thread.run(self._account.funding_rates(*symbols))

    def funding_rate_history(
        self, symbol: str, *, start: Moment, end: Moment | None = None
    ) -> Sequence[FundingRate]:
        return self._thread.run(
            self._account.funding_rate_history(symbol, start=start, end=end)
        )

    def fee_rates(self, *symbols: str) -> Sequence[FeeRates]:
        return self._thread.run(self._account.fee_rates(*symbols))

    def option_chain(
        self, underlying: str, *, expiry: Moment | None = None
    ) -> Sequence[OptionQuote]:
        return self._thread.run(self._account.option_chain(underlying, expiry=expiry))

    def trading_days(self, *, start: str, end: str) -> Sequence[TradingDay]:
        return self._thread.run(self._account.trading_days(start=start, end=end))

    def auctions(self, symbol: str, *, start: str, end: str) -> Sequence[Auction]:
        return self._thread.run(self._account.auctions(symbol, start=start, end=end))

    def key_rights(self) -> KeyRights:
        return self._thread.run(self._account.key_rights())

    def facts(self) -> AccountFacts:
        return self._thread.run(self._account.facts())

    def __repr__(self) -> str:
        return repr(self._account)

"""One account's money besides its orders: what it asks its venue to move, lend and set."""

from __future__ import annotations

from collections.abc import Awaitable
from decimal import Decimal
from typing import Any

from crossdock.app.financing.abilities import Connected
from crossdock.app.financing.asked import Amount, amount_of
from crossdock.app.financing.margin import Choice, choose
from crossdock.app.financing.mover import Mover
from crossdock.app.financing.reads import Reads
from crossdock.app.financing.searching import Searching
from crossdock.app.kernel import Kernel
from crossdock.app.nearest import did_you_mean
from crossdock.app.user_name import user_name
from crossdock.core.movements import MovementState, Wish
from crossdock.errors import DeskError
from crossdock.model import (
    AccountId,
    Asset,
    CorrelationId,
    EarnHolding,
    EarnOffer,
    MarginMode,
    Movement,
    MovementKind,
)
from crossdock.ports import Can, Evidence

NEW = CorrelationId("")
SUB = "sub:"  # begins the name of a sub-account, where a transfer goes or comes from


class Financing(Reads):
    """Reads as in `Reads`; writes are journaled first and sent once.

    A write raises DeskError with nothing sent, or what the adapter raises: `Rejected`,
    `RateLimited`, `AuthFailed`, `NotSent` (nothing happened), `OutcomeUnknown`. `by` says
    who asks; left out, it is this machine's user. `correlation` is what the journal tells
    it under; left out, it gets one of its own.
    """

    def __init__(
        self,
        kernel: Kernel,
        account: AccountId,
        connected: Connected,
        evidence: Evidence | None,
    ) -> None:
        """`evidence` None: a data account, which reads and moves nothing."""
        super().__init__(kernel, connected)
        self.account = account
        self._evidence = evidence
        self._mover: Mover | None = None
        self._searching: Searching | None = None
        if evidence is not None:
            self._mover = Mover(kernel, account, evidence, self._search)
            self._searching = Searching(kernel, account, connected, self._mover)

    # ---- life ------------------------------------------------------------------

    def doubt_orphans(self) -> None:
        """Put in doubt what an earlier process asked for and did not hear of."""
        if self._mover is not None:
            self._mover.doubt_orphans()

    async def run(self) -> None:
        """Look for what is in doubt in the venue's history, for ever."""
        if self._searching is not None:
            await self._searching.run()

    async def rest(self) -> None:
        """Wait for the outcome of every movement under way."""
        if self._mover is not None:
            await self._mover.rest()

    def _search(self) -> None:
        if self._searching is not None:
            self._searching.want()

    # ---- margin ----------------------------------------------------------------

    async def set_leverage(
        self,
        symbol: str,
        leverage: Amount,
        *,
        margin_mode: MarginMode = MarginMode.NONE,
        by: str = "",
        correlation: CorrelationId = NEW,
    ) -> None:
        """Set it for the next orders. Absolute: safe to ask for again after a doubt."""
        chosen = amount_of(leverage, "leverage")
        adapter, _, evidence = self._writer(Can.LEVERAGE)
        instrument = self._listed(symbol)
        choice = Choice(
            account=self.account,
            instrument=instrument,
            leverage=chosen,
            margin_mode=margin_mode,
            by=by or user_name(),
            correlation=correlation,
        )

        def call(deadline_ns: int) -> Awaitable[None]:
            sent: Awaitable[None] = adapter.set_leverage(
                instrument, chosen, margin_mode=margin_mode, deadline_ns=deadline_ns
            )
            return sent

        await choose(self._kernel, evidence, choice, call)

    async def set_margin_mode(
        self,
        symbol: str,
        margin_mode: MarginMode,
        *,
        by: str = "",
        correlation: CorrelationId = NEW,
    ) -> None:
        """Set cross or isolated margin. Absolute: safe to ask for again after a doubt."""
        if margin_mode is MarginMode.NONE:
            raise DeskError("a margin mode is cross or isolated", code="bad-argument")
        adapter, _, evidence = self._writer(Can.MARGIN_MODE)
        instrument = self._listed(symbol)
        choice = Choice(
            account=self.account,
            instrument=instrument,
            margin_mode=margin_mode,
            by=by or user_name(),
            correlation=correlation,
        )

        def call(deadline_ns: int) -> Awaitable[None]:
            sent: Awaitable[None] = adapter.set_margin_mode(
                instrument, margin_mode, deadline_ns=deadline_ns
            )
            return sent

        await choose(self._kernel, evidence, choice, call)

    # ---- money that moves ------------------------------------------------------

    async def borrow(
        self,
        asset: str,
        amount: Amount,
        *,
        symbol: str = "",
        by: str = "",
        correlation: CorrelationId = NEW,
    ) -> Movement:
        """Borrow on cross margin, or on the isolated margin of a symbol."""
        kind = MovementKind.BORROW
        return await self._loan(kind, asset, amount, symbol, by, correlation)

    async def repay(
        self,
        asset: str,
        amount: Amount,
        *,
        symbol: str = "",
        by: str = "",
        correlation: CorrelationId = NEW,
    ) -> Movement:
        kind = MovementKind.REPAY
        return await self._loan(kind, asset, amount, symbol, by, correlation)

    async def _loan(
        self,
        kind: MovementKind,
        asset: str,
        amount: Amount,
        symbol: str,
        by: str,
        correlation: CorrelationId,
    ) -> Movement:
        wanted = amount_of(amount)
        adapter, mover, _ = self._writer(Can.BORROWING)
        wish = Wish(
            account=self.account,
            kind=kind,
            asset=Asset(asset),
            amount=wanted,
            instrument=self._listed(symbol) if symbol else None,
        )
        ask = adapter.borrow if kind is MovementKind.BORROW else adapter.repay

        def call(deadline_ns: int) -> Awaitable[Movement]:
            sent: Awaitable[Movement] = ask(
                wish.asset, wanted, instrument=wish.instrument, deadline_ns=deadline_ns
            )
            return sent

        return await mover.move(wish, call, by or user_name(), correlation)

    async def transfer(
        self,
        asset: str,
        amount: Amount,
        *,
        source: str,
        destination: str,
        by: str = "",
        correlation: CorrelationId = NEW,
    ) -> Movement:
        """Move between two wallets, or sub-accounts written as `sub:NAME`."""
        wanted = amount_of(amount)
        adapter, mover, _ = self._writer(Can.TRANSFERS)
        if source == destination:
            raise DeskError(f"{source} is where it is already", code="bad-argument")
        wallets = adapter.wallets()
        for name in (source, destination):
            if wallets and name not in wallets and not name.startswith(SUB):
                raise DeskError(
                    f"{self.account} has no wallet {name!r}",
                    code="bad-argument",
                    hint=did_you_mean(name, wallets),
                )
        wish = Wish(
            account=self.account,
            kind=MovementKind.TRANSFER,
            asset=Asset(asset),
            amount=wanted,
            source=source,
            destination=destination,
        )

        def call(deadline_ns: int) -> Awaitable[Movement]:
            sent: Awaitable[Movement] = adapter.transfer(
                wish.asset,
                wanted,
                source=source,
                destination=destination,
                deadline_ns=deadline_ns,
            )
            return sent

        return await mover.move(wish, call, by or user_name(), correlation)

    async def earn_subscribe(
        self,
        offer: EarnOffer | str,
        amount: Amount,
        *,
        by: str = "",
        correlation: CorrelationId = NEW,
    ) -> Movement:
        """Leave an amount with the venue, by one of its offers or an offer's id."""
        wanted = amount_of(amount)
        adapter, mover, _ = self._writer(Can.EARN)
        chosen = await self._offer(offer) if isinstance(offer, str) else offer

        def call(deadline_ns: int) -> Awaitable[Movement]:
            sent: Awaitable[Movement] = adapter.earn_subscribe(
                chosen, wanted, deadline_ns=deadline_ns
            )
            return sent

        wish = self._earning(MovementKind.EARN_SUBSCRIBE, chosen, wanted)
        return await mover.move(wish, call, by or user_name(), correlation)

    async def earn_redeem(
        self,
        holding: EarnHolding | str,
        amount: Amount,
        *,
        by: str = "",
        correlation: CorrelationId = NEW,
    ) -> Movement:
        """Take an amount back from a holding, or from the one of an offer's id."""
        wanted = amount_of(amount)
        adapter, mover, _ = self._writer(Can.EARN)
        chosen = await self._holding(holding) if isinstance(holding, str) else holding

        def call(deadline_ns: int) -> Awaitable[Movement]:
            sent: Awaitable[Movement] = adapter.earn_redeem(
                chosen, wanted, deadline_ns=deadline_ns
            )
            return sent

        wish = self._earning(MovementKind.EARN_REDEEM, chosen, wanted)
        return await mover.move(wish, call, by or user_name(), correlation)

    async def _offer(self, offer_id: str) -> EarnOffer:
        offers = {it.offer_id: it for it in await self.earn_offers()}
        if offer_id not in offers:
            raise _unknown_offer(self.account, offer_id, "is offered", offers)
        return offers[offer_id]

    async def _holding(self, offer_id: str) -> EarnHolding:
        holdings = {it.offer_id: it for it in await self.earn_holdings()}
        if offer_id not in holdings:
            raise _unknown_offer(self.account, offer_id, "is held", holdings)
        return holdings[offer_id]

    def _earning(
        self, kind: MovementKind, product: EarnOffer | EarnHolding, amount: Decimal
    ) -> Wish:
        return Wish(
            account=self.account,
            kind=kind,
            asset=product.asset,
            amount=amount,
            product=product.offer_id,
        )

    # ---- what became of it -----------------------------------------------------

    def movements(self) -> list[MovementState]:
        """Return the newest movements that are done, then every open one."""
        return list(self._kernel.state.movements.of(self.account))

    def settle(
        self,
        movement_id: str,
        verdict: str,
        *,
        by: str,
        words: str = "",
        force: bool = False,
    ) -> MovementState:
        """End a doubt, `live` or `absent`, in a person's name. Raises DeskError."""
        mover, _ = self._books()
        return mover.settle(movement_id, verdict, by=by, words=words, force=force)

    def _writer(self, can: Can) -> tuple[Any, Mover, Evidence]:
        """Return who does it, for an account that is connected and may write."""
        mover, evidence = self._books()
        return self._able(can), mover, evidence

    def _books(self) -> tuple[Mover, Evidence]:
        if self._mover is None or self._evidence is None:
            raise DeskError(
                f"{self.account} is a data account: it moves no money and sets nothing",
                code="account-data-only",
                hint=f'accounts.{self.account}.use = "trade", with its keys, lets it',
            )
        return self._mover, self._evidence


def _unknown_offer(
    account: AccountId, offer_id: str, what: str, known: dict[str, Any]
) -> DeskError:
    return DeskError(
        f"{account}: nothing with the id {offer_id!r} {what}",
        code="unknown-offer",
        hint=did_you_mean(offer_id, known),
    )

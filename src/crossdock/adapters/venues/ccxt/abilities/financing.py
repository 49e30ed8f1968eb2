"""Leverage, margin, loans, transfers, and what idle assets earn."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.wire.numbers import (
    exact,
    maybe,
    milliseconds,
    plain,
    time_ns,
)
from crossdock.adapters.venues.ccxt.wire.unified import unshared
from crossdock.errors import BadPayload, NotSent, OutcomeUnknown
from crossdock.model import (
    ZERO,
    Asset,
    BorrowRate,
    EarnHolding,
    EarnOffer,
    InstrumentId,
    Leverage,
    Loan,
    MarginMode,
    Movement,
    MovementKind,
    SubAccount,
)

_PAGE = 100
_DAY_S = 86_400
_SUB = "sub:"
_FAILED = ("failed", "canceled")


class SetsLeverage(CcxtAccount):
    async def leverage(self, instrument: InstrumentId) -> Leverage:
        market = await self.market(instrument)
        raw = await self.session.read(
            "leverage", lambda: self.driver.fetch_leverage(market["symbol"])
        )
        if not isinstance(raw, dict):
            raise BadPayload(f"the leverage of {instrument} has another shape")
        return Leverage(
            account=self.context.account,
            instrument=instrument,
            long=exact(raw.get("longLeverage")),
            short=exact(raw.get("shortLeverage")),
            margin_mode=_mode(raw.get("marginMode")),
        )

    async def set_leverage(
        self,
        instrument: InstrumentId,
        leverage: Decimal,
        *,
        margin_mode: MarginMode,
        deadline_ns: int,
    ) -> None:
        market = await self.market_to_write(instrument)
        params = {}
        if margin_mode is not MarginMode.NONE:
            params["marginMode"] = unshared(margin_mode.value)
        whole = int(leverage) if leverage == leverage.to_integral_value() else leverage
        await self.session.write(
            "leverage",
            lambda: self.driver.set_leverage(whole, market["symbol"], params),
            deadline_ns=deadline_ns,
            wished=params,
        )


class SetsMarginMode(CcxtAccount):
    async def set_margin_mode(
        self, instrument: InstrumentId, mode: MarginMode, *, deadline_ns: int
    ) -> None:
        if mode is MarginMode.NONE:
            raise NotSent("a margin mode is cross or isolated")
        market = await self.market_to_write(instrument)
        await self.session.write(
            "margin mode",
            lambda: self._set(mode.value, market["symbol"]),
            deadline_ns=deadline_ns,
        )
        self.translation.learn_mode(market["symbol"], mode)

    async def _set(self, mode: str, symbol: str) -> None:
        already = False
        try:
            await self.driver.set_margin_mode(mode, symbol)
        except Exception as error:
            # It is as it was asked to be: the exchange's word for that is an error.
            already = type(error).__name__ in ("NoChange", "MarginModeAlreadySet")
            if not already:
                raise


class Borrows(CcxtAccount):
    async def borrow_rates(self, assets: Sequence[Asset]) -> Sequence[BorrowRate]:
        await self.session.markets()
        return [await self._rate(asset) for asset in assets]

    async def loans(self) -> Sequence[Loan]:
        await self.session.markets()
        raw = await self.session.read(
            "balances", lambda: self.driver.fetch_balance({"type": "margin"})
        )
        debts = raw.get("debt") if isinstance(raw, dict) else None
        return [
            Loan(account=self.context.account, asset=Asset(asset), principal=owed)
            for asset, amount in (debts or {}).items()
            if (owed := maybe(amount))
        ]

    async def borrow(
        self,
        asset: Asset,
        amount: Decimal,
        *,
        instrument: InstrumentId | None = None,
        deadline_ns: int,
    ) -> Movement:
        return await self._moved(
            MovementKind.BORROW, "borrow", asset, amount, instrument, deadline_ns
        )

    async def repay(
        self,
        asset: Asset,
        amount: Decimal,
        *,
        instrument: InstrumentId | None = None,
        deadline_ns: int,
    ) -> Movement:
        return await self._moved(
            MovementKind.REPAY, "repay", asset, amount, instrument, deadline_ns
        )

    async def _rate(self, asset: Asset) -> BorrowRate:
        raw = await self.session.read(
            "borrow rate", lambda: self.driver.fetch_cross_borrow_rate(asset)
        )
        if not isinstance(raw, dict):
            raise BadPayload(f"the borrow rate of {asset} has another shape")
        period_ms = maybe(raw.get("period"))
        return BorrowRate(
            asset=asset,
            rate=exact(raw.get("rate")),
            per_s=_DAY_S if period_ms is None else int(period_ms / 1000),
            venue_time_ns=time_ns(raw.get("timestamp")),
        )

    async def _moved(
        self,
        kind: MovementKind,
        verb: str,
        asset: Asset,
        amount: Decimal,
        instrument: InstrumentId | None,
        deadline_ns: int,
    ) -> Movement:
        if instrument is None:
            method, names = f"{verb}_cross_margin", (asset, plain(amount))
        else:
            market = await self.market_to_write(instrument)
            method = f"{verb}_isolated_margin"
            names = (market["symbol"], asset, plain(amount))  # type: ignore[assignment]
        raw = await self.session.write(
            verb, lambda: getattr(self.driver, method)(*names), deadline_ns=deadline_ns
        )
        return _movement(self, kind, raw, asset, amount)


class MovesMoney(CcxtAccount):
    def wallets(self) -> Sequence[str]:
        known = self.driver.options.get("accountsByType") or {}
        return tuple(sorted(known))

    async def transfer(
        self,
        asset: Asset,
        amount: Decimal,
        *,
        source: str,
        destination: str,
        deadline_ns: int,
    ) -> Movement:
        for name in (source, destination):
            if name.startswith(_SUB):
                raise NotSent(f"{self.manifest.name}: {name}: only between own wallets")
        if not self.driver.markets:
            await self._listed()
        raw = await self.session.write(
            "transfer",
            lambda: self.driver.transfer(asset, plain(amount), source, destination),
            deadline_ns=deadline_ns,
        )
        return _movement(
            self, MovementKind.TRANSFER, raw, asset, amount, source, destination
        )

    async def transfers_after(self, since_ns: int) -> Sequence[Movement]:
        await self.session.markets()
        rows, _ = await self.session.listed(
            "transfers",
            lambda: self.driver.fetch_transfers(None, milliseconds(since_ns), _PAGE),
        )
        if not isinstance(rows, list):
            raise BadPayload("the transfers have another shape")
        return [
            _movement(
                self,
                MovementKind.TRANSFER,
                row,
                Asset(str(row.get("currency") or "")),
                exact(row.get("amount")),
                str(row.get("fromAccount") or ""),
                str(row.get("toAccount") or ""),
            )
            for row in rows
            if row.get("status") not in _FAILED
        ]

    async def _listed(self) -> None:
        problem = ""
        try:
            await self.session.markets()
        except Exception as error:  # noqa: BLE001 - a read failed, whatever it was
            problem = str(error)
        if problem:
            raise NotSent(f"{self.manifest.id} transfer: {problem}")


class ListsSubAccounts(CcxtAccount):
    async def sub_accounts(self) -> Sequence[SubAccount]:
        found = await self.session.read(
            "sub-accounts", lambda: self.quirks.sub_accounts(self.driver, self.context)
        )
        return found or ()


class Earns(CcxtAccount):
    async def earn_offers(self, asset: Asset | None = None) -> Sequence[EarnOffer]:
        found = await self.session.read(
            "earn offers",
            lambda: self.quirks.earn_offers(self.driver, self.context, asset),
        )
        return found or ()

    async def earn_holdings(self) -> Sequence[EarnHolding]:
        found = await self.session.read(
            "earn holdings", lambda: self.quirks.earn_holdings(self.driver, self.context)
        )
        return found or ()

    async def earn_subscribe(
        self, offer: EarnOffer, amount: Decimal, *, deadline_ns: int
    ) -> Movement:
        return await self._earn(
            "subscription",
            lambda: self.quirks.earn_subscribe(
                self.driver, self.context, offer, plain(amount) or ""
            ),
            deadline_ns,
        )

    async def earn_redeem(
        self, holding: EarnHolding, amount: Decimal, *, deadline_ns: int
    ) -> Movement:
        return await self._earn(
            "redemption",
            lambda: self.quirks.earn_redeem(
                self.driver, self.context, holding, plain(amount) or ""
            ),
            deadline_ns,
        )

    async def _earn(
        self, what: str, ask: Callable[[], Awaitable[Movement]], deadline_ns: int
    ) -> Movement:
        return await self.session.write(what, ask, deadline_ns=deadline_ns)


def _movement(
    account: CcxtAccount,
    kind: MovementKind,
    raw: Any,
    asset: Asset,
    amount: Decimal,
    source: str = "",
    destination: str = "",
) -> Movement:
    told = raw if isinstance(raw, dict) else {}
    status = told.get("status")
    if status in _FAILED:
        # It took the request and says of it that it failed: money may be anywhere.
        raise OutcomeUnknown(f"{account.manifest.id}: {kind} {status}", hint="reconcile")
    found = told.get("id")
    return Movement(
        account=account.context.account,
        kind=kind,
        movement_id="" if found is None else str(found),
        asset=asset,
        amount=maybe(told.get("amount")) or amount or ZERO,
        is_done=status in (None, "ok"),
        source=source,
        destination=destination,
        venue_time_ns=time_ns(told.get("timestamp")),
    )


def _mode(said: Any) -> MarginMode:
    text = str(said or "").lower()
    return MarginMode(text) if text in ("cross", "isolated") else MarginMode.NONE

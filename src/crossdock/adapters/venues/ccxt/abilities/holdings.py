"""What an account holds: balances over its wallets, and derivative positions."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.wire.numbers import exact, maybe, positive
from crossdock.errors import BadPayload, ConfigError
from crossdock.model import (
    ZERO,
    Asset,
    Balance,
    MarginMode,
    Position,
    PositionKey,
    PositionSide,
)

_TOTALS = ("info", "free", "used", "total", "timestamp", "datetime", "debt")


class ReadsBalances(CcxtAccount):
    async def balances(self) -> Sequence[Balance]:
        total: dict[str, Decimal] = {}
        held: dict[str, Decimal] = {}
        for wallet, params in self._wallets():
            for asset, (whole, used) in (await self._wallet(wallet, params)).items():
                total[asset] = total.get(asset, ZERO) + whole
                held[asset] = held.get(asset, ZERO) + used
        return [
            Balance(
                account=self.context.account,
                asset=Asset(asset),
                total=whole,
                held=min(max(held[asset], ZERO), max(whole, ZERO)),
            )
            for asset, whole in sorted(total.items())
            if whole or held[asset]
        ]

    async def _wallet(
        self, wallet: str, params: dict[str, Any]
    ) -> dict[str, tuple[Decimal, Decimal]]:
        await self.session.markets()
        what = f"balances of {wallet}" if wallet else "balances"
        raw, _ = await self.session.listed(what, lambda: self.driver.fetch_balance(params))
        if not isinstance(raw, dict) or "total" not in raw:
            raise BadPayload(f"the {what} have another shape")
        found = {}
        owned = self.quirks.totals(raw)
        for asset, row in raw.items():
            if asset in _TOTALS or not isinstance(row, dict):
                continue
            row = {**row, "total": owned.get(asset, row.get("total"))}  # noqa: PLW2901
            free, used, whole = (maybe(row.get(it)) for it in ("free", "used", "total"))
            if whole is None:
                whole = (free or ZERO) + (used or ZERO)
            if used is None:
                used = ZERO if free is None else whole - free
            found[asset] = (whole, used)
        return found

    def _wallets(self) -> list[tuple[str, dict[str, Any]]]:
        known = self.quirks.wallets
        chosen = str(self.context.settings.get("wallets", "")).replace(",", " ").split()
        for name in chosen:
            if name not in known:
                raise ConfigError(
                    f"{self.manifest.name} has no wallet {name}",
                    hint=f"it has {', '.join(known)}",
                )
        # By default the one that orders are paid from: money elsewhere cannot be traded.
        return [(name, dict(known[name])) for name in chosen or list(known)[:1]]


class ReadsPositions(CcxtAccount):
    async def positions(self) -> Sequence[Position]:
        await self.session.markets()
        rows, _ = await self.session.listed("positions", self.driver.fetch_positions)
        if not isinstance(rows, list):
            raise BadPayload("the exchange's positions have another shape")
        found = [self.position(row) for row in rows]
        return [it for it in found if it.quantity]

    def position(self, row: Any) -> Position:
        symbol = str(row.get("symbol") or "")
        side = str(row.get("side") or "").lower()
        contracts = maybe(row.get("contracts")) or ZERO
        if side == "short" and contracts > 0:
            contracts = -contracts
        said = str(row.get("marginMode") or "").lower()
        mode = MarginMode(said) if said in ("cross", "isolated") else MarginMode.NONE
        self.translation.learn_mode(symbol, mode)
        hedged = row.get("hedged") is True and side in ("long", "short")
        realized = row.get("realizedPnl")
        return Position(
            key=PositionKey(
                account=self.context.account,
                instrument=self.translation.instrument(symbol),
                position_side=PositionSide(side) if hedged else PositionSide.NET,
                margin_mode=mode,
                settle=Asset(self._settle(symbol)),
            ),
            quantity=contracts,
            entry_price=positive(row.get("entryPrice")),
            realized_pnl=ZERO if realized is None else exact(realized),
        )

    def _settle(self, symbol: str) -> str:
        market = (self.driver.markets or {}).get(symbol) or {}
        settle = market.get("settle") or market.get("quote")
        if not settle:
            raise BadPayload(f"a position in {symbol}, which is not listed")
        return str(settle)

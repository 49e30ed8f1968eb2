"""Binance Simple Earn, flexible products.

https://developers.binance.com/docs/simple_earn/flexible-locked (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.exchanges.earning.rows import moved, number, optional
from crossdock.model import Asset, EarnHolding, EarnKind, EarnOffer, Movement, MovementKind
from crossdock.toolkit import AdapterContext

_PAGE = 100


class BinanceEarn(Quirks):
    async def earn_offers(
        self, exchange: Any, context: AdapterContext, asset: Asset | None
    ) -> Sequence[EarnOffer]:
        asked = {} if asset is None else {"asset": asset}
        rows = await _rows(exchange.sapi_get_simple_earn_flexible_list, asked)
        return [
            EarnOffer(
                offer_id=row["productId"],
                kind=EarnKind.SAVINGS,
                asset=Asset(row["asset"]),
                rate=optional(row.get("latestAnnualPercentageRate")),
                min_amount=number(row.get("minPurchaseAmount")),
                is_open=row.get("canPurchase") is True and row.get("isSoldOut") is not True,
            )
            for row in rows
        ]

    async def earn_holdings(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[EarnHolding]:
        rows = await _rows(exchange.sapi_get_simple_earn_flexible_position, {})
        return [
            EarnHolding(
                account=context.account,
                offer_id=row["productId"],
                kind=EarnKind.SAVINGS,
                asset=Asset(row["asset"]),
                amount=number(row["totalAmount"]),
                earned=number(row.get("cumulativeTotalRewards")),
            )
            for row in rows
        ]

    async def earn_subscribe(
        self, exchange: Any, context: AdapterContext, offer: EarnOffer, amount: str
    ) -> Movement:
        told = await exchange.sapi_post_simple_earn_flexible_subscribe(
            {"productId": offer.offer_id, "amount": amount}
        )
        return moved(
            context,
            MovementKind.EARN_SUBSCRIBE,
            offer,
            amount,
            movement_id=told.get("purchaseId"),
            is_done=told.get("success") is True,
        )

    async def earn_redeem(
        self, exchange: Any, context: AdapterContext, holding: EarnHolding, amount: str
    ) -> Movement:
        told = await exchange.sapi_post_simple_earn_flexible_redeem(
            {"productId": holding.offer_id, "amount": amount}
        )
        return moved(
            context,
            MovementKind.EARN_REDEEM,
            holding,
            amount,
            movement_id=told.get("redeemId"),
            is_done=told.get("success") is True,
        )


async def _rows(ask: Any, asked: dict[str, Any]) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    page = 1
    while True:
        told = await ask({**asked, "current": page, "size": _PAGE})
        found += told["rows"]
        if len(told["rows"]) < _PAGE:
            return found
        page += 1

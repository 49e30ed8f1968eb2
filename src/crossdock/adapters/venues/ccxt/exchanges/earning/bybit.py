"""Bybit Earn, flexible savings.

https://bybit-exchange.github.io/docs/v5/finance/earn/easy-onchain/create-order (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.exchanges.earning.rows import moved, number, optional
from crossdock.model import Asset, EarnHolding, EarnKind, EarnOffer, Movement, MovementKind
from crossdock.toolkit import AdapterContext

_CATEGORY = "FlexibleSaving"
_WALLET = "UNIFIED"


class BybitEarn(Quirks):
    async def earn_offers(
        self, exchange: Any, context: AdapterContext, asset: Asset | None
    ) -> Sequence[EarnOffer]:
        asked = {"category": _CATEGORY, **({} if asset is None else {"coin": asset})}
        told = await exchange.public_get_v5_earn_product(asked)
        return [
            EarnOffer(
                offer_id=str(row["productId"]),
                kind=EarnKind.SAVINGS,
                asset=Asset(row["coin"]),
                rate=optional(row.get("estimateApr")),
                min_amount=number(row.get("minStakeAmount")),
                max_amount=optional(row.get("maxStakeAmount")),
                is_open=row.get("status") == "Available",
            )
            for row in told["result"]["list"]
        ]

    async def earn_holdings(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[EarnHolding]:
        told = await exchange.private_get_v5_earn_position({"category": _CATEGORY})
        return [
            EarnHolding(
                account=context.account,
                offer_id=str(row["productId"]),
                kind=EarnKind.SAVINGS,
                asset=Asset(row["coin"]),
                amount=number(row["amount"]),
                earned=number(row.get("totalPnl")),
            )
            for row in told["result"]["list"]
            if number(row["amount"])  # what was redeemed whole is listed still
        ]

    async def earn_subscribe(
        self, exchange: Any, context: AdapterContext, offer: EarnOffer, amount: str
    ) -> Movement:
        order_id = await _order(exchange, "Stake", offer, amount)
        return moved(
            context,
            MovementKind.EARN_SUBSCRIBE,
            offer,
            amount,
            movement_id=order_id,
            is_done=False,
        )

    async def earn_redeem(
        self, exchange: Any, context: AdapterContext, holding: EarnHolding, amount: str
    ) -> Movement:
        order_id = await _order(exchange, "Redeem", holding, amount)
        return moved(
            context,
            MovementKind.EARN_REDEEM,
            holding,
            amount,
            movement_id=order_id,
            is_done=False,
        )


async def _order(
    exchange: Any, kind: str, what: EarnOffer | EarnHolding, amount: str
) -> Any:
    told = await exchange.private_post_v5_earn_place_order(
        {
            "category": _CATEGORY,
            "orderType": kind,
            "accountType": _WALLET,
            "coin": what.asset,
            "productId": what.offer_id,
            "amount": amount,
            "orderLinkId": exchange.uuid(),
        }
    )
    return told["result"].get("orderId")

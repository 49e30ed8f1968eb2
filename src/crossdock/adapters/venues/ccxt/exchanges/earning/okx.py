"""OKX Simple Earn flexible.

https://www.okx.com/docs-v5/en/#financial-product-simple-earn-flexible (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.exchanges.earning.rows import moved, number, optional
from crossdock.model import Asset, EarnHolding, EarnKind, EarnOffer, Movement, MovementKind
from crossdock.toolkit import AdapterContext

_LEAST_RATE = "0.01"
"""The lowest rate a year that lending is asked at: the exchange pays the market's."""


class OkxEarn(Quirks):
    async def earn_offers(
        self, exchange: Any, context: AdapterContext, asset: Asset | None
    ) -> Sequence[EarnOffer]:
        asked = {} if asset is None else {"ccy": asset}
        told = await exchange.public_get_finance_savings_lending_rate_summary(asked)
        return [
            EarnOffer(
                offer_id=f"savings:{row['ccy']}",
                kind=EarnKind.SAVINGS,
                asset=Asset(row["ccy"]),
                rate=optional(row.get("estRate") or row.get("avgRate")),
            )
            for row in told["data"]
        ]

    async def earn_holdings(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[EarnHolding]:
        told = await exchange.private_get_finance_savings_balance()
        return [
            EarnHolding(
                account=context.account,
                offer_id=f"savings:{row['ccy']}",
                kind=EarnKind.SAVINGS,
                asset=Asset(row["ccy"]),
                amount=number(row["amt"]),
                earned=number(row.get("earnings")),
            )
            for row in told["data"]
        ]

    async def earn_subscribe(
        self, exchange: Any, context: AdapterContext, offer: EarnOffer, amount: str
    ) -> Movement:
        await exchange.private_post_finance_savings_purchase_redempt(
            {"ccy": offer.asset, "amt": amount, "side": "purchase", "rate": _LEAST_RATE}
        )
        return moved(
            context,
            MovementKind.EARN_SUBSCRIBE,
            offer,
            amount,
            movement_id=None,
            is_done=True,
        )

    async def earn_redeem(
        self, exchange: Any, context: AdapterContext, holding: EarnHolding, amount: str
    ) -> Movement:
        await exchange.private_post_finance_savings_purchase_redempt(
            {"ccy": holding.asset, "amt": amount, "side": "redempt"}
        )
        return moved(
            context,
            MovementKind.EARN_REDEEM,
            holding,
            amount,
            movement_id=None,
            is_done=True,
        )

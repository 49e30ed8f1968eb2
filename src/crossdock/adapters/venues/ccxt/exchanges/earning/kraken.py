"""Kraken Earn.

https://docs.kraken.com/api/docs/rest-api/list-earn-strategies (2026-11-21)
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.exchanges.earning.rows import moved, number, optional
from crossdock.model import Asset, EarnHolding, EarnKind, EarnOffer, Movement, MovementKind
from crossdock.toolkit import AdapterContext


class KrakenEarn(Quirks):
    async def earn_offers(
        self, exchange: Any, context: AdapterContext, asset: Asset | None
    ) -> Sequence[EarnOffer]:
        asked = {} if asset is None else {"asset": asset}
        told = await exchange.private_post_earn_strategies(asked)
        return [_offer(exchange, row) for row in told["result"]["items"]]

    async def earn_holdings(
        self, exchange: Any, context: AdapterContext
    ) -> Sequence[EarnHolding]:
        told = await exchange.private_post_earn_allocations({"hide_zero_allocations": True})
        return [
            EarnHolding(
                account=context.account,
                offer_id=row["strategy_id"],
                kind=EarnKind.STAKING,
                asset=Asset(exchange.safe_currency_code(row["native_asset"])),
                amount=number(row["amount_allocated"]["total"]["native"]),
                earned=number(row.get("total_rewarded", {}).get("native")),
            )
            for row in told["result"]["items"]
        ]

    async def earn_subscribe(
        self, exchange: Any, context: AdapterContext, offer: EarnOffer, amount: str
    ) -> Movement:
        await exchange.private_post_earn_allocate(
            {"strategy_id": offer.offer_id, "amount": amount}
        )
        return moved(
            context,
            MovementKind.EARN_SUBSCRIBE,
            offer,
            amount,
            movement_id=None,
            is_done=False,
        )

    async def earn_redeem(
        self, exchange: Any, context: AdapterContext, holding: EarnHolding, amount: str
    ) -> Movement:
        await exchange.private_post_earn_deallocate(
            {"strategy_id": holding.offer_id, "amount": amount}
        )
        return moved(
            context,
            MovementKind.EARN_REDEEM,
            holding,
            amount,
            movement_id=None,
            is_done=False,
        )


def _offer(exchange: Any, row: dict[str, Any]) -> EarnOffer:
    locked = row.get("lock_type") or {}
    rate = optional((row.get("apr_estimate") or {}).get("low"))
    return EarnOffer(
        offer_id=row["id"],
        kind=EarnKind.STAKING,
        asset=Asset(exchange.safe_currency_code(row["asset"])),
        rate=None if rate is None else rate / 100,
        min_amount=number(row.get("user_min_allocation")),
        lock_s=int(number(locked.get("unbonding_period"))),
        is_open=row.get("can_allocate") is True,
    )

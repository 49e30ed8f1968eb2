"""What a key may do, as the wallet of all of Binance's exchanges tells it.

https://developers.binance.com/docs/wallet/account/api-key-permission, read 2026-11-21.
"""

from __future__ import annotations

from typing import Any

from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.keys import Holder

_DAY_MS = 86_400_000


def restrictions(holder: Holder, now_ns: int) -> dict[str, Any]:
    return {
        "ipRestrict": True,
        "createTime": milliseconds(now_ns) - _DAY_MS,
        "enableReading": True,
        "enableSpotAndMarginTrading": holder.may_trade,
        "enableWithdrawals": holder.may_withdraw,
        "enableInternalTransfer": False,
        "enableMargin": False,
        "enableFutures": holder.may_trade,
        "permitsUniversalTransfer": False,
        "enableVanillaOptions": holder.may_trade,
        "enableFixApiTrade": False,
        "enableFixReadOnly": False,
        "enablePortfolioMarginTrading": False,
    }

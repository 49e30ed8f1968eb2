"""How Binance spot refuses orders.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/errors.md, read 2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.binance_words.refusals import Said, Vocabulary

_LOT = (-1013, "Filter failure: LOT_SIZE", 400)

VOCABULARY = Vocabulary(
    {
        "bad_tick": (-1013, "Filter failure: PRICE_FILTER", 400),
        "bad_lot": _LOT,
        "min_quantity": _LOT,
        "max_quantity": _LOT,
        "min_notional": (-1013, "Filter failure: NOTIONAL", 400),
        "insufficient_funds": (
            -2010,
            "Account has insufficient balance for requested action.",
            400,
        ),
        "would_cross": (-2010, "Order would immediately match and take.", 400),
        "stop_price": (-2010, "Order would trigger immediately.", 400),
        "fok_unfillable": (-2010, "NEW_ORDER_REJECTED", 400),
        "duplicate_client_order_id": (-2010, "Duplicate order sent.", 400),
    }
)


def filtered(name: str) -> Said:
    return Said(-1013, f"Filter failure: {name}")

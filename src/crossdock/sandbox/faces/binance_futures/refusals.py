"""How Binance's futures exchanges refuse orders.

https://developers.binance.com/docs/derivatives/usds-margined-futures/error-code and
https://developers.binance.com/docs/derivatives/coin-margined-futures/error-code, read
2026-11-21.
"""

from __future__ import annotations

from crossdock.sandbox.faces.binance_words.refusals import Said, Vocabulary

_TOO_FINE = "Precision is over the maximum defined for this asset."
_NO_MAKER = (
    "Due to the order could not be executed as maker, the Post Only order will be rejected. "
    "The order will not be recorded in the order history"
)
_NO_WHOLE = (
    "Due to the order could not be filled immediately, the FOK order has been rejected. "
    "The order will not be recorded in the order history"
)

VOCABULARY = Vocabulary(
    {
        "bad_tick": (-4014, "Price not increased by tick size.", 400),
        "bad_lot": (-1111, _TOO_FINE, 400),
        "min_quantity": (-4004, "Quantity less than min quantity.", 400),
        "max_quantity": (-4005, "Quantity greater than max quantity.", 400),
        "min_notional": (
            -4164,
            "Order's notional must be no smaller than the least (unless you choose reduce only).",
            400,
        ),
        "insufficient_funds": (-2019, "Margin is insufficient.", 400),
        "reduce_only": (-2022, "ReduceOnly Order is rejected.", 400),
        "would_cross": (-5022, _NO_MAKER, 400),
        "stop_price": (-2021, "Order would immediately trigger.", 400),
        "fok_unfillable": (-5021, _NO_WHOLE, 400),
        "duplicate_client_order_id": (-4116, "ClientOrderId is duplicated.", 400),
    }
)


def switch_to_algo() -> Said:
    return Said(
        -4120,
        "Order type not supported for this endpoint. "
        "Please use the Algo Order API endpoints instead.",
    )


def wrong_side_mode() -> Said:
    return Said(-4061, "Order's position side does not match user's setting.")

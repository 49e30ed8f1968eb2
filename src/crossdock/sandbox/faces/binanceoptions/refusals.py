"""How Binance's options exchange refuses orders.

https://developers.binance.com/docs/derivatives/options-trading/error-code, read 2026-11-22.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.binance_words.refusals import Said, Vocabulary, Words
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation

_NO_MAKER = (
    "Due to the order could not be executed as maker, the Post Only order will be rejected."
)
_NO_WHOLE = (
    "Due to the order could not be filled immediately, the FOK order has been rejected."
)
_OF_ORDERS: Mapping[str, Words] = {
    "unknown_order": (-2013, "Order does not exist", 400),
    "order_done": (-6028, "Order is in final state", 400),
}


class OptionVocabulary(Vocabulary):
    """Has the same words for an order that is not there, whatever was asked of it."""

    def spoken(self, refusal: Refusal, operation: Operation) -> Words:
        found = _OF_ORDERS.get(refusal.code)
        if found is not None and not isinstance(refusal, Said):
            return found
        return super().spoken(refusal, operation)


VOCABULARY = OptionVocabulary(
    {
        "bad_tick": (-4029, "Tick size precision is invalid.", 400),
        "bad_lot": (-4030, "Step size precision is invalid.", 400),
        "min_quantity": (-4004, "Quantity less than min quantity.", 400),
        "max_quantity": (-4005, "Quantity greater than max quantity.", 400),
        "min_notional": (-2010, "NEW_ORDER_REJECTED", 400),
        "insufficient_funds": (-2018, "Balance is insufficient.", 400),
        "reduce_only": (-6045, "Reduce-only order rejected.", 400),
        "would_cross": (-6047, _NO_MAKER, 400),
        "fok_unfillable": (-6046, _NO_WHOLE, 400),
        "duplicate_client_order_id": (-6044, "clientOrderId is duplicated", 400),
    }
)

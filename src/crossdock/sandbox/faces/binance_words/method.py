"""A call as Binance's exchanges document it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.contract import Act
from crossdock.sandbox.faults import Operation

Prepare = Callable[[Params, str], Act]
Weight = Callable[[Params], int]


@dataclass(frozen=True, slots=True)
class Method:
    """One call. `security` is the documentation's word: NONE, USER_DATA or TRADE, where
    USER_STREAM names its key and signs nothing.

    `orders` is what it adds to the count of orders placed. The weight of calls around
    trading is counted apart, for each of them or, `by_user`, for whom it is signed by.
    `over_websocket` is its name in the WebSocket API, where it has one.
    """

    http: str
    path: str
    prepare: Prepare
    security: str
    weight: int | Weight
    operation: Operation = Operation.READ
    orders: int = 0
    over_websocket: str = ""
    by_user: bool = False

    @property
    def is_apart(self) -> bool:
        return self.path.startswith("/sapi/")

    def weight_of(self, params: Params) -> int:
        return self.weight if isinstance(self.weight, int) else self.weight(params)


def either(for_one: int, for_all: int) -> Weight:
    """Weigh a call by whether it names a symbol."""
    return lambda params: for_one if "symbol" in params else for_all

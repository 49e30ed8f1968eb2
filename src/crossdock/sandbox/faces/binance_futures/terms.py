"""What tells one of Binance's futures exchanges from the other."""

from __future__ import annotations

from dataclasses import dataclass

from crossdock.model import ContractKind


@dataclass(frozen=True, slots=True)
class Terms:
    """One exchange: where its calls and streams are, and how it words amounts of money.

    `money` is what ends the names of fields that hold an order's cost: cumQuote, quoteQty.
    `routes` are the folders of its market streams, "" for those that have none, `private`
    where user data is heard.
    """

    prefix: str
    kind: ContractKind
    money: str
    unit: str
    routes: tuple[str, ...]
    private: str

    @property
    def is_inverse(self) -> bool:
        return self.kind is ContractKind.INVERSE


USD_M = Terms(
    prefix="/fapi",
    kind=ContractKind.LINEAR,
    money="Quote",
    unit="quote",
    routes=("", "/public", "/market"),
    private="/private",
)
COIN_M = Terms(
    prefix="/dapi",
    kind=ContractKind.INVERSE,
    money="Base",
    unit="base",
    routes=("",),
    private="",
)

"""What can be traded. Options there are none.

https://docs.alpaca.markets/reference/get-v2-assets-1 and
https://docs.alpaca.markets/reference/get-options-contracts, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.sandbox.faces.alpaca.assets import STOCK
from crossdock.sandbox.faces.alpaca.params import Query
from crossdock.sandbox.faces.alpaca.refusals import not_found
from crossdock.sandbox.faces.contract import Act, Call

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

Row = dict[str, Any]


class Listing:
    """Assets and contracts."""

    def __init__(self, face: AlpacaFace) -> None:
        self._assets = face.assets

    def assets(self, call: Call) -> Act:
        query = Query(call.request.query)
        asset_class = query.text("asset_class", STOCK)
        status = query.text("status")
        exchange = query.text("exchange")

        def act(_: int) -> list[Row]:
            if status not in ("", "active"):
                return []
            return [
                it.row()
                for it in self._assets.all()
                if it.asset_class == asset_class and exchange in ("", it.exchange)
            ]

        return act

    def asset(self, call: Call) -> Act:
        text = call.request.match_info["symbol"]

        def act(_: int) -> Row:
            found = self._assets.find(text)
            if found is None:
                raise not_found(f"asset not found for {text}")
            return found.row()

        return act

    def contracts(self, _call: Call) -> Act:
        return lambda _: {"option_contracts": [], "next_page_token": None}

    def contract(self, call: Call) -> Act:
        text = call.request.match_info["symbol"]

        def act(_: int) -> Row:
            raise not_found(f"option contract not found for {text}")

        return act

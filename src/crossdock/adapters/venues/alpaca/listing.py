"""The venue's listing, and what was traded besides: options, and stocks that are gone."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Sequence
from decimal import Decimal
from typing import Any
from urllib.parse import quote

from crossdock.adapters.venues.alpaca.instruments import instrument_of, option_of
from crossdock.adapters.venues.alpaca.refusals import NOT_FOUND
from crossdock.adapters.venues.alpaca.symbols import CRYPTO, STOCK, Symbols, option_parts
from crossdock.adapters.venues.alpaca.wire import ContractPage, WireAsset, WireContract
from crossdock.errors import Rejected
from crossdock.model import Instrument, InstrumentId

_ACTIVE = "active"
_FAR_DAY = "2099-12-31"
_MOST_CONTRACTS = "10000"
_USUAL_SIZE = Decimal(100)

Get = Callable[[str, Any, dict[str, str]], Awaitable[Any]]


class Listing:
    """Asks for instruments by `get`; `underlyings` are those whose options are listed."""

    def __init__(self, get: Get, symbols: Symbols, underlyings: Sequence[str]) -> None:
        self._get = get
        self._symbols = symbols
        self._underlyings = underlyings
        self._traded: dict[str, None] = {}  # as the history spoke of them
        self._listed: set[InstrumentId] = set()

    def note(self, symbols: Iterable[str | None]) -> None:
        """Have symbols listed from now on, though they may be traded no more."""
        self._traded.update(dict.fromkeys(filter(None, symbols)))

    def lists(self, instrument: InstrumentId) -> bool:
        return instrument in self._listed

    async def coins(self) -> Sequence[WireAsset]:
        """Return the pairs of coins, and learn their names."""
        query = {"asset_class": CRYPTO, "status": _ACTIVE}
        coins: tuple[WireAsset, ...] = await self._get(
            "/v2/assets", tuple[WireAsset, ...], query
        )
        self._symbols.learn(coins)
        return coins

    async def instruments(self, options_used: Iterable[str]) -> Sequence[Instrument]:
        assets = {it.symbol: it for it in await self.coins()}
        query = {"asset_class": STOCK, "status": _ACTIVE}
        for asset in await self._get("/v2/assets", tuple[WireAsset, ...], query):
            assets[asset.symbol] = asset
        options = {*options_used, *filter(option_parts, self._traded)}
        for symbol in self._traded.keys() - assets.keys() - options:
            gone = await self._asset(symbol)
            if gone is not None and gone.symbol not in assets:
                assets[gone.symbol] = gone
        found = [instrument_of(it, self._symbols) for it in assets.values()]
        found += [option_of(it, self._symbols) for it in await self._contracts(options)]
        self._listed = {it.id for it in found}
        return found

    async def _asset(self, symbol: str) -> WireAsset | None:
        try:
            asset: WireAsset = await self._get(
                f"/v2/assets/{quote(symbol, safe='')}", WireAsset, {}
            )
        except Rejected as refusal:
            if refusal.venue_code == NOT_FOUND:
                return None
            raise
        return asset

    async def _contracts(self, used: set[str]) -> Sequence[WireContract]:
        """Ask for every option of the underlyings, and for single ones that are in use."""
        listed: dict[str, WireContract] = {}
        for underlying in self._underlyings:
            query = {
                "underlying_symbols": underlying,
                "status": _ACTIVE,
                "expiration_date_lte": _FAR_DAY,  # left out, it means the next weekend
                "limit": _MOST_CONTRACTS,
            }
            while True:
                page: ContractPage = await self._get(
                    "/v2/options/contracts", ContractPage, query
                )
                listed |= {it.symbol: it for it in page.option_contracts or ()}
                if not page.next_page_token:
                    break
                query["page_token"] = page.next_page_token
        for symbol in used - listed.keys():
            contract = await self._contract(symbol)
            if contract is not None:
                listed[symbol] = contract
        return list(listed.values())

    async def _contract(self, symbol: str) -> WireContract | None:
        """Ask for one option; an expired one that is not kept is read from its symbol.

        A digit behind the root tells of another deliverable than a hundred shares: there
        the symbol does not say enough.
        """
        try:
            contract: WireContract = await self._get(
                f"/v2/options/contracts/{quote(symbol, safe='')}", WireContract, {}
            )
        except Rejected as refusal:
            if refusal.venue_code != NOT_FOUND:
                raise
        else:
            return contract
        parts = option_parts(symbol)
        if parts is None or parts.root[-1].isdecimal():
            return None
        return WireContract(
            id=symbol,
            symbol=symbol,
            status="inactive",
            tradable=False,
            expiration_date=parts.day,
            underlying_symbol=parts.root,
            type="call" if parts.right == "C" else "put",
            strike_price=parts.strike,
            size=_USUAL_SIZE,
        )

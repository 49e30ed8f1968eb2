"""What an exchange tells besides prices: chains of options, and what a key may do."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.wire.numbers import maybe, positive, time_ns
from crossdock.errors import BadPayload
from crossdock.model import Asset, Greeks, KeyRights, OptionQuote

_PER_CENT = 100.0


class ListsOptions(CcxtAccount):
    async def option_chain(
        self, underlying: Asset, *, expiry_time_ns: int | None = None
    ) -> Sequence[OptionQuote]:
        markets = await self.session.markets()
        listed, _ = await self.session.listed(
            "option chain", lambda: self.driver.fetch_option_chain(underlying)
        )
        if not isinstance(listed, dict):
            raise BadPayload("the chain of options has another shape")
        greeks = await self._greeks(list(listed))
        found = []
        for symbol, row in listed.items():
            market = markets.get(symbol)
            if market is None:
                continue  # expired since the markets were listed
            if expiry_time_ns is not None and time_ns(market["expiry"]) != expiry_time_ns:
                continue
            found.append(self._quote(symbol, row, greeks.get(symbol)))
        return found

    async def _greeks(self, symbols: Sequence[str]) -> dict[str, Any]:
        if self.driver.has.get("fetchAllGreeks") is not True or not symbols:
            return {}
        rows = await self.session.read(
            "greeks", lambda: self.driver.fetch_all_greeks(list(symbols))
        )
        if isinstance(rows, dict):
            return rows
        return {row["symbol"]: row for row in rows or ()}

    def _quote(self, symbol: str, row: Any, greeks: Any) -> OptionQuote:
        told = greeks or {}
        mark = told.get("markImpliedVolatility") or row.get("impliedVolatility")
        return OptionQuote(
            instrument=self.translation.instrument(symbol),
            bid=positive(row.get("bidPrice")),
            ask=positive(row.get("askPrice")),
            last=positive(row.get("lastPrice")),
            mark=positive(row.get("markPrice") or told.get("markPrice")),
            bid_volatility=self._volatility(told.get("bidImpliedVolatility")),
            ask_volatility=self._volatility(told.get("askImpliedVolatility")),
            mark_volatility=self._volatility(mark),
            greeks=None if greeks is None else _greeks_of(greeks),
            open_interest=maybe(row.get("openInterest")),
            underlying_price=positive(row.get("underlyingPrice")),
            venue_time_ns=time_ns(row.get("timestamp")),
        )

    def _volatility(self, said: Any) -> float | None:
        found = _float(said)
        if found is None or not self.quirks.volatility_in_percent:
            return found
        return found / _PER_CENT


class ReadsKeyRights(CcxtAccount):
    async def key_rights(self) -> KeyRights:
        found = await self.session.read(
            "key rights", lambda: self.quirks.key_rights(self.driver, self.context)
        )
        if found is None:
            raise BadPayload("the exchange tells not what the key may do")
        return found


def _greeks_of(raw: Any) -> Greeks:
    return Greeks(
        delta=_float(raw.get("delta")),
        gamma=_float(raw.get("gamma")),
        theta=_float(raw.get("theta")),
        vega=_float(raw.get("vega")),
        rho=_float(raw.get("rho")),
    )


def _float(value: Any) -> float | None:
    found = maybe(value)
    return None if found is None else float(found)

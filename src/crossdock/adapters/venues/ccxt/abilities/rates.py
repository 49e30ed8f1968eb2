"""What trading costs: fees now, and what perpetuals pay."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crossdock.adapters.venues.ccxt.account import CcxtAccount
from crossdock.adapters.venues.ccxt.wire.numbers import (
    exact,
    milliseconds,
    positive,
    time_ns,
)
from crossdock.errors import BadPayload
from crossdock.model import FeeRates, FundingRate, InstrumentId, symbol_of

_PAGE = 100


class ReadsFunding(CcxtAccount):
    async def funding_rates(
        self, instruments: Sequence[InstrumentId]
    ) -> Sequence[FundingRate]:
        markets = [await self.market(it) for it in instruments]
        symbols = [market["symbol"] for market in markets]
        if not symbols:
            return ()
        together = self.driver.has.get("fetchFundingRates") is True
        if together and not self.quirks.funding_one_by_one:
            listed, _ = await self.session.listed(
                "funding rates", lambda: self.driver.fetch_funding_rates(symbols)
            )
            rows = [(listed or {}).get(symbol) for symbol in symbols]
        else:
            rows = [
                await self.session.read(
                    "funding rate",
                    lambda it=it: self.driver.fetch_funding_rate(it),  # type: ignore[misc]
                )
                for it in symbols
            ]
        pairs = zip(instruments, rows, strict=True)
        return [_funding(row, instrument) for instrument, row in pairs if row]

    async def funding_rate_history(
        self, instrument: InstrumentId, *, start_ns: int, end_ns: int
    ) -> Sequence[FundingRate]:
        market = await self.market(instrument)
        params = {"until": milliseconds(end_ns - 1)}
        rows, _ = await self.session.listed(
            "funding rate history",
            lambda: self.driver.fetch_funding_rate_history(
                market["symbol"], milliseconds(start_ns), _PAGE, params
            ),
            wished=params,
        )
        if not isinstance(rows, list):
            raise BadPayload("the funding rates have another shape")
        found = [_funding(row, instrument) for row in rows]
        return sorted(
            (it for it in found if start_ns <= it.funding_time_ns < end_ns),
            key=lambda it: it.funding_time_ns,
        )


class ReadsFees(CcxtAccount):
    async def fee_rates(self, instruments: Sequence[InstrumentId]) -> Sequence[FeeRates]:
        await self.session.markets()
        symbols = [symbol_of(it) for it in instruments]
        has = self.driver.has
        if has.get("fetchTradingFees") is True:
            listed, _ = await self.session.listed("fees", self.driver.fetch_trading_fees)
            rows = [(listed or {}).get(symbol) for symbol in symbols]
        else:
            rows = [
                await self.session.read(
                    "fees",
                    lambda it=it: self.driver.fetch_trading_fee(it),  # type: ignore[misc]
                )
                for it in symbols
            ]
        return [
            FeeRates(
                instrument=instrument,
                maker=exact(row.get("maker")),
                taker=exact(row.get("taker")),
            )
            for instrument, row in zip(instruments, rows, strict=True)
            if row
        ]


def _funding(raw: Any, instrument: InstrumentId) -> FundingRate:
    interval = str(raw.get("interval") or "")
    hours = interval.removesuffix("h")
    return FundingRate(
        instrument=instrument,
        rate=exact(raw.get("fundingRate")),
        funding_time_ns=time_ns(
            raw.get("fundingTimestamp")
            or raw.get("nextFundingTimestamp")
            or raw.get("timestamp")
        ),
        interval_s=int(hours) * 3600 if hours.isdecimal() else 0,
        mark_price=positive(raw.get("markPrice")),
        index_price=positive(raw.get("indexPrice")),
        venue_time_ns=time_ns(raw.get("timestamp")),
    )

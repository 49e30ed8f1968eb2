"""What the makers of calls share: markets, parameters and ids of a recorded case."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from tests.adapters.venues.ccxt.recorded.exchange import Opened
from tests.adapters.venues.ccxt.recorded.reasons import NotOurs

from crossdock.model import ClientOrderId, Instrument
from crossdock.ports import IdCodec

Run = Callable[[Opened], Awaitable[Any]]

IDS = {
    IdCodec.TEXT: "cd-recorded",
    IdCodec.UUID: "d15708c1-dbb6-465d-b77d-47258319cc90",
    IdCodec.UINT32: "1234567890",
    IdCodec.HEX128: "0x" + "1" * 32,
    IdCodec.NONE: "",
}


def instrument_in(opened: Opened, symbol: Any) -> Instrument:
    if not isinstance(symbol, str):
        raise NotOurs("our ports name a market")
    found = opened.instruments.get(symbol)
    if found is None:
        raise NotOurs("its market is not in the recorded list")
    types = opened.adapter.quirks.market_types
    market = opened.adapter.driver.markets[symbol]
    if types and market["type"] not in types:
        raise NotOurs("another member of the family trades this market")
    return found


def params_at(given: list[Any], place: int, *known: str) -> dict[str, Any]:
    params = given[place] if len(given) > place and given[place] else {}
    for name in params:
        if name not in known:
            raise NotOurs(f"a parameter our ports have no word for: {name}")
    return dict(params)


def client_id(opened: Opened, told: Any = None) -> ClientOrderId:
    evidence = opened.manifest.evidence
    assert evidence is not None
    if told is not None and evidence.client_id is IdCodec.TEXT:
        return ClientOrderId(str(told))
    return ClientOrderId(IDS[evidence.client_id])

"""What the engine makes of Coinbase's cursors, and of an id that was used before."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

import pytest

from crossdock.adapters.venues.ccxt.abilities.histories import FillPages
from crossdock.adapters.venues.ccxt.abilities.orders import Submits
from crossdock.adapters.venues.ccxt.family import studied
from crossdock.errors import BadPayload, OutcomeUnknown
from crossdock.model import (
    Asset,
    ClientOrderId,
    ContractKind,
    Instrument,
    OrderType,
    Side,
    TickBand,
    instrument_id,
)
from crossdock.ports import NewOrder

MANIFEST = studied()["coinbase"].manifest()
NOWHERE = "http://127.0.0.1:1"
OURS = ClientOrderId("d15708c1-dbb6-465d-b77d-47258319cc90")
MARKET = {"id": "BTC-USD", "symbol": "BTC/USD", "spot": True, "type": "spot"}
INSTRUMENT = Instrument(
    id=instrument_id("BTC/USD", "coinbase"),
    venue_key="BTC-USD",
    kind=ContractKind.SPOT,
    base=Asset("BTC"),
    quote=Asset("USD"),
    settle=Asset("USD"),
    tick_table=(TickBand(floor=Decimal(0), tick=Decimal("0.01")),),
    quantity_step=Decimal("0.001"),
)


class FakeSession:
    """Answers ccxt's calls with what a test says, in place of the wire."""

    def __init__(self, *pages: Any, taken: Any = None) -> None:
        self.pages = list(pages)
        self.taken = taken
        self.asked: list[dict[str, Any]] = []
        self.driver = SimpleNamespace(
            fetch_my_trades=self._trades,
            create_order=self._create,
            markets={MARKET["symbol"]: MARKET},
        )

    async def markets(self) -> Any:
        return self.driver.markets

    async def listed(
        self, what: str, ask: Callable[[], Awaitable[Any]], **_more: Any
    ) -> tuple[Any, Any]:
        reply = await ask()
        return [trade(it) for it in reply["fills"]], reply

    async def write(
        self, what: str, ask: Callable[[], Awaitable[Any]], **_more: Any
    ) -> Any:
        return await ask()

    async def _trades(
        self, symbol: Any, since: Any, limit: int, params: dict[str, Any]
    ) -> Any:
        self.asked.append(params)
        return self.pages.pop(0) if self.pages else {"fills": [], "cursor": ""}

    async def _create(self, *_said: Any) -> Any:
        return self.taken


def trade(number: int) -> dict[str, Any]:
    return {
        "id": str(number),
        "order": "1",
        "symbol": "BTC/USD",
        "side": "buy",
        "price": "100",
        "amount": "1",
        "timestamp": 1_700_000_000_000 + number,
        "fee": {"cost": "0", "currency": "USD"},
    }


def taken(**terms: str) -> dict[str, Any]:
    said = {"base_size": "1", "limit_price": "100", **terms}
    return {
        "id": "its-own-id",
        "clientOrderId": OURS,
        "symbol": "BTC/USD",
        "side": "buy",
        "info": {"order_configuration": {"limit_limit_gtc": said}},
    }


def order(**more: Any) -> NewOrder:
    return NewOrder(
        **{
            "client_order_id": OURS,
            "instrument": INSTRUMENT,
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": Decimal(1),
            "limit_price": Decimal(100),
            "deadline_ns": 1,
            **more,
        }
    )


def on(session: FakeSession, kind: type[Any], context: Any) -> Any:
    made = kind(context)
    made.session = session
    return made


async def test_pages_are_followed_to_the_last_though_they_are_short(
    make_context: Any,
) -> None:
    session = FakeSession(
        {"fills": [5, 4], "cursor": "4"},
        {"fills": [3], "cursor": "3"},
        {"fills": [2, 1], "cursor": ""},
    )
    async with make_context(MANIFEST, NOWHERE) as context:
        pages = on(session, FillPages, context)
        cursor = f'{{"begun_ms":{1_700_000_000_000}}}'
        page = await pages.fill_page(cursor)
    assert [it.execution_id for it in page.fills] == ["1", "2", "3", "4", "5"]
    assert [it.get("cursor") for it in session.asked] == [None, "4", "3"]


async def test_newest_fill_is_known_from_one_page(make_context: Any) -> None:
    session = FakeSession({"fills": [5, 4], "cursor": "4"})
    async with make_context(MANIFEST, NOWHERE) as context:
        await on(session, FillPages, context).newest_fill_cursor()
    assert [it.get("cursor") for it in session.asked] == [None]


async def test_cursor_that_leads_nowhere_is_no_end(make_context: Any) -> None:
    same = {"fills": [5], "cursor": "5"}
    async with make_context(MANIFEST, NOWHERE) as context:
        pages = on(FakeSession(same, same), FillPages, context)
        with pytest.raises(BadPayload):
            await pages.fill_page(f'{{"begun_ms":{1_700_000_000_000}}}')


async def test_order_that_was_taken_as_asked_is_reported(make_context: Any) -> None:
    async with make_context(MANIFEST, NOWHERE) as context:
        report = await on(FakeSession(taken=taken()), Submits, context).submit(order())
    assert (report.venue_order_id, report.quantity) == ("its-own-id", Decimal(1))


async def test_id_that_was_used_before_leaves_doubt(make_context: Any) -> None:
    async with make_context(MANIFEST, NOWHERE) as context:
        venue = on(FakeSession(taken=taken()), Submits, context)
        await venue.submit(order())
        with pytest.raises(OutcomeUnknown):
            await venue.submit(order())


@pytest.mark.parametrize("terms", [{"base_size": "2"}, {"limit_price": "99"}], ids=str)
async def test_answer_with_another_order_leaves_doubt(
    terms: dict[str, str], make_context: Any
) -> None:
    async with make_context(MANIFEST, NOWHERE) as context:
        venue = on(FakeSession(taken=taken(**terms)), Submits, context)
        with pytest.raises(OutcomeUnknown):
            await venue.submit(order())

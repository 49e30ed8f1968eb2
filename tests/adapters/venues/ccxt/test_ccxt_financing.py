"""Money moved through the whole way: financing, a journal on disk, ccxt, bytes on loopback."""

import asyncio
import json
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.app.financing import Financing
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.errors import DeskError, OutcomeUnknown, Rejected
from crossdock.model import MovementKind
from crossdock.ports import Durability
from crossdock.toolkit import LiveIds

D = Decimal
MOVE = ("POST", "/sapi/v1/asset/transfer")
MOVES = ("GET", "/sapi/v1/asset/transfer")
LOAN = ("POST", "/sapi/v1/margin/borrow-repay")
OFFERS = ("GET", "/sapi/v1/simple-earn/flexible/list")
SUBSCRIBE = ("POST", "/sapi/v1/simple-earn/flexible/subscribe")
OFFER = {
    "asset": "USDT",
    "latestAnnualPercentageRate": "0.05",
    "canPurchase": True,
    "isSoldOut": False,
    "minPurchaseAmount": "0.1",
    "productId": "USDT001",
}


@pytest.fixture
def on(small, tmp_path):
    """Put financing on the small Binance; each call is a start with what the disk holds."""
    opened = []

    def start():
        for journal in opened:
            journal.close()
        journal = JournalFiles.open(tmp_path / "journal", Durability.PROCESS)
        opened.append(journal)
        kernel = Kernel(
            journal=journal,
            clock=small.context.clock,
            ids=LiveIds(),
            on_handler_error=lambda *_: None,
        )
        kernel.recover()
        if not kernel.state.instruments:
            kernel.note([r.InstrumentListed(at=1, instrument=small.instrument)])
        manifest = small.context.manifest
        line = SimpleNamespace(
            manifest=manifest,
            options=SimpleNamespace(account="main", venue="binance"),
            adapter=small.adapter,
        )
        financing = Financing(kernel, "main", line, manifest.evidence)
        financing.doubt_orphans()
        return financing

    yield start
    for journal in opened:
        journal.close()


def reply(small, key, body, **more):
    small.server.next[key] = small.answer(body=json.dumps(body).encode(), **more)


def asked(small, key):
    return [params for method, path, params in small.server.asked if (method, path) == key]


async def move(financing):
    return await financing.transfer("USDT", "100.5", source="spot", destination="linear")


async def test_a_transfer_goes_out_once_and_carries_the_venues_id(small, on):
    reply(small, MOVE, {"tranId": 13526853623})
    financing = on()
    moved = await move(financing)
    assert (moved.kind, moved.movement_id) == (MovementKind.TRANSFER, "13526853623")
    [sent] = asked(small, MOVE)
    assert (sent["type"], sent["asset"]) == ("MAIN_UMFUTURE", "USDT")
    assert D(sent["amount"]) == D("100.5")
    [row] = financing.movements()
    assert (row.venue_movement_id, row.shown_status) == ("13526853623", "Done")


async def test_a_transfer_whose_reply_is_lost_is_found_in_the_history(small, on):
    small.server.next[MOVE] = small.answer(cut=True)
    financing = on()
    with pytest.raises(OutcomeUnknown):
        await move(financing)
    again = on()  # as after kill -9: only the journal is left
    [movement] = again.movements()
    assert movement.is_in_doubt
    with pytest.raises(DeskError, match="in doubt"):
        await move(again)
    assert len(asked(small, MOVE)) == 1
    row = {
        "asset": "USDT",
        "amount": "100.5",
        "type": "MAIN_UMFUTURE",
        "status": "CONFIRMED",
        "tranId": 11415955596,
        "timestamp": movement.asked_at // 1_000_000 + 5,
    }
    reply(small, MOVES, {"total": 1, "rows": [row]})
    looking = asyncio.ensure_future(again.run())
    async with asyncio.timeout(20):
        while movement.is_in_doubt:
            await asyncio.sleep(0)
    looking.cancel()
    await asyncio.gather(looking, return_exceptions=True)
    assert (movement.shown_status, movement.venue_movement_id) == ("Done", "11415955596")
    assert on().movements()[0].shown_status == "Done", "and the disk has it"


@pytest.mark.parametrize(
    ("code", "error", "status"),
    [(-1102, Rejected, "Rejected"), (-3041, OutcomeUnknown, "Unknown")],
)
async def test_only_a_code_with_a_source_is_a_refusal_of_a_loan(
    small, on, code, error, status
):
    body = json.dumps({"code": code, "msg": "no"}).encode()
    small.server.next[LOAN] = small.answer(status=400, body=body)
    financing = on()
    with pytest.raises(error):
        await financing.borrow("USDT", "25")
    [sent] = asked(small, LOAN)
    assert (sent["type"], D(sent["amount"])) == ("BORROW", D(25))
    [movement] = financing.movements()
    assert movement.shown_status == status


async def test_a_loan_is_taken_and_paid_back(small, on):
    financing = on()
    reply(small, LOAN, {"tranId": 1})
    await financing.borrow("USDT", "25")
    reply(small, LOAN, {"tranId": 2})
    await financing.repay("USDT", "25")
    assert [it["type"] for it in asked(small, LOAN)] == ["BORROW", "REPAY"]
    assert [it.venue_movement_id for it in financing.movements()] == ["1", "2"]


async def test_an_offer_is_taken_by_its_id(small, on):
    reply(small, OFFERS, {"rows": [OFFER], "total": 1})
    reply(small, SUBSCRIBE, {"purchaseId": 40607, "success": True})
    moved = await on().earn_subscribe("USDT001", "10")
    assert (moved.movement_id, moved.is_done, moved.asset) == ("40607", True, "USDT")
    [sent] = asked(small, SUBSCRIBE)
    assert (sent["productId"], sent["amount"]) == ("USDT001", "10")


async def test_spot_sets_no_leverage_and_is_not_asked_to(small, on):
    before = len(small.server.asked)
    with pytest.raises(DeskError, match=r"binance \(Binance\) offers no leverage"):
        await on().set_leverage("BTC/USDT", "5")
    assert len(small.server.asked) == before

"""How long a desk takes to know everything again after a crash, from its journal alone.

Writes the records of a month of trading (orders that are sent, accepted, filled and done),
then recovers them as a starting desk does: open the journal, check the newest segment, read
every record, build the state. Once with no snapshot, once with the one that the desk takes
when it closes a segment. One JSON line each.

    python bench/recovery.py [--records 1000000] [--folder DIR]
"""

from __future__ import annotations

import argparse
import gc
import json
import tempfile
import time
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.app.desk.upkeep import KEEP_DONE_S
from crossdock.app.kernel import Kernel
from crossdock.core import records as r
from crossdock.model import (
    AccountId,
    Asset,
    Balance,
    ContractKind,
    Fill,
    Instrument,
    InstrumentId,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TickBand,
    WriteKind,
)
from crossdock.ports import Durability
from crossdock.toolkit.clock import LiveClock, LiveIds

ACCOUNT = AccountId("main")
BITCOIN = InstrumentId("BTC/USDT@alpha")
MONTH_NS = 30 * 86_400 * 10**9
RECORDS_PER_ORDER = 5
BATCH = 1000


def first_records(at: int) -> list[r.AnyRecord]:
    bitcoin = Instrument(
        id=BITCOIN,
        venue_key="1",
        kind=ContractKind.SPOT,
        base=Asset("BTC"),
        quote=Asset("USDT"),
        settle=Asset("USDT"),
        tick_table=(TickBand(floor=Decimal(0), tick=Decimal("0.01")),),
        quantity_step=Decimal("0.00001"),
        taker_fee_rate=Decimal("0.0005"),
    )
    balances = tuple(
        Balance(account=ACCOUNT, asset=Asset(asset), total=Decimal(10**7))
        for asset in ("BTC", "USDT")
    )
    baseline = r.BaselineTaken(
        at=at,
        account=ACCOUNT,
        balances=balances,
        positions=(),
        fill_cursor="0",
        event_cursor="0",
    )
    return [r.InstrumentListed(at=at, instrument=bitcoin), baseline]


def order_records(number: int, at: int) -> list[r.AnyRecord]:
    """Return an order's whole life: intent, attempt, reply, fill, the venue's last word."""
    side = Side.BUY if number % 2 else Side.SELL
    price = Decimal(6_000_000 + number % 1000) / 100
    quantity = Decimal("0.01")
    order_id, client_id, venue_id = f"o-{number}", f"cd-{number}", f"v-{number}"
    attempt_id = f"a-{number}"

    def report(status: OrderStatus, filled: Decimal) -> OrderReport:
        return OrderReport(
            account=ACCOUNT,
            instrument=BITCOIN,
            venue_order_id=venue_id,
            client_order_id=client_id,
            status=status,
            side=side,
            type=OrderType.LIMIT,
            quantity=quantity,
            cumulative_quantity=filled,
            limit_price=price,
            venue_time_ns=at,
            received_time_ns=at,
        )

    fill = Fill(
        account=ACCOUNT,
        instrument=BITCOIN,
        venue_order_id=venue_id,
        execution_id=f"e-{number}",
        side=side,
        price=price,
        quantity=quantity,
        fee=price * quantity * Decimal("0.0005"),
        fee_asset=Asset("USDT"),
        client_order_id=client_id,
        venue_time_ns=at,
        received_time_ns=at,
    )
    request = OrderRequest(
        account=ACCOUNT,
        instrument=BITCOIN,
        side=side,
        type=OrderType.LIMIT,
        quantity=quantity,
        limit_price=price,
        correlation=f"c-{number}",
    )
    return [
        r.OrderIntended(
            at=at,
            order_id=order_id,
            client_order_id=client_id,
            request=request,
            approval_id=f"ap-{number}",
            reference_price=price,
        ),
        r.AttemptStarted(
            at=at, attempt_id=attempt_id, order_id=order_id, kind=WriteKind.SUBMIT
        ),
        r.AttemptEnded(
            at=at,
            attempt_id=attempt_id,
            order_id=order_id,
            outcome=r.Outcome.ACCEPTED,
            report=report(OrderStatus.NEW, Decimal(0)),
        ),
        r.FillRecorded(at=at, fill=fill, source=r.Source.STREAM, order_id=order_id),
        r.OrderReported(
            at=at,
            order_id=order_id,
            report=report(OrderStatus.FILLED, quantity),
            source=r.Source.STREAM,
        ),
    ]


def month(records: int) -> Iterator[bytes]:
    ended = time.time_ns()
    orders = max(records // RECORDS_PER_ORDER, 1)
    began = ended - MONTH_NS
    yield from map(r.encode, first_records(began))
    for number in range(orders):
        at = began + MONTH_NS * number // orders
        yield from map(r.encode, order_records(number, at))


def write(folder: Path, records: int) -> None:
    batch: list[bytes] = []
    with JournalFiles.open(folder, Durability.PROCESS) as journal:
        for payload in month(records):
            batch.append(payload)
            if len(batch) == BATCH:
                journal.append(batch)
                batch = []
        journal.append(batch)


def kernel_of(journal: JournalFiles) -> Kernel:
    return Kernel(
        journal=journal,
        clock=LiveClock(),
        ids=LiveIds(),
        on_handler_error=lambda *_: None,
    )


def recover(folder: Path, row: str) -> None:
    """Open and recover as a desk does, and print how long it took."""
    gc.collect()
    began = time.perf_counter()
    with JournalFiles.open(folder, Durability.PROCESS) as journal:
        opened = time.perf_counter()
        kernel = kernel_of(journal)
        read = kernel.recover()
        done = time.perf_counter()
        line = {
            "bench": "recovery",
            "row": row,
            "unit": "s",
            "open": round(opened - began, 2),
            "read_and_rebuild": round(done - opened, 2),
            "total": round(done - began, 2),
            "records_read": read,
            "orders_known": len(kernel.state.orders),
            "fills": kernel.state.counts.fills,
        }
        print(json.dumps(line), flush=True)
        if kernel.journal.records_since_snapshot == read:
            kernel.snapshot(KEEP_DONE_S)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--records", type=int, default=1_000_000)
    arguments.add_argument("--folder", type=Path, help="a folder on the disk to measure")
    given = arguments.parse_args()
    with tempfile.TemporaryDirectory(dir=given.folder) as name:
        folder = Path(name, "journal")
        write(folder, given.records)
        recover(folder, f"{given.records} records, no snapshot")
        recover(folder, f"{given.records} records, from the snapshot after them")


if __name__ == "__main__":
    main()

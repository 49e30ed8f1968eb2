"""Records and nouns of one account, one instrument and one order, by keyword."""

from dataclasses import replace
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock.core import records as r
from crossdock.core.state import State
from crossdock.model import (
    ContractKind,
    Fill,
    FillKind,
    Instrument,
    OrderReport,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    TickBand,
    WriteKind,
)
from crossdock.ports import Evidence, IdCodec, Lookup, Uniqueness

D = Decimal
INSTRUMENT = Instrument(
    id="BTC/USDT@alpha",
    venue_key="1",
    kind=ContractKind.SPOT,
    base="BTC",
    quote="USDT",
    settle="USDT",
    tick_table=(TickBand(floor=D(0), tick=D("0.1")),),
    quantity_step=D("0.01"),
    taker_fee_rate=D("0.001"),
)


def request(**values):
    return OrderRequest(
        **{
            "account": "main",
            "instrument": INSTRUMENT.id,
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": D(10),
            "limit_price": D(100),
            **values,
        }
    )


def report(**values):
    return OrderReport(
        **{
            "account": "main",
            "instrument": INSTRUMENT.id,
            "venue_order_id": "v1",
            "client_order_id": "c1",
            "status": OrderStatus.NEW,
            "side": Side.BUY,
            "type": OrderType.LIMIT,
            "quantity": D(10),
            "limit_price": D(100),
            **values,
        }
    )


def fill(execution="e1", quantity="1", price="100", **values):
    return Fill(
        **{
            "account": "main",
            "instrument": INSTRUMENT.id,
            "venue_order_id": "v1",
            "execution_id": execution,
            "side": Side.BUY,
            "price": D(price),
            "quantity": D(quantity),
            "fee": D("0.1"),
            "fee_asset": "USDT",
            "kind": FillKind.REPORTED,
            "client_order_id": "c1",
            **values,
        }
    )


def intent(order_id="o1", client="c1", at=1, **values):
    return r.OrderIntended(
        at=at,
        order_id=order_id,
        client_order_id=client,
        request=request(**values),
        approval_id="ap-1",
        reference_price=D(100),
    )


def begun(attempt="a1", order_id="o1", kind=WriteKind.SUBMIT, at=1, **values):
    return r.AttemptStarted(
        at=at, attempt_id=attempt, order_id=order_id, kind=kind, **values
    )


def ended(attempt="a1", outcome=r.Outcome.ACCEPTED, order_id="o1", at=2, **values):
    return r.AttemptEnded(
        at=at, attempt_id=attempt, order_id=order_id, outcome=outcome, **values
    )


def evidence(**values):
    return Evidence(
        **{
            "client_id": IdCodec.TEXT,
            "lookup": Lookup.ANY_ORDER,
            "uniqueness": Uniqueness.FOREVER,
            "retention_s": 86_400,
            "arrival_horizon_s": 5,
            "visibility_lag_s": 1,
            "silence_s": 2,
            **values,
        }
    )


def state(*records):
    made = State()
    made.apply(r.InstrumentListed(at=1, instrument=INSTRUMENT))
    for record in records:
        made.apply(record)
    return made


def known_order(*more, **values):
    """A state whose only order was sent and accepted as `v1`."""
    accepted = ended(report=report(**values))
    return state(intent(), begun(), accepted, *more)


@pytest.fixture(scope="session")
def make():
    return SimpleNamespace(
        instrument=INSTRUMENT,
        request=request,
        report=report,
        fill=fill,
        intent=intent,
        begun=begun,
        ended=ended,
        evidence=evidence,
        state=state,
        known_order=known_order,
        changed=replace,
    )

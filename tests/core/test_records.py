"""Records on paper: every type there and back, old versions upcast, newer ones refused."""

import json
import shutil
from decimal import Decimal
from pathlib import Path
from typing import get_args

import msgspec
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.app.journal_tools import export_lines
from crossdock.core import records as r
from crossdock.core.state import State
from crossdock.errors import JournalError
from crossdock.model import (
    LIMITED,
    TRIGGERED,
    Instrument,
    Leg,
    OrderRequest,
    OrderStatus,
    OrderType,
    Side,
    Signal,
    TickBand,
    TimeInForce,
)
from crossdock.ports import Durability

FORMAT_1 = Path(__file__).parents[1] / "fixtures" / "journals" / "format-1"
TYPES = get_args(r.AnyRecord)

decimals = st.decimals(
    allow_nan=False, allow_infinity=False, min_value=-(10**12), max_value=10**12
)
positive = st.decimals(
    allow_nan=False, allow_infinity=False, min_value="0.00000001", max_value=10**12
)
words = st.text(max_size=12)
shares = st.floats(0, 1)


def requests():
    """Build requests of every type that the model allows."""

    def build(kind, time, expiry, legs, plain):
        return OrderRequest(
            **plain,
            type=kind,
            limit_price=Decimal(100) if kind in LIMITED else None,
            stop_price=Decimal("99.5") if kind in TRIGGERED else None,
            trail_percent=Decimal(2) if kind is OrderType.TRAILING_STOP else None,
            time_in_force=time,
            expire_time_ns=expiry if time is TimeInForce.GTD else None,
            attached=_legs(kind, time, plain) if legs else (),
        )

    plain = st.fixed_dictionaries(
        {
            "account": words,
            "instrument": words,
            "side": st.sampled_from(Side),
            "quantity": positive,
            "reduce_only": st.booleans(),
            "portfolio": words,
            "strategy": words,
            "correlation": words,
        }
    )
    return st.builds(
        build,
        st.sampled_from(OrderType),
        st.sampled_from(TimeInForce),
        st.integers(0, 2**62),
        st.booleans(),
        plain,
    )


def _legs(kind, time, plain):
    """Build a bracket around 100, where the order may have one."""
    if time in (TimeInForce.IOC, TimeInForce.FOK) or plain["reduce_only"]:
        return ()
    below, above = Decimal("90.5"), Decimal(110)
    gain, loss = (above, below) if plain["side"] is Side.BUY else (below, above)
    return (Leg(limit_price=gain), Leg(stop_price=loss, limit_price=loss))


def legs():
    return st.builds(Leg, limit_price=positive, stop_price=st.none() | positive)


def signals():
    return st.builds(
        Signal, confidence=shares, strength=shares, horizon_s=st.floats(0.001, 1e6)
    )


def instruments():
    return st.builds(
        Instrument,
        tick_table=st.tuples(st.builds(TickBand, floor=decimals, tick=positive)),
        quantity_step=positive,
        multiplier=positive,
        tags=st.tuples(words),
    )


st.register_type_strategy(Decimal, decimals)
st.register_type_strategy(OrderRequest, requests())
st.register_type_strategy(Leg, legs())
st.register_type_strategy(Signal, signals())
st.register_type_strategy(Instrument, instruments())


def records(kind):
    if kind is r.Snapshot:
        return st.just(r.Snapshot(at=1, state=msgspec.Raw(b'{"orders":[]}')))
    fields = {}
    if kind is r.StrategySaved:
        fields["state"] = st.dictionaries(words, st.one_of(st.integers(-9, 9), words))
    if kind is r.RequestRefused:
        fields["reasons"] = st.lists(st.tuples(words, words), max_size=3).map(tuple)
    return st.builds(kind, at=st.integers(0, 2**62), **fields)


@pytest.mark.parametrize("kind", TYPES, ids=lambda kind: kind.__name__)
@settings(max_examples=40, deadline=None)
@given(data=st.data())
def test_every_record_reads_back_as_it_was_written(kind, data):
    record = data.draw(records(kind))
    payload = r.encode(record)
    assert payload.startswith(b'{"v":6,"record":"')
    assert r.encode_readable(record) == payload
    again = r.decode(payload)
    if kind is r.Snapshot:
        assert bytes(again.state) == bytes(record.state)
    else:
        assert again == record
    assert r.encode(again) == payload


def test_every_record_type_has_a_tag_of_its_own():
    tags = [kind.__struct_config__.tag for kind in TYPES]
    assert len(set(tags)) == len(tags) == 34


@pytest.mark.parametrize(
    ("old", "today"),
    [
        (
            {"v": 1, "record": "cursor_moved", "at": 5, "account": "main", "cursor": "17"},
            r.CursorsMoved(at=5, account="main", fill_cursor="17"),
        ),
        (
            {
                "v": 1,
                "record": "attempt_ended",
                "at": 6,
                "attempt_id": "a1",
                "order_id": "o1",
                "outcome": "rejected",
                "venue_code": "no_funds",
                "text": "not enough",
            },
            r.AttemptEnded(
                at=6,
                attempt_id="a1",
                order_id="o1",
                outcome=r.Outcome.REJECTED,
                venue_code="no_funds",
                words="not enough",
            ),
        ),
        (
            {"v": 1, "record": "session_ended", "at": 7, "reason": "stopped"},
            r.SessionEnded(at=7, reason="stopped"),
        ),
    ],
)
def test_a_version_1_payload_reads_as_todays_record(old, today):
    assert r.decode(json.dumps(old).encode()) == today


def test_a_newer_version_is_refused_by_name():
    payload = b'{"v":%d,"record":"from_the_future","at":1}' % (r.FORMAT_VERSION + 1)
    with pytest.raises(JournalError, match="newer Crossdock") as refused:
        r.decode(payload)
    assert refused.value.code == "journal-newer"
    assert f"format {r.FORMAT_VERSION + 1}" in str(refused.value)


@pytest.mark.parametrize(
    "payload",
    [
        b"",
        b"\x00\xff",
        b"[]",
        b"7",
        b"null",
        b"{}",
        b'{"v":6,"record":"unheard_of","at":1}',
        b'{"v":6,"record":"session_ended","at":"soon","reason":"x"}',
        b'{"v":6,"record":"session_ended"}',
        b'{"v":1,"record":"unheard_of","at":1}',
        b'{"v":1,"record":"cursor_moved","at":1}',
        b'{"v":0,"record":"session_ended","at":1,"reason":"x"}',
        b'{"v":-3,"record":"session_ended","at":1,"reason":"x"}',
        b'{"v":"2","record":"session_ended","at":1,"reason":"x"}',
        b'{"v":null,"record":"session_ended","at":1,"reason":"x"}',
        b'{"v":1.5,"record":"session_ended","at":1,"reason":"x"}',
    ],
)
def test_garbage_is_a_journal_error(payload):
    with pytest.raises(JournalError):
        r.decode(payload)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
@example(b'"\x80"')
@example(b'{"v":6,"record":"session_ended","at":1,"reason":"\x80"}')
def test_no_bytes_make_reading_fail_in_another_way(payload):
    try:
        r.decode(payload)
    except JournalError:
        return
    raise AssertionError("random bytes are no record")


# ---- a journal of format 1 --------------------------------------------------------


@pytest.fixture
def journal(tmp_path):
    """A copy of it: opening writes the lock and the head, never a segment."""
    shutil.copytree(FORMAT_1, tmp_path / "journal")
    (tmp_path / "journal" / "head.bin").rename(tmp_path / "journal" / "head")
    return tmp_path / "journal"


def segments(folder):
    return {file.name: file.read_bytes() for file in folder.glob("*.segment")}


def test_a_journal_of_format_1_recovers(journal):
    state = State()
    with JournalFiles.open(journal, create=False) as opened:
        for entry in opened.recover():
            state.apply(r.decode(entry.payload))
    filled, refused = (state.orders[name] for name in ("o-1", "o-2"))
    assert filled.status is OrderStatus.PARTIALLY_FILLED
    assert filled.cumulative_quantity == Decimal("0.4")
    assert (refused.status, refused.reason) == (OrderStatus.REJECTED, "not enough USDT")
    assert state.account("main").fill_cursor == "18"
    assert state.account("main").event_cursor == ""
    assert state.ledger.balance("main", "BTC") == Decimal("1.4")


def test_a_journal_of_format_1_exports_in_todays_form(journal):
    lines = [json.loads(line) for line in export_lines(journal)]
    assert [line["sequence"] for line in lines] == list(range(1, len(lines) + 1))
    assert {line["v"] for line in lines} == {r.FORMAT_VERSION}
    kinds = [line["record"] for line in lines]
    assert "cursor_moved" not in kinds and kinds.count("cursors_moved") == 1
    ends = [line for line in lines if line["record"] == "attempt_ended"]
    assert ends[-1]["words"] == "not enough USDT" and "text" not in ends[-1]


def test_a_journal_of_format_1_is_never_rewritten(journal):
    before = segments(journal)
    assert before and all(b'{"v":1,' in data for data in before.values())
    list(export_lines(journal))
    with JournalFiles.open(journal, create=False) as opened:
        list(opened.recover())
    assert segments(journal) == before == segments(FORMAT_1)


def test_new_records_follow_old_ones_in_the_same_journal(journal):
    before = segments(journal)
    with JournalFiles.open(journal, Durability.PROCESS, create=False) as opened:
        opened.append([r.encode(r.SessionEnded(at=99, reason="stopped"))])
    after = segments(journal)
    assert all(after[name].startswith(data) for name, data in before.items())
    with JournalFiles.open(journal, create=False) as opened:
        *_, last = [r.decode(entry.payload) for entry in opened.recover()]
    assert last == r.SessionEnded(at=99, reason="stopped")

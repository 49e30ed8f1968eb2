"""Client order ids have the form that each venue takes, and none comes twice."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crossdock.app.gateway.client_ids import ClientIds
from crossdock.ports import Evidence, IdCodec, Lookup, Uniqueness
from crossdock.toolkit import CountedIds, LiveIds, ManualClock

FORMS = {
    IdCodec.TEXT: re.compile(r"[A-Za-z0-9-]{1,32}"),
    IdCodec.UUID: re.compile(
        r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}"
    ),
    IdCodec.UINT32: re.compile(r"[0-9]{1,10}"),
    IdCodec.HEX128: re.compile(r"0x[0-9a-f]{32}"),
    IdCodec.NONE: re.compile(r""),
}


def evidence(codec):
    return Evidence(
        client_id=codec,
        lookup=Lookup.NONE,
        uniqueness=Uniqueness.NONE,
        retention_s=1,
        arrival_horizon_s=1,
        visibility_lag_s=1,
        silence_s=1,
    )


def made(codec, count, *, ids=None, clock=None, taken=frozenset()):
    makes = ClientIds(
        evidence(codec), ids or LiveIds(), clock or ManualClock(), taken.__contains__
    )
    return [makes.next() for _ in range(count)]


@pytest.mark.parametrize("codec", list(IdCodec))
def test_every_id_has_the_form_of_its_codec(codec):
    for each in made(codec, 200):
        assert FORMS[codec].fullmatch(each), each


@pytest.mark.parametrize("codec", [it for it in IdCodec if it is not IdCodec.NONE])
def test_no_id_comes_twice(codec):
    assert len(set(made(codec, 2000))) == 2000


@pytest.mark.parametrize("codec", list(IdCodec))
def test_a_replay_makes_the_same_ids(codec):
    first, again = (made(codec, 50, ids=CountedIds(), clock=ManualClock()) for _ in "ab")
    assert first == again


def test_a_number_fits_into_32_bits_whatever_the_time():
    for each in made(IdCodec.UINT32, 5, clock=ManualClock(time_ns=2**62)):
        assert 0 <= int(each) < 2**32


@given(st.sets(st.integers(min_value=0, max_value=60)))
def test_a_number_that_an_order_has_is_passed_over(known):
    clock = ManualClock()
    base = clock.time_ns() // 1_000_000
    taken = {str((base + each) % 2**32) for each in known}
    numbers = made(IdCodec.UINT32, 20, clock=clock, taken=taken)
    assert taken.isdisjoint(numbers)
    assert len(set(numbers)) == 20

"""Every recorded call and reply runs through the adapter, or says why it does not apply."""

import asyncio

import pytest
from tests.adapters.venues.ccxt.recorded.exchange import DATA, loaded
from tests.adapters.venues.ccxt.recorded.table import PAGE, names, page_of, tallies

pytestmark = pytest.mark.skipif(
    not DATA.is_dir(), reason="the recorded collection is not here (../shared/data/ccxt)"
)

EXCHANGES = names() if DATA.is_dir() else []


@pytest.fixture(scope="module")
def ran():
    """What became of every case: by "request" or "reply", and exchange."""
    requests, replies = asyncio.run(tallies())
    return {
        "request": {it.exchange: it for it in requests},
        "reply": {it.exchange: it for it in replies},
    }


@pytest.mark.parametrize("side", ["request", "reply"])
@pytest.mark.parametrize("exchange", EXCHANGES)
def test_a_recorded_case_passes_or_says_why_it_does_not_apply(ran, side, exchange):
    for it in ran[side][exchange].outcomes:
        assert it.passed or it.reason, f"{it.method}: {it.description}: {it.difference}"


@pytest.mark.parametrize("exchange", EXCHANGES)
def test_no_case_fails_for_a_fault_of_the_adapter(ran, exchange):
    for side in ("request", "reply"):
        for it in ran[side][exchange].outcomes:
            for fault in ("AttributeError", "TypeError", "KeyError", "IndexError"):
                assert fault not in it.reason, it


def test_every_case_of_the_collection_is_counted(ran):
    for side, folder in (("request", "request"), ("reply", "response")):
        for exchange in EXCHANGES:
            methods = loaded(folder, exchange)["methods"]
            cases = sum(len(cases) for cases in methods.values())
            assert len(ran[side][exchange].outcomes) == cases


def test_the_page_of_recorded_cases_is_current(ran):
    page = page_of(list(ran["request"].values()), list(ran["reply"].values()))
    assert PAGE.read_text() == page, (
        "write it: python -m tests.adapters.venues.ccxt.recorded.table"
    )

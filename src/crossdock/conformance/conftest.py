"""Finds every venue adapter that is installed and sets it up for each question."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack
from importlib.metadata import entry_points
from typing import Any

import pytest
import pytest_asyncio

from crossdock.app.registry import GROUPS, Registry
from crossdock.conformance.bench import Peer
from crossdock.conformance.rig import Rig, set_up
from crossdock.conformance.subjects import Subject, examples_of, subjects_of
from crossdock.ports import Manifest


def _venues() -> list[Manifest]:
    found = {manifest.id: manifest for manifest in Registry().manifests("venue")}
    for point in entry_points(group=GROUPS["venue"]):
        for example in examples_of(point):
            found.setdefault(example.id, example)
    return list(found.values())


_VENUES = _venues()
_SUBJECTS = [subject for manifest in _VENUES for subject in subjects_of(manifest)]


class Peers:
    """Each adapter's peer, started when it is first asked for."""

    def __init__(self, stack: ExitStack) -> None:
        self._stack = stack
        self._running: dict[tuple[str, object], Peer] = {}

    def of(self, subject: Subject) -> Peer:
        key = (subject.manifest.id, subject.peer)
        if key not in self._running:
            entered = self._stack.enter_context(subject.peer(subject.manifest))
            self._running[key] = entered
        return self._running[key]


_ALWAYS = ("test_venue_declaration", "test_venue_orders")


def _asked(module: str) -> list[Any]:
    """Return every subject; where its own module says so, a few questions are asked of it
    always and the others in a campaign.
    """
    is_short = module.rpartition(".")[2] in _ALWAYS
    return [
        subject
        if is_short or subject.is_always_asked
        else pytest.param(subject, marks=pytest.mark.campaign)
        for subject in _SUBJECTS
    ]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "campaign: questions not asked on every run")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "subject" in metafunc.fixturenames:
        metafunc.parametrize("subject", _asked(metafunc.module.__name__), ids=str)
    elif "manifest" in metafunc.fixturenames:
        metafunc.parametrize("manifest", _VENUES, ids=lambda it: it.id)


@pytest.fixture(scope="session")
def peers() -> Iterator[Peers]:
    with ExitStack() as stack:
        yield Peers(stack)


@pytest_asyncio.fixture
async def rig(
    subject: Subject, peers: Peers, caplog: pytest.LogCaptureFixture
) -> AsyncIterator[Rig]:
    """One adapter, its proxy and a fresh account. No secret may be in what was logged."""
    caplog.set_level(logging.DEBUG)
    async with peers.of(subject).bench() as bench, set_up(subject, bench) as rig:
        yield rig
    # `caplog.records` are those of the teardown, which is now.
    logged = [*caplog.get_records("setup"), *caplog.get_records("call"), *caplog.records]
    for record in logged:
        rig.assert_no_secret(f"{record.getMessage()} {record.__dict__!r}")

import pytest
import pytest_asyncio

from crossdock.adapters.venues.sandbox import MANIFEST
from crossdock.conformance.bench import Subject
from crossdock.conformance.rig import set_up


@pytest.fixture(scope="session")
def sandbox_peer():
    from crossdock.adapters.venues.sandbox.conformance import peer

    with peer(MANIFEST) as running:
        yield running


@pytest_asyncio.fixture
async def sandbox(sandbox_peer):
    """The adapter on a fresh venue of a real sandbox, orders over a WebSocket."""
    subject = Subject(MANIFEST, "ws", {"order_entry": "ws"}, sandbox_peer)
    async with sandbox_peer.bench() as bench, set_up(subject, bench) as rig:
        yield rig

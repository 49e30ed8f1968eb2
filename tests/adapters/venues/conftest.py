import pytest
import pytest_asyncio

from crossdock.adapters.venues.sandbox import MANIFEST
from crossdock.conformance.rig import set_up
from crossdock.conformance.subjects import subjects_of

_OVER_WEBSOCKET, _BY_REST = subjects_of(MANIFEST)


@pytest.fixture(scope="session")
def sandbox_peer():
    with _OVER_WEBSOCKET.peer(MANIFEST) as running:
        yield running


@pytest_asyncio.fixture
async def sandbox(sandbox_peer):
    """The adapter on a fresh venue of a real sandbox, orders over a WebSocket."""
    async with sandbox_peer.bench() as bench, set_up(_OVER_WEBSOCKET, bench) as rig:
        yield rig

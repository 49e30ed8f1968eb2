"""Events, and a notifier that fails by script."""

import pytest

from crossdock.ports import AlertEvent, AlertKind, AlertLevel

START_NS = 1_700_000_000_000_000_000


class Phone:
    """Keeps what it took. `script` holds what to do next: None takes, an error is raised."""

    def __init__(self):
        self.taken = []
        self.tries = []
        self.script = []

    async def notify(self, alert, *, again, deadline_ns):
        self.tries.append((alert.id, again))
        failure = self.script.pop(0) if self.script else None
        if failure is not None:
            raise failure
        self.taken.append(alert)

    @property
    def events(self):
        return [event.id for alert in self.taken for event in alert.events]

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None


@pytest.fixture
def phone():
    return Phone()


@pytest.fixture(scope="session")
def event_at():
    def make(number, kind=AlertKind.FILL, level=AlertLevel.NOTE, at=None, **facts):
        given = {
            "account": "main",
            "instrument": "BTC/USDT@alpha",
            "side": "buy",
            "quantity": "0.5",
            "price": "100",
            **facts,
        }
        return AlertEvent(
            id=f"{kind}-{number}",
            at=START_NS + number if at is None else at,
            kind=kind,
            level=level,
            title=f"{kind} {number}",
            words=f"words {number}",
            facts=given,
        )

    return make

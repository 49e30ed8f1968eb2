"""Accounts and streams that leave and come back, which no record tells."""

from types import SimpleNamespace

import pytest

from crossdock.app.gateway.connected import Standing
from crossdock.app.notify.standing import Standings
from crossdock.toolkit.health import HealthState, Verdict


class Watched:
    """A desk of one account with one stream, looked at by seconds."""

    def __init__(self):
        self.state = HealthState.OK
        health = SimpleNamespace(verdict=lambda: Verdict(state=self.state, words="words"))
        self.gateway = SimpleNamespace(
            standing=Standing.READY, reason="cut", streams=lambda: {"market": health}
        )
        self.standings = Standings(SimpleNamespace(gateways={"main": self.gateway}))

    def look(self, *seconds):
        found = []
        for second in seconds:
            found += self.standings.look(second * 1_000_000_000)
        return [event.title for event in found]


@pytest.fixture
def desk():
    return Watched()


@pytest.mark.parametrize("state", [HealthState.DOWN, HealthState.MUTE])
def test_a_stream_that_falls_silent_is_told_once_and_again_when_it_is_back(desk, state):
    assert desk.look(0, 2) == []
    desk.state = state
    assert desk.look(4, 8) == []
    assert desk.look(14, 16, 60) == [f"The market stream of main is gone: {state}: words"]
    desk.state = HealthState.OK
    assert desk.look(64, 66) == ["The market stream of main is back after 60 s"]


def test_what_lasts_only_seconds_is_nobodys_concern(desk):
    desk.look(0)
    for second in range(2, 200, 10):
        desk.state = HealthState.DOWN
        assert desk.look(second, second + 6) == []
        desk.state = HealthState.OK
        assert desk.look(second + 8) == []


def test_an_account_that_leaves_takes_its_streams_along_in_one_message(desk):
    desk.look(0)
    desk.gateway.standing, desk.state = Standing.AWAY, HealthState.DOWN
    assert desk.look(2, 12, 20) == ["main is gone: cut"]
    desk.gateway.standing, desk.state = Standing.READY, HealthState.OK
    assert desk.look(22) == ["main is back after 20 s"]


def test_what_never_came_has_not_left(desk):
    desk.gateway.standing, desk.state = Standing.CONNECTING, HealthState.DOWN
    assert desk.look(0, 30) == []
    desk.gateway.standing = Standing.READY
    assert desk.look(40, 80) == []

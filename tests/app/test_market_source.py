"""The market that a simulated account trades against, taken from another account's venue."""

from types import SimpleNamespace

import pytest

from crossdock.app.market_source import with_market
from crossdock.errors import ConfigError
from crossdock.toolkit.clock import CountedIds
from crossdock.toolkit.context import AdapterContext
from crossdock.toolkit.health import HealthRegistry, HealthState


class Adapter:
    """It marks its market's health by its account's name, as adapters do."""

    def __init__(self, context):
        self.context = context
        self.market_health = context.health.stream(f"{context.account} market")

    async def __aenter__(self):
        self.market_health.connected()
        return self

    async def __aexit__(self, *_):
        self.market_health.disconnected("closed by us")


class OneFactory:
    def factory(self, manifest):
        return Adapter


@pytest.fixture
def health(clock):
    return HealthRegistry(clock)


@pytest.fixture
def contexts(toy, clock, health):
    def make(account):
        return AdapterContext(
            account=account,
            venue={"live": "kraken", "paper": "simulated"}[account],
            manifest=toy.MANIFEST,
            settings={},
            clock=clock,
            ids=CountedIds(),
            http=None,
            budgets=None,
            health=health,
            state=None,
            masker=None,
        )

    return make


def settings_with(market):
    accounts = {
        name: SimpleNamespace(market=market, instruments=()) for name in ("live", "paper")
    }
    return SimpleNamespace(accounts=accounts, file=None)


async def test_a_market_taken_from_another_account_says_nothing_of_that_accounts_streams(
    contexts, health
):
    """Else a live stream that is mute would look well for as long as the copy is."""
    live = health.stream("live market")
    opened = with_market(settings_with("live"), OneFactory(), contexts("paper"), contexts)
    async with opened as adapter:
        assert adapter.context.market.context.account == "live"
        assert adapter.context.market.context.venue == "simulated"
        assert adapter.market_health is health.stream("paper market")
        assert live.verdict().state is HealthState.DOWN
    assert live.last_end == ""


@pytest.mark.parametrize("market", ["paper", "nobody", ""])
async def test_a_market_that_is_no_other_account_is_named(contexts, market):
    opened = with_market(settings_with(market), OneFactory(), contexts("paper"), contexts)
    with pytest.raises(ConfigError, match=r"accounts\.paper\.market"):
        async with opened:
            pass

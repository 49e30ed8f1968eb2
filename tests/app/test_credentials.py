"""A key that can withdraw does not trade; what the broker says of an account is heard."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.gateway.facts import EVERY_S
from crossdock.core import records as r
from crossdock.errors import AuthFailed, BadPayload, RiskRefused, Unreachable
from crossdock.model import AccountFacts, KeyRights, Right

D = Decimal
TRADES = frozenset({Right.READ, Right.TRADE})
WITHDRAWS = TRADES | {Right.WITHDRAW}


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


@pytest.fixture
def keyed(toy, clock):
    """A venue that tells what the key may do."""

    class Keyed(toy.Venue):
        rights = KeyRights(rights=TRADES, is_address_bound=True)

        async def key_rights(self):
            await self._read("key_rights")
            if isinstance(self.rights, Exception):
                raise self.rights
            return self.rights

    return Keyed(clock)


def alarms(kernel):
    return [alarm.code for alarm in kernel.state.alarms]


async def test_an_account_whose_key_can_withdraw_asks_nothing_else_and_never_trades(
    toy, clock, kernel, keyed
):
    keyed.rights = KeyRights(rights=WITHDRAWS)
    gateway = toy.gateway(kernel, keyed, moves_money=True)
    async with toy.running(gateway):
        await toy.until(clock, lambda: len(keyed.called("key_rights")) > 2)
        assert "can withdraw money" in gateway.reason
        assert "reads and trades and nothing else" in gateway.reason
        assert {call for call, _ in keyed.calls} == {"key_rights"}
        assert alarms(kernel) == ["key-can-withdraw", "account-away"], "told once"
        keyed.rights = KeyRights(rights=TRADES)
        await toy.until(clock, gateway.ready.is_set)
        assert gateway.key == "may read, trade"


async def test_it_trades_where_a_setting_says_so_and_that_is_journaled(
    toy, clock, kernel, keyed
):
    keyed.rights = KeyRights(rights=WITHDRAWS)
    gateway = toy.gateway(kernel, keyed, moves_money=True, allow_withdrawal_keys=True)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
    [alarm] = kernel.journal.records(r.Alarmed)
    assert alarm.code == "key-can-withdraw"
    assert "accounts.main.allow_withdrawal_keys = true" in alarm.words


async def test_keys_of_test_environments_are_told_of_and_trade(toy, clock, kernel, keyed):
    keyed.rights = KeyRights(rights=WITHDRAWS)
    gateway = toy.gateway(kernel, keyed)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
    assert alarms(kernel) == ["key-can-withdraw"]


@pytest.mark.parametrize(
    ("rights", "code", "words"),
    [
        (KeyRights(rights=TRADES, is_address_bound=False), "key-not-bound", "bind it"),
        (
            KeyRights(rights=TRADES, expires_time_ns=3 * 86_400 * 10**9),
            "key-expiring",
            "expires in",
        ),
        (BadPayload("no shape"), "key-unchecked", "could not be checked: no shape"),
    ],
)
async def test_what_is_doubtful_about_a_key_is_told_and_it_trades(
    toy, clock, kernel, keyed, rights, code, words
):
    keyed.rights = rights
    if isinstance(rights, KeyRights) and rights.expires_time_ns is not None:
        keyed.rights = replace(rights, expires_time_ns=clock.time_ns() + 3 * 86_400 * 10**9)
    gateway = toy.gateway(kernel, keyed, moves_money=True)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
    [alarm] = kernel.journal.records(r.Alarmed)
    assert alarm.code == code
    assert words in alarm.words


async def test_a_venue_that_tells_nothing_of_keys_is_said_to(toy, clock, kernel, venue):
    gateway = toy.gateway(kernel, venue, moves_money=True)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
    assert "does not tell what a key may do" in gateway.key
    assert alarms(kernel) == []


# ---- the broker's facts ----------------------------------------------------------


def facts(**values):
    return AccountFacts(
        **{"account": "main", "currency": "USD", "equity": D(24_000), **values}
    )


@pytest.fixture
def brokers(toy, clock):
    class Broker(toy.Venue):
        told = facts()

        async def account_facts(self):
            await self._read("account_facts")
            if isinstance(self.told, Exception):
                raise self.told
            return self.told

    return Broker(clock, tags=("class:us_equity",))


RULE = "\nday_trades_max = 3\n"


async def test_the_brokers_count_of_day_trades_holds_where_it_is_the_larger(
    toy, clock, open_toy_desk, brokers
):
    brokers.told = facts(day_trades=3)
    async with open_toy_desk(brokers, risk=toy.RISK + RULE) as desk:
        with pytest.raises(
            RiskRefused, match="3 day trades in five days with equity 24000"
        ):
            desk.dealing.place(toy.order())
        brokers.told = facts(day_trades=3, equity=D(25_000))
        asked = len(brokers.called("account_facts"))
        await toy.until(
            clock, lambda: len(brokers.called("account_facts")) > asked, step_s=EVERY_S / 4
        )
        brokers.quote()
        await clock.settle()
        desk.dealing.place(toy.order())


async def test_a_broker_that_counts_none_does_not_hold_the_account_to_the_rule(
    toy, open_toy_desk, brokers
):
    async with open_toy_desk(brokers, risk=toy.RISK + RULE) as desk:
        desk.kernel.state.account("main").day_trades[10**6] = 9
        assert desk.view.account("main").day_trades == 0
        desk.dealing.place(toy.order())


async def test_an_account_that_the_broker_blocked_takes_no_order(
    toy, open_toy_desk, brokers
):
    brokers.told = facts(is_trading_blocked=True)
    async with open_toy_desk(brokers) as desk:
        with pytest.raises(RiskRefused, match="the broker has blocked trading"):
            desk.dealing.place(toy.order())


async def test_facts_that_cannot_be_had_again_stay_as_they_were(
    toy, clock, kernel, brokers
):
    brokers.told = facts(day_trades=2)
    gateway = toy.gateway(kernel, brokers)
    async with toy.running(gateway):
        await toy.until(clock, gateway.ready.is_set)
        brokers.told = Unreachable("the line is cut")
        before = len(brokers.called("account_facts"))
        await toy.until(
            clock, lambda: len(brokers.called("account_facts")) > before, step_s=EVERY_S / 4
        )
        assert gateway.facts == facts(day_trades=2)
        brokers.told = AuthFailed("the key is gone")
        await toy.until(clock, lambda: not gateway.ready.is_set(), step_s=EVERY_S / 4)
        assert "the key is gone" in gateway.reason

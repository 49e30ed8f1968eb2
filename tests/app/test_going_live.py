"""Real money moves only where a person said so, and on the first day only a little of it."""

from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.live import Confirmation, confirmed_by_name, phrase_of, unconfirmed
from crossdock.app.live.confirmation import note_confirmed
from crossdock.app.live.first_day import UNKNOWN, first_day_notional
from crossdock.core import records as r
from crossdock.core.state import State
from crossdock.errors import ConfigError
from crossdock.model import OrderStatus, Side
from crossdock.ports import Setting

D = Decimal
LIVE = '[desk]\nmode = "live"\n'
DAY_NS = 86_400 * 10**9


@pytest.fixture
def broker(toy):
    return replace(
        toy.MANIFEST, real_money=True, settings={"url": Setting(help="", default="")}
    )


@pytest.fixture
def kernel(toy, clock, journal):
    return toy.kernel(clock, journal)


def test_a_live_account_that_nobody_confirmed_starts_nothing(
    settings_of, broker, kernel, journal
):
    settings = settings_of(LIVE, manifest=broker)
    assert settings.live_accounts() == ("main",)
    with pytest.raises(ConfigError, match="main would trade real money") as refused:
        note_confirmed(settings, kernel, {})
    assert refused.value.code == "live-unconfirmed"
    assert "--yes-live main" in refused.value.hint
    assert journal.records() == []


def test_a_confirmation_is_journaled_with_who_and_when_and_asked_once(
    settings_of, broker, kernel, journal, clock
):
    settings = settings_of(LIVE, manifest=broker)
    said = Confirmation(by="ann", words=phrase_of("main"))
    note_confirmed(settings, kernel, {"main": said})
    [record] = journal.records(r.LiveConfirmed)
    assert (record.by, record.words, record.at) == (
        "ann",
        "trade main for real",
        clock.time_ns(),
    )
    note_confirmed(settings, kernel, {})
    assert len(journal.records()) == 1
    restored = State.restore(kernel.state.snapshot(1, 0))
    assert unconfirmed(settings, restored) == []


def test_an_account_that_leads_elsewhere_since_is_asked_about_again(
    settings_of, broker, kernel
):
    settings = settings_of(LIVE, manifest=broker)
    note_confirmed(settings, kernel, {"main": Confirmation(by="ann", words="yes")})
    moved = replace(
        settings,
        accounts={"main": settings.accounts["main"].model_copy(update={"venue": "beta"})},
    )
    assert unconfirmed(moved, kernel.state) == ["main"]


def test_what_moves_no_real_money_is_never_asked_about(settings_of, toy, broker, kernel):
    for settings in (
        settings_of(LIVE, manifest=toy.MANIFEST),
        settings_of(
            LIVE,
            manifest=replace(
                broker, settings={"url": Setting(help="", default="http://localhost:1")}
            ),
        ),
    ):
        assert settings.live_accounts() == ()
        note_confirmed(settings, kernel, {})


def test_a_name_that_would_move_no_real_money_is_not_taken_for_a_confirmation(
    settings_of, broker
):
    settings = settings_of(LIVE, manifest=broker)
    with pytest.raises(ConfigError, match="--yes-live mian") as refused:
        confirmed_by_name(settings, ["mian"], "ann")
    assert "main" in refused.value.hint
    assert confirmed_by_name(settings, ["main"], "ann")["main"].by == "ann"


async def test_a_desk_asks_before_anything_connects(open_toy_desk, venue, broker):
    with pytest.raises(ConfigError, match="nobody confirmed"):
        async with open_toy_desk(venue, text=LIVE, manifest=broker):
            pass
    assert (venue.connections, venue.calls) == (0, [])


# ---- the first day ---------------------------------------------------------------


def live_state(toy, since):
    state = State()
    state.apply(r.InstrumentListed(at=1, instrument=toy.listed()))
    confirmed = r.LiveConfirmed(
        at=since, account="main", adapter="toy", venue="alpha", by="ann", words="yes"
    )
    state.apply(confirmed)
    return state


def intend(state, toy, number, at, **values):
    intended = r.OrderIntended(
        at=at,
        order_id=f"o{number}",
        client_order_id=f"c{number}",
        request=toy.order(**values),
        approval_id="ap",
        reference_price=D(100),
    )
    state.apply(intended)
    return state.orders[f"o{number}"]


def test_orders_of_the_first_day_add_up_filled_or_not(toy):
    begun = 20_000 * DAY_NS + 5
    state = live_state(toy, begun)
    intend(state, toy, 1, begun + 1, quantity=D(2), limit_price=D(10))
    intend(state, toy, 2, begun + 2, quantity=D(1), limit_price=D(30), side=Side.SELL)
    gone = intend(state, toy, 3, begun + 3, quantity=D(9))
    gone.status = OrderStatus.REJECTED
    canceled = intend(state, toy, 4, begun + 4, quantity=D(1), limit_price=D(7))
    canceled.status = OrderStatus.CANCELED
    two = lambda asset: D(2)  # noqa: E731
    assert first_day_notional(state, "main", begun + 9, two) == 2 * (20 + 30 + 7)
    assert first_day_notional(state, "other", begun + 9, two) is None


def test_the_first_day_ends_with_the_utc_day(toy):
    begun = 20_000 * DAY_NS + DAY_NS - 1
    state = live_state(toy, begun)
    one = lambda asset: D(1)  # noqa: E731
    assert first_day_notional(state, "main", begun, one) == 0
    assert first_day_notional(state, "main", begun + 1, one) is None
    assert first_day_notional(State(), "main", begun, one) is None


def test_what_has_no_price_counts_as_more_than_any_limit(toy):
    begun = 20_000 * DAY_NS
    state = live_state(toy, begun)
    intend(state, toy, 1, begun + 1)
    assert first_day_notional(state, "main", begun + 2, lambda asset: None) == UNKNOWN

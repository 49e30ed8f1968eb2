"""A dry run says what placing would say, and leaves nothing behind."""

from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.errors import DeskError, RiskRefused

D = Decimal
BUY = {"side": "buy", "symbol": "BTC/USDT", "quantity": "1"}


@pytest.fixture
def venue(toy, clock):
    return toy.Venue(clock, maker_fee_rate=D("0.0002"))


async def test_a_dry_run_leaves_no_record_no_reservation_and_no_call(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        before = desk.kernel.sequence, len(venue.calls)
        told = desk.operations.table()["dry_run"](**BUY, limit="99")
        assert told["passes"] and told["reasons"] == []
        assert (desk.kernel.sequence, len(venue.calls)) == before
        assert desk.kernel.state.reservations.orders() == 0


async def test_a_dry_run_says_what_it_costs_and_what_is_left(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        told = desk.operations.dry_run(**BUY, limit="99")
        assert (told["notional"], told["currency"]) == ("99", "USDT")
        assert (told["fee"], told["fee_currency"]) == ("0.0198", "USDT")  # it would rest
        assert told["position_after"] == "11.00" or D(told["position_after"]) == 11
        free = D(told["buying_power_after"])
        assert free == 100_000 - D("99") * D("1.001")
        market = desk.operations.dry_run(**BUY)
        assert market["type"] == "market" and market["price"] is None
        assert D(market["fee"]) == D("100.1") * D("0.001")  # it takes


@pytest.mark.parametrize(
    "risk", ["order_quantity_max = 0.5", "order_notional_max = 10\nprice_collar_bps = 5"]
)
async def test_a_dry_run_and_the_real_order_are_refused_in_the_same_words(
    toy, venue, open_toy_desk, risk
):
    async with open_toy_desk(
        venue, risk=toy.RISK.replace("price_collar_bps", "#") + risk + "\n"
    ) as desk:
        told = desk.operations.dry_run(**BUY, limit="90")
        with pytest.raises(RiskRefused) as refused:
            desk.operations.place(**BUY, limit="90")
        assert not told["passes"] and told["confirmation"] == "type"
        assert told["reasons"] == [list(each) for each in refused.value.reasons]
        assert told["allowed_quantity"] == refused.value.allowed_quantity


@pytest.mark.parametrize(
    ("quantity", "confirmation"),
    [("2", "none"), ("2.5", "none"), ("3", "click"), ("7", "click"), ("8", "type")],
)
async def test_the_nearer_to_what_would_be_refused_the_more_a_person_confirms(
    toy, venue, open_toy_desk, quantity, confirmation
):
    risk = toy.RISK + "order_quantity_max = 10\n"
    async with open_toy_desk(venue, risk=risk) as desk:
        told = desk.operations.dry_run(**{**BUY, "quantity": quantity}, limit="99")
        assert told["passes"] and told["confirmation"] == confirmation


async def test_an_order_that_needs_approval_does_not_pass_until_somebody_approves(
    toy, venue, open_toy_desk
):
    async with open_toy_desk(venue, risk=toy.RISK + "approval_over = 50\n") as desk:
        told = desk.operations.dry_run(**BUY, limit="99")
        assert [check for check, _ in told["reasons"]] == ["approval"]
        assert desk.operations.dry_run(**BUY, limit="99", approved_by="Ann", door="cli")[
            "passes"
        ]


async def test_terms_that_are_none_are_refused_as_when_placing(venue, open_toy_desk):
    async with open_toy_desk(venue) as desk:
        for terms in ({"symbol": "DOGE/USDT"}, {"quantity": "much"}):
            with pytest.raises(DeskError) as dry:
                desk.operations.dry_run(**{**BUY, **terms})
            with pytest.raises(DeskError) as real:
                desk.operations.place(**{**BUY, **terms})
            assert dry.value.message == real.value.message


async def test_an_account_that_is_away_is_told_as_a_reason(
    toy, clock, venue, open_toy_desk
):
    away = toy.Venue(clock, "beta", "second")
    away.failure = toy.Unreachable("gone")
    async with open_toy_desk(venue, away) as desk:
        told = desk.operations.dry_run(**BUY, limit="99", account="second")
        assert [check for check, _ in told["reasons"]] == ["account"]
        assert not told["passes"] and told["fee"] is None


async def test_who_places_amends_and_cancels_is_in_the_journal_before_it_happens(
    toy, clock, venue, journal, open_toy_desk
):
    async with open_toy_desk(venue, journal=journal) as desk:
        who = {"by": "Ann", "door": "api"}
        placed = desk.operations.place(**BUY, limit="99", **who)
        await clock.settle()
        desk.operations.amend(order=placed["order_id"], quantity="2", **who)
        await clock.settle()
        desk.operations.cancel(order=placed["order_id"], **who)
        records = journal.records()
        acted = [each for each in records if isinstance(each, r.PersonActed)]
        assert [each.action for each in acted] == ["place", "amend", "cancel"]
        assert {(each.by, each.door) for each in acted} == {("Ann", "api")}
        assert {each.correlation for each in acted} == {placed["correlation"]}
        intent = next(it for it in records if isinstance(it, r.OrderIntended))
        assert records.index(acted[0]) < records.index(intent)

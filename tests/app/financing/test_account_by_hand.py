"""One account of a running desk: what it tells, moves and sets, and what it refuses."""

import asyncio
from contextlib import asynccontextmanager
from dataclasses import replace
from decimal import Decimal

import pytest

from crossdock.app.doors.reading.tracing import trace
from crossdock.app.doors.user import DeskOpening, UserDesk
from crossdock.core import records as r
from crossdock.errors import DeskError, OutcomeUnknown, Rejected
from crossdock.model import MarginMode
from crossdock.ports import Can

D = Decimal
READS = {
    "leverage": (Can.LEVERAGE, lambda it: it.leverage("BTC/USDT")),
    "borrow_rates": (Can.BORROWING, lambda it: it.borrow_rates("USDT", "BTC")),
    "loans": (Can.BORROWING, lambda it: it.loans()),
    "sub_accounts": (Can.SUB_ACCOUNTS, lambda it: it.sub_accounts()),
    "earn_offers": (Can.EARN, lambda it: it.earn_offers("USDT")),
    "earn_holdings": (Can.EARN, lambda it: it.earn_holdings()),
    "funding_rates": (Can.FUNDING_RATES, lambda it: it.funding_rates("BTC/USDT")),
    "funding_rate_history": (
        Can.FUNDING_RATES,
        lambda it: it.funding_rate_history("BTC/USDT@alpha", start=8, end=50),
    ),
    "fee_rates": (Can.FEE_RATES, lambda it: it.fee_rates("BTC/USDT")),
    "option_chain": (Can.OPTION_CHAINS, lambda it: it.option_chain("BTC", expiry=9)),
    "trading_days": (
        Can.CALENDAR,
        lambda it: it.trading_days(start="2026-01-02", end="2026-01-03"),
    ),
    "auctions": (
        Can.AUCTIONS,
        lambda it: it.auctions("BTC/USDT", start="2026-01-02", end="2026-01-03"),
    ),
    "key_rights": (Can.KEY_RIGHTS, lambda it: it.key_rights()),
    "facts": (Can.ACCOUNT_FACTS, lambda it: it.facts()),
}
WRITES = {
    "set_leverage": (Can.LEVERAGE, lambda it: it.set_leverage("BTC/USDT", "5")),
    "set_margin_mode": (
        Can.MARGIN_MODE,
        lambda it: it.set_margin_mode("BTC/USDT", "cross"),
    ),
    "borrow": (Can.BORROWING, lambda it: it.borrow("USDT", "1")),
    "repay": (Can.BORROWING, lambda it: it.repay("USDT", "1")),
    "transfer": (
        Can.TRANSFERS,
        lambda it: it.transfer("USDT", "1", source="spot", destination="funding"),
    ),
    "earn_subscribe": (Can.EARN, lambda it: it.earn_subscribe("USDT001", "1")),
    "earn_redeem": (Can.EARN, lambda it: it.earn_redeem("USDT001", "1")),
}


async def test_what_the_venue_tells_comes_as_nouns(toy, bank, open_toy_desk):
    async with open_toy_desk(bank) as desk:
        account = UserDesk(desk).account("main")
        told = {name: await ask(account) for name, (_, ask) in READS.items()}
        assert told["leverage"].long == 1
        assert [it.asset for it in told["borrow_rates"]] == ["USDT", "BTC"]
        assert told["loans"][0].principal == D("10.50")
        assert told["sub_accounts"][0].name == "hedge"
        assert told["earn_offers"][0].offer_id == "USDT001"
        assert told["earn_holdings"][0].amount == 50
        assert told["funding_rates"][0].instrument == "BTC/USDT@alpha"
        at = [rate.funding_time_ns for rate in told["funding_rate_history"]]
        assert at == [8, 16, 24, 32, 40, 48], "all pages, and nothing outside"
        assert told["fee_rates"][0].maker < 0
        assert told["option_chain"][0].bid == 1
        assert told["trading_days"][0].date == "2026-01-02"
        assert told["auctions"][0].price == 100
        assert told["key_rights"].rights == {"read", "trade"}
        assert told["facts"].equity == 1000
        assert account.wallets() == ("spot", "funding")
        assert repr(account) == f"<account main of desk {desk.settings.desk.name}>"


@pytest.mark.parametrize("name", [*READS, *WRITES, "wallets"])
async def test_what_is_not_declared_is_refused_by_the_venues_name_and_not_sent(
    toy, bank, open_toy_desk, name
):
    every = {**READS, **WRITES, "wallets": (Can.TRANSFERS, lambda it: it.wallets())}
    can, ask = every[name]
    manifest = replace(toy.MANIFEST, can=toy.MANIFEST.can - {can})
    async with open_toy_desk(bank, manifest=manifest) as desk:
        before = len(bank.calls)
        with pytest.raises(DeskError, match=r"main: alpha \(Toy\) offers no ") as refused:
            answer = ask(UserDesk(desk).account("main"))
            await answer
        assert refused.value.code == "not-offered"
        assert len(bank.calls) == before
        assert not desk.kernel.state.movements.open


async def test_what_this_account_lacks_of_its_kind_is_refused_too(
    toy, venue, open_toy_desk
):
    async with open_toy_desk(venue) as desk:
        with pytest.raises(DeskError) as refused:
            await UserDesk(desk).account("main").borrow("USDT", "1")
    assert refused.value.code == "not-offered"


@pytest.mark.parametrize("name", WRITES)
async def test_a_write_reaches_the_venue_once_and_the_journal_twice(
    bank, journal, open_toy_desk, name
):
    async with open_toy_desk(bank, journal=journal) as desk:
        await WRITES[name][1](UserDesk(desk).account("main"))
        sent = [call for call, _ in bank.calls if call == name]
        assert sent == [name]
        told = [
            record
            for record in journal.records()
            if isinstance(record, r.MarginDecided | r.MovementIntended | r.MovementEnded)
        ]
        assert [type(it).__struct_config__.tag for it in told] in (
            ["margin_decided"] * 2,
            ["movement_intended", "movement_ended"],
        )
        assert told[-1].outcome is r.Outcome.ACCEPTED and told[0].by
        desk.upkeep.project()
        story = trace(desk.projection, told[0].correlation)
        assert len(story) == 2, "it can be traced by its correlation"


@pytest.mark.parametrize(
    ("name", "terms"),
    [
        ("set_leverage", ("BTC/USDT", 5.0)),
        ("borrow", ("USDT", 0.1)),
        ("earn_subscribe", ("USDT001", 1.5)),
    ],
)
async def test_a_float_is_no_amount(bank, open_toy_desk, name, terms):
    async with open_toy_desk(bank) as desk:
        with pytest.raises(TypeError, match="never a float"):
            await getattr(UserDesk(desk).account("main"), name)(*terms)
    assert not bank.asked_to_move() and not bank.called("set_leverage")


@pytest.mark.parametrize(
    ("ask", "code", "words"),
    [
        (lambda it: it.borrow("USDT", "0"), "bad-argument", "positive"),
        (lambda it: it.borrow("USDT", "-1"), "bad-argument", "positive"),
        (lambda it: it.borrow("USDT", "NaN"), "bad-argument", "plain number"),
        (lambda it: it.borrow("USDT", "1", symbol="BTC/EUR"), "unknown-symbol", "BTC/USDT"),
        (lambda it: it.leverage("BTC/USDT@beta"), "unknown-symbol", "does not list"),
        (lambda it: it.set_margin_mode("BTC/USDT", "all"), "bad-argument", "isolated"),
        (lambda it: it.set_margin_mode("BTC/USDT", "none"), "bad-argument", "isolated"),
        (
            lambda it: it.transfer("USDT", "1", source="spot", destination="spot"),
            "bad-argument",
            "already",
        ),
        (
            lambda it: it.transfer("USDT", "1", source="spot", destination="fundin"),
            "bad-argument",
            "did you mean funding",
        ),
        (lambda it: it.earn_subscribe("USDT002", "1"), "unknown-offer", "USDT001"),
        (lambda it: it.earn_redeem("nothing", "1"), "unknown-offer", "is held"),
        (
            lambda it: it.funding_rate_history("BTC/USDT", start="2026-01-01"),
            "bad-argument",
            "zone",
        ),
    ],
)
async def test_what_makes_no_sense_is_not_sent(bank, open_toy_desk, ask, code, words):
    async with open_toy_desk(bank) as desk:
        with pytest.raises(DeskError, match=words) as refused:
            await ask(UserDesk(desk).account("main"))
        assert refused.value.code == code
        assert not bank.asked_to_move()
        assert desk.kernel.state.movements.to_image() == []


async def test_a_transfer_to_a_sub_account_names_it(bank, open_toy_desk):
    async with open_toy_desk(bank) as desk:
        account = UserDesk(desk).account("main")
        await account.transfer("USDT", 7, source="spot", destination="sub:hedge")
    assert bank.moved[0].destination == "sub:hedge"


async def test_an_account_nobody_knows_is_told_which_there_are(bank, open_toy_desk):
    async with open_toy_desk(bank) as desk:
        with pytest.raises(DeskError, match="main") as refused:
            UserDesk(desk).account("mian")
    assert refused.value.code == "unknown-account"


async def test_a_data_account_tells_and_moves_nothing(bank, open_toy_desk):
    async with open_toy_desk(bank, text='use = "data"\n') as desk:
        account = UserDesk(desk).account("main")
        [rate] = await account.funding_rates("BTC/USDT")
        assert rate.rate == D("0.0001")
        for _, ask in WRITES.values():
            with pytest.raises(DeskError) as refused:
                await ask(account)
            assert refused.value.code == "account-data-only"
    assert not bank.asked_to_move()


async def test_leverage_in_doubt_is_journaled_and_may_be_asked_for_again(
    bank, journal, open_toy_desk
):
    async def lost(*_):
        raise OutcomeUnknown("no reply")

    async with open_toy_desk(bank, journal=journal) as desk:
        account = UserDesk(desk).account("main")
        bank.on_move = lost
        with pytest.raises(OutcomeUnknown, match="nothing proves"):
            await account.set_leverage("BTC/USDT", 5, margin_mode="isolated", by="Ann")
        bank.on_move = None
        await account.set_leverage("BTC/USDT", 5, margin_mode="isolated", by="Ann")
        assert (await account.leverage("BTC/USDT")).long == 5
    chosen = journal.records(r.MarginDecided)
    assert [it.outcome for it in chosen] == [None, "unknown", None, "accepted"]
    assert {(it.by, it.leverage, it.margin_mode) for it in chosen} == {
        ("Ann", D(5), MarginMode.ISOLATED)
    }


async def test_leverage_the_venue_refuses_is_journaled_so(bank, journal, open_toy_desk):
    async def refuse(*_):
        raise Rejected("too much", venue_code="-4028")

    async with open_toy_desk(bank, journal=journal) as desk:
        bank.on_move = refuse
        with pytest.raises(Rejected):
            await UserDesk(desk).account("main").set_leverage("BTC/USDT", "500")
    assert journal.records(r.MarginDecided)[-1].outcome is r.Outcome.REJECTED


async def test_money_in_doubt_is_shown_wherever_doubts_are(
    bank, clock, open_toy_desk, journal
):
    async def lost(*_, **__):
        raise OutcomeUnknown("no reply")

    async with open_toy_desk(bank, journal=journal) as desk:
        user = UserDesk(desk)
        bank.on_move = lost
        with pytest.raises(OutcomeUnknown):
            await user.account("main").borrow("USDT", "25", by="Ann")
        assert user.status()["movements_in_doubt"] == 1
        assert user.status()["alarms"][-1]["code"] == "movement-in-doubt"
        [doubt] = desk.operations.doubts()
        assert (doubt["kind"], doubt["quantity"], doubt["order_id"]) == (
            "borrow",
            "25",
            None,
        )
        [row] = user.account("main").movements()
        assert (row["status"], row["by"], row["amount"]) == ("Unknown", "Ann", "25")
        with pytest.raises(DeskError, match="no open doubt of an order") as astray:
            desk.operations.resolve(
                attempt=row["movement_id"], verdict="live", by="Ann", door="cli"
            )
        assert f"account main settle {row['movement_id']}" in astray.value.hint
        await clock.advance(7)
        told = user.account("main").settle(row["movement_id"], "absent", by="Ann")
        assert told["status"] == "NeverMoved"
        assert user.status()["movements_in_doubt"] == 0


async def test_a_desk_that_died_in_the_middle_shows_it_at_its_next_start(
    toy, bank, open_toy_desk
):
    died = toy.MemoryJournal()
    async with open_toy_desk(bank, journal=died) as desk:
        never = asyncio.get_running_loop().create_future()

        async def silent(*_, **__):
            await never

        bank.on_move = silent
        asking = asyncio.ensure_future(UserDesk(desk).account("main").borrow("USDT", "25"))
        await bank.clock.settle()
        left = list(died.entries)
        never.set_result(None)
        await asking
    after = toy.MemoryJournal()
    after.entries = left
    async with open_toy_desk(bank, journal=after) as desk:
        [row] = UserDesk(desk).account("main").movements()
        assert row["status"] == "Unknown"
        with pytest.raises(DeskError, match="in doubt"):
            await UserDesk(desk).account("main").borrow("USDT", "25")
    assert bank.asked_to_move() == ["borrow"]


# ---- the books follow ----------------------------------------------------------------


@pytest.mark.parametrize("name", [it for it in WRITES if not it.startswith("set_")])
async def test_books_follow_what_moved_and_nothing_halts(toy, bank, open_toy_desk, name):
    async with open_toy_desk(bank) as desk:
        [gateway] = desk.gateways.values()
        await toy.until_audited(gateway)
        await WRITES[name][1](UserDesk(desk).account("main"))
        for _ in range(3):
            await toy.until_audited(gateway)
        state = desk.kernel.state
        assert state.ledger.balance("main", "USDT") == bank.cash["USDT"]
        assert gateway.unexplained == [] and not state.account("main").halted


async def test_money_nobody_asked_for_still_halts(toy, bank, open_toy_desk):
    async with open_toy_desk(bank) as desk:
        [gateway] = desk.gateways.values()
        await UserDesk(desk).account("main").borrow("USDT", "1")
        bank.cash["USDT"] += D("0.5")
        for _ in range(4):
            await toy.until_audited(gateway)
        assert "unexplained" in desk.kernel.state.account("main").halted


async def test_a_difference_that_a_doubt_may_explain_waits_for_its_end(
    toy, bank, open_toy_desk
):
    async def lost(kind, asset, amount, **more):
        await bank.carry_out(kind, asset, amount, **more)
        raise OutcomeUnknown("no reply")

    async with open_toy_desk(bank) as desk:
        [gateway] = desk.gateways.values()
        account = UserDesk(desk).account("main")
        bank.on_move = lost
        with pytest.raises(OutcomeUnknown):
            await account.borrow("USDT", "30")
        for _ in range(4):
            await toy.until_audited(gateway)
        state = desk.kernel.state
        assert not state.account("main").halted
        [row] = account.movements()
        account.settle(row["movement_id"], "live", by="Ann", force=True)
        for _ in range(3):
            await toy.until_audited(gateway)
        assert state.ledger.balance("main", "USDT") == bank.cash["USDT"]
        assert not state.account("main").halted


def test_a_plain_script_moves_money_without_an_event_loop(toy, clock, bank, open_toy_desk):
    @asynccontextmanager
    async def make():
        async with open_toy_desk(bank) as desk:
            yield UserDesk(desk)

    with DeskOpening(make) as desk:
        account = desk.account("main")
        for _, ask in (*READS.values(), *WRITES.values()):
            ask(account)
        assert account.wallets() == ("spot", "funding")
        assert {row["status"] for row in account.movements()} == {"Done"}
        assert repr(account).startswith("<account main")
        with pytest.raises(DeskError):
            account.settle("m1", "live", by="Ann")


async def asked_by(desk, door, op, **terms):
    """Ask over the control socket; return the refusal's code, empty where it was done."""
    given = {"account": "main", "symbol": "BTC/USDT", "by": "Ann", "door": door, **terms}
    try:
        await desk.operations.table()[op](**given)
    except DeskError as error:
        return error.code
    return ""


@pytest.mark.parametrize(
    ("op", "terms"),
    [
        ("set_leverage", {"leverage": "5.1"}),
        ("set_leverage", {"leverage": "3", "margin_mode": "isolated"}),
        ("set_leverage", {"leverage": "3", "margin_mode": "cross"}),
        ("set_margin_mode", {"margin_mode": "cross"}),
    ],
)
@pytest.mark.parametrize("door", ["api", "webhook", ""])
async def test_no_program_raises_leverage_or_loosens_margin(
    bank, journal, open_toy_desk, op, terms, door
):
    bank.chosen["BTC/USDT@alpha"] = D(5)
    async with open_toy_desk(bank, journal=journal) as desk:
        assert await asked_by(desk, door, op, **terms) == "person-needed"
        assert not bank.called(op)
        assert not journal.records(r.PersonActed)
        assert await asked_by(desk, "dashboard", op, **terms) == ""
    assert len(bank.called(op)) == 1


async def test_a_program_lowers_leverage_and_isolates_margin(bank, open_toy_desk):
    bank.chosen["BTC/USDT@alpha"] = D(5)
    async with open_toy_desk(bank) as desk:
        for leverage in ("5", "2"):
            assert await asked_by(desk, "api", "set_leverage", leverage=leverage) == ""
        assert await asked_by(desk, "api", "set_leverage", leverage="5") == "person-needed"
        mode = {"margin_mode": "isolated"}
        assert await asked_by(desk, "api", "set_margin_mode", **mode) == ""
    assert bank.chosen["BTC/USDT@alpha"] == 2

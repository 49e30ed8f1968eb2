"""Strategies started, paused, stopped and changed by people, in a desk that runs."""

import logging
import sys
from decimal import Decimal

import pytest

from crossdock.core import records as r
from crossdock.core.person_records import Standing
from crossdock.errors import ConfigError, DeskError
from crossdock.model import OrderRequest, OrderType, Side
from crossdock.strategies import Strategy, param

D = Decimal
log = logging.getLogger(__name__)


class Buyer(Strategy):
    """Buys at a limit with every book, as often as it is told to, and says so."""

    bid: Decimal = param("90", "limit", least="1")
    most: int = param(1, "orders", least=0)

    def setup(self):
        self.books = 0
        self.placed = 0

    def on_book(self, instrument, book):
        self.books += 1
        if self.placed < self.most:
            self.placed += 1
            log.info("buying at %s", self.bid)
            for account in self.desk.accounts(instrument):
                self.desk.submit(self.request(account, instrument))

    def request(self, account, instrument, side=Side.BUY, quantity=1):
        return OrderRequest(
            account=account,
            instrument=instrument,
            side=side,
            type=OrderType.LIMIT,
            quantity=D(quantity),
            limit_price=self.bid,
        )

    def state(self):
        return {"placed": self.placed}

    def restore(self, state):
        self.placed = state["placed"]


BUYER = f"{__name__}:Buyer"
TEXT = f'[strategies.dip]\nkind = "{BUYER}"\nsymbols = ["BTC/USDT"]\n'
NAMED = f"{TEXT}enabled = false\n"  # the class may run here; nothing does yet


@pytest.fixture
def open_desk(open_toy_desk, journal, venue):
    def open_(text=TEXT):
        journal.closed = False
        return open_toy_desk(venue, text=text, journal=journal, strategies=True)

    return open_


def ask(desk, op, **args):
    return desk.operations.table()[op](**args)


def steer(desk, action, name="dip", by="Ann"):
    return ask(desk, "strategy", name=name, action=action, by=by)


def intents(journal):
    return journal.records(r.OrderIntended)


async def test_a_paused_strategy_hears_no_market_and_opens_nothing(
    venue, journal, open_desk
):
    async with open_desk() as desk:
        runner = desk.strategies["dip"]
        assert steer(desk, "pause")["state"] == "paused"
        heard = runner.strategy.books
        venue.quote()
        assert runner.strategy.books == heard
        request = runner.strategy.request("main", "BTC/USDT@alpha")
        assert runner.strategy.desk.submit(request) is None
        refused = journal.records(r.RequestRefused)[-1]
        assert [check for check, _ in refused.reasons] == ["paused"]
        selling = runner.strategy.request("main", "BTC/USDT@alpha", Side.SELL)
        runner.strategy.bid = D(101)
        assert runner.strategy.desk.submit(selling) is not None
        assert steer(desk, "resume")["state"] == "running"
        venue.quote()
        assert runner.strategy.books == heard + 1


async def test_a_stopped_strategy_begins_again_with_what_it_kept(venue, journal, open_desk):
    async with open_desk() as desk:
        first = desk.strategies["dip"].strategy
        assert first.placed == 1
        assert steer(desk, "stop")["state"] == "stopped"
        venue.quote()
        assert steer(desk, "start")["state"] == "running"
        second = desk.strategies["dip"].strategy
        assert second is not first and second.placed == 1
        venue.quote()
        assert (second.books, len(intents(journal))) == (1, 1)


@pytest.mark.parametrize(
    ("action", "state"), [("stop", "stopped"), ("pause", "paused"), ("remove", None)]
)
async def test_what_a_person_decided_holds_at_the_next_start(open_desk, action, state):
    async with open_desk() as desk:
        steer(desk, action)
    async with open_desk() as desk:
        rows = {row["name"]: row["state"] for row in ask(desk, "strategies")}
        assert rows == ({} if state is None else {"dip": state})


async def test_one_of_the_settings_that_was_removed_can_be_started_again(open_desk):
    async with open_desk() as desk:
        assert steer(desk, "remove") == {"name": "dip", "state": "removed"}
        assert "dip" not in desk.strategies
        assert steer(desk, "start")["state"] == "running"


async def test_new_parameters_restart_it_and_hold_at_the_next_start(
    venue, journal, open_desk
):
    async with open_desk() as desk:
        row = ask(desk, "set_params", name="dip", params={"bid": "95", "most": 2}, by="Ann")
        assert row["state"] == "running"
        venue.quote()
        assert [it.request.limit_price for it in intents(journal)] == [D(90), D(95)]
    async with open_desk() as desk:
        assert desk.strategies["dip"].strategy.bid == D(95)
        [row] = ask(desk, "strategies")
        assert row["params"] == {"bid": "95", "most": 2}
        assert [each["name"] for each in row["params_schema"]] == ["bid", "most"]


async def test_parameters_that_do_not_fit_change_nothing(journal, open_desk):
    async with open_desk() as desk:
        before = desk.strategies["dip"]
        with pytest.raises(ConfigError, match="bid"):
            ask(desk, "set_params", name="dip", params={"bid": "cheap"}, by="Ann")
        assert desk.strategies["dip"] is before and before.running
        assert journal.records(r.StrategySteered) == []


async def test_a_strategy_is_started_by_its_kind_and_is_there_after_a_restart(
    journal, open_desk
):
    async with open_desk(NAMED) as desk:
        row = ask(
            desk,
            "start_trading",
            strategy=BUYER,
            symbols=["BTC/USDT"],
            brokers=["main"],
            params={"bid": "91"},
            by="Ann",
        )
        assert (row["name"], row["state"]) == ("buyer", "running")
        assert row["accounts"] == ["main"]
        again = ask(desk, "start_trading", strategy=BUYER, symbols=["BTC/USDT"], by="Ann")
        assert again["name"] == "buyer-2"
        assert [it["name"] for it in ask(desk, "stop_trading", by="Bo")] == [
            "buyer",
            "buyer-2",
        ]
        steer(desk, "start", "buyer")
    async with open_desk(NAMED) as desk:
        assert desk.strategies["buyer"].strategy.bid == D(91)
        assert set(desk.strategies) == {"buyer"}


@pytest.mark.parametrize(
    ("wrong", "code"),
    [
        ({"brokers": ["nobody"]}, "unknown-account"),
        ({"portfolio": "nowhere"}, "unknown-portfolio"),
        ({"symbols": ["BTC/USDT", "NO/SUCH"]}, "unknown-symbol"),
        ({"use_ml": True}, "bad-argument"),
        ({"by": ""}, "bad-argument"),
    ],
)
async def test_what_cannot_be_started_is_said_and_nothing_is_kept(
    journal, open_desk, wrong, code
):
    async with open_desk(NAMED) as desk:
        asked = {"strategy": BUYER, "symbols": ["BTC/USDT"], "by": "Ann", **wrong}
        with pytest.raises(DeskError) as refused:
            ask(desk, "start_trading", **asked)
        assert refused.value.code == code
        assert journal.records(r.StrategySteered) == [] and not desk.strategies


@pytest.fixture
def stranger(tmp_path, monkeypatch):
    """A module that can be imported, and that nothing names."""
    (tmp_path / "a_stranger.py").write_text(f"from {__name__} import Buyer\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield "a_stranger"
    sys.modules.pop("a_stranger", None)


@pytest.mark.parametrize("text", ["", NAMED, TEXT])
async def test_a_class_that_the_settings_do_not_name_is_not_even_imported(
    journal, open_desk, stranger, text
):
    async with open_desk(text) as desk:
        running = set(desk.strategies)
        with pytest.raises(ConfigError) as refused:
            ask(desk, "start_trading", strategy=f"{stranger}:Buyer", by="Ann")
        assert refused.value.code == "strategy-unknown"
        assert stranger not in sys.modules and set(desk.strategies) == running
        assert journal.records(r.PersonActed)[-1].subject == f"{stranger}:Buyer"
        assert journal.records(r.StrategySteered) == []


async def test_a_class_that_the_settings_name_no_more_is_not_imported_from_the_journal(
    journal, open_desk, stranger
):
    async with open_desk(NAMED) as desk:
        ask(desk, "start_trading", strategy=BUYER, symbols=["BTC/USDT"], by="Ann")
        plan = journal.records(r.StrategySteered)[-1].plan
        other = type(plan)(kind=f"{stranger}:Buyer", symbols=plan.symbols)
        steered = r.StrategySteered(
            at=1, strategy="buyer", standing=Standing.RUNNING, by="Ann", plan=other
        )
        desk.kernel.commit([steered])
    async with open_desk(NAMED) as desk:
        assert journal.records(r.Alarmed)[-1].code == "strategy-failed"
        rows = {row["name"]: row for row in ask(desk, "strategies")}
        assert rows["buyer"]["state"] == "stopped" and not rows["buyer"]["params_schema"]
        with pytest.raises(ConfigError):
            steer(desk, "start", "buyer")
        assert stranger not in sys.modules


async def test_who_starts_it_is_journaled_before_its_class_is_asked_anything(
    journal, open_desk
):
    async with open_desk(NAMED) as desk:
        with pytest.raises(DeskError):
            ask(desk, "start_trading", strategy=BUYER, use_ml=True, by="Ann")
        [acted] = journal.records(r.PersonActed)
        assert (acted.by, acted.action, acted.subject) == ("Ann", "start_trading", BUYER)


async def test_one_that_can_no_longer_be_made_is_told_of_and_the_desk_starts(
    journal, open_desk
):
    async with open_desk(NAMED) as desk:
        ask(desk, "start_trading", strategy=BUYER, symbols=["BTC/USDT"], by="Ann")
        plan = journal.records(r.StrategySteered)[-1].plan
        gone = type(plan)(kind="no.such.module:Buyer", symbols=plan.symbols)
        steered = r.StrategySteered(
            at=1, strategy="buyer", standing=Standing.RUNNING, by="Ann", plan=gone
        )
        desk.kernel.commit([steered])
    async with open_desk("") as desk:
        assert not desk.strategies
        assert journal.records(r.Alarmed)[-1].code == "strategy-failed"


async def test_the_flag_keeps_strategies_from_being_started_and_never_from_being_stopped(
    open_desk,
):
    async with open_desk() as desk:
        ask(desk, "set_flag", name="strategy_control", value=False, by="Ann")
        assert steer(desk, "stop")["state"] == "stopped"
        for action in ("start", "resume", "remove"):
            with pytest.raises(DeskError) as refused:
                steer(desk, action)
            assert refused.value.code == "flag-off"
        with pytest.raises(DeskError):
            ask(desk, "start_trading", strategy="dip", by="Ann")


@pytest.mark.parametrize(
    ("action", "name", "code"),
    [
        ("start", "dop", "unknown-strategy"),
        ("dance", "dip", "bad-argument"),
        ("resume", "dip", "strategy-stopped"),
    ],
)
async def test_what_makes_no_sense_is_refused_in_words(open_desk, action, name, code):
    async with open_desk() as desk:
        steer(desk, "stop")
        with pytest.raises(DeskError) as refused:
            steer(desk, action, name)
        assert refused.value.code == code


async def test_a_strategys_lines_are_kept_by_its_name_whoever_logs_the_same_way(
    venue, open_desk, caplog
):
    caplog.set_level(logging.INFO)
    two = TEXT + TEXT.replace("dip", "dive").replace("symbols", "params.bid = 91\nsymbols")
    async with open_desk(two) as desk:
        desk.strategies["dip"].strategy.placed = 0
        venue.quote()
        log.info("nobody's line")
        rows = {row["name"]: row["log"] for row in ask(desk, "strategies")}
        assert {line["words"] for line in rows["dip"]} == {"buying at 90"}
        assert {line["words"] for line in rows["dive"]} == {"buying at 91"}
        assert rows["dip"][0]["level"] == "info"


async def test_a_failure_is_in_the_strategys_log(venue, open_desk, caplog):
    async with open_desk() as desk:
        desk.strategies["dip"].strategy.most = None
        venue.quote()
        [row] = ask(desk, "strategies")
        assert row["state"] == "failed" and "TypeError" in row["failed"]
        assert "TypeError" in row["log"][-1]["words"]
        assert steer(desk, "start")["state"] == "running"


async def test_a_closed_trade_counts_as_won_or_lost(clock, venue, journal, open_desk):
    async with open_desk() as desk:
        await clock.settle()
        venue.fill("v1", "1", "90")
        runner = desk.strategies["dip"]
        runner.strategy.bid = D(110)
        sold = runner.strategy.request("main", "BTC/USDT@alpha", Side.SELL)
        runner.strategy.desk.submit(sold)
        await clock.settle()
        venue.fill("v2", "1", "110")
        [row] = ask(desk, "strategies")
        assert (row["trades"], row["win_rate"]) == (1, 1.0)
        assert D(row["pnl"]) > 19


async def test_a_day_begins_with_nothing_made_to_the_last_digit(clock, venue, open_desk):
    async with open_desk() as desk:
        await clock.settle()
        venue.fill("v1", "1", "89.12345678901234567891")
        await clock.settle()
        desk.equity_history.sample(desk.kernel.now())
        [row] = ask(desk, "strategies")
        begun_ns = row["day_since_ns"]
        assert (row["day_pnl"], D(row["pnl"]) > 10) == ("0", True)
        venue.quote("100.4", "100.6")
        await clock.advance(1)
        [row] = ask(desk, "strategies")
        assert (row["day_pnl"], row["day_since_ns"]) == ("0.5", begun_ns)

"""What a bot lost is counted right, from books written by hand."""

import json
import sqlite3
from contextlib import closing
from decimal import Decimal

import pytest

from crossdock.conformance.bots.__main__ import main, table
from crossdock.conformance.bots.beliefs import (
    is_flat,
    of_desk,
    of_freqtrade,
    of_lines,
)
from crossdock.conformance.bots.campaign import Result
from crossdock.conformance.bots.verdict import Belief, Verdict, compare

D = Decimal


def order(name, **changes):
    return {
        "symbol": "BTC/USDT",
        "side": "buy",
        "type": "limit",
        "status": "Filled",
        "chain": [name],
        "client_order_id": f"own-{name}",
        "created_time_ns": int(name),
    } | changes


def fill(order_name, quantity, **changes):
    return {
        "symbol": "BTC/USDT",
        "order_id": order_name,
        "sequence": 1,
        "quantity": quantity,
        "price": "100",
    } | changes


def known(name, filled="1", *, is_open=False, symbol="BTC/USDT"):
    return Belief(symbol=symbol, name=name, filled=D(filled), is_open=is_open)


def judged(orders, fills, beliefs):
    return compare({"orders": orders, "fills": fills}, beliefs)


def wrong(verdict):
    """Return what is not 0 of what should be."""
    clean = Verdict(
        orders=verdict.orders,
        known=verdict.known,
        dropped=verdict.dropped,
        fills=verdict.fills,
    )
    return {
        name: getattr(verdict, name)
        for name in Verdict.__slots__
        if getattr(verdict, name) != getattr(clean, name)
    }


@pytest.mark.parametrize("name", ["1", "own-1"], ids=["venue's id", "bot's id"])
def test_books_that_agree_are_clean_by_either_id(name):
    verdict = judged([order("1")], [fill("1", "0.4"), fill("1", "0.6")], [known(name)])
    assert verdict.is_clean
    assert (verdict.orders, verdict.known, verdict.fills) == (1, 1, 2)


def test_quantities_kept_as_floats_are_no_difference():
    third = repr(0.1 + 0.2)
    assert judged([order("1")], [fill("1", "0.3")], [known("1", third)]).is_clean


def test_an_order_that_was_cancelled_unfilled_may_be_dropped_from_the_books():
    verdict = judged([order("1", status="Canceled")], [], [])
    assert verdict.is_clean
    assert verdict.dropped == 1


@pytest.mark.parametrize(
    ("orders", "fills", "beliefs", "found"),
    [
        pytest.param(
            [order("1")],
            [fill("1", "1")],
            [],
            {
                "unknown": 1,
                "unknown_filled": 1,
                "fills_missed": 1,
                "unaccounted": {"BTC": D(1)},
                "unseen_value": D(100),
            },
            id="filled and unknown",
        ),
        pytest.param(
            [order("1", status="New", type="stop_limit", side="sell")],
            [],
            [],
            {"unknown": 1, "left_open": 1},
            id="a stop nobody knows of",
        ),
        pytest.param(
            [order("1", status="New"), order("2", status="New")],
            [],
            [known("2", "0", is_open=True)],
            {"unknown": 1, "sent_again": 1, "left_open": 2},
            id="sent again",
        ),
        pytest.param(
            [order("1", status="New"), order("2", side="sell", status="New")],
            [],
            [known("2", "0", is_open=True)],
            {"unknown": 1, "left_open": 2},
            id="followed by something else",
        ),
        pytest.param(
            [order("1", status="New"), order("2", symbol="ETH/USDT", status="New")],
            [],
            [known("2", "0", is_open=True, symbol="ETH/USDT")],
            {"unknown": 1, "left_open": 2},
            id="followed in another market",
        ),
        pytest.param(
            [order("1", status="Canceled", side="sell")],
            [fill("1", "0.4"), fill("1", "0.6", sequence=2)],
            [known("1", "0.5")],
            {
                "fills_missed": 1,
                "unaccounted": {"BTC": D("-0.5")},
                "unseen_value": D(50),
            },
            id="half a fill missed",
        ),
        pytest.param(
            [order("1")],
            [fill("1", "1")],
            [known("1", "2")],
            {"overcounted": 1, "unaccounted": {"BTC": D(-1)}},
            id="counted twice",
        ),
        pytest.param(
            [order("1")],
            [fill("1", "1")],
            [known("1"), known("9")],
            {"invented": 1},
            id="never at the venue",
        ),
        pytest.param(
            [order("1")],
            [fill("1", "1")],
            [known("1"), known("1", symbol="ETH/USDT")],
            {"invented": 1},
            id="the same id in another market",
        ),
        pytest.param(
            [order("1")],
            [fill("1", "1")],
            [known("1", is_open=True)],
            {"believed_open": 1},
            id="done, and waited for",
        ),
        pytest.param(
            [order("1", status="PartiallyFilled")],
            [fill("1", "0.5")],
            [known("1", "0.5")],
            {"believed_done": 1, "left_open": 1},
            id="open, and given up",
        ),
    ],
)
def test_a_loss_is_counted_where_it_belongs(orders, fills, beliefs, found):
    assert wrong(judged(orders, fills, beliefs)) == found


def test_an_order_that_was_refused_leaves_nothing_to_account_for():
    assert judged([], [], [known("own-1", "0")]).is_clean


def test_what_was_bought_and_sold_unseen_adds_up_by_asset():
    orders = [order("1"), order("2", side="sell")]
    verdict = judged(orders, [fill("1", "1"), fill("2", "1")], [])
    assert verdict.unaccounted == {}
    assert verdict.unseen_value == 200
    assert verdict.fills_missed == 2


def test_verdicts_of_several_rounds_add_up():
    first = judged([order("1")], [fill("1", "1")], [])
    second = judged([order("1")], [fill("1", "2", symbol="BTC/USDT")], [known("1")])
    both = first + second
    assert (both.orders, both.known, both.unknown, both.fills_missed) == (2, 1, 1, 2)
    assert both.unaccounted == {"BTC": D(2)}


# ---- where bots keep their books -----------------------------------------------


@pytest.fixture
def database(tmp_path):
    path = tmp_path / "bot.sqlite"
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(
            "CREATE TABLE orders (ft_pair TEXT, order_id TEXT, filled FLOAT, ft_is_open BOOL)"
        )
        connection.execute("CREATE TABLE trades (is_open BOOL)")
        connection.executemany(
            "INSERT INTO orders VALUES (?, ?, ?, ?)",
            [("BTC/USDT", "17", 0.00333, 0), ("ETH/USDT", "18", None, 1)],
        )
    return path


def change(database, statement):
    with closing(sqlite3.connect(database)) as connection, connection:
        connection.execute(statement)


def test_a_database_of_freqtrades_is_read(database):
    assert of_freqtrade(database) == [
        known("17", "0.00333"),
        known("18", "0", is_open=True, symbol="ETH/USDT"),
    ]


def test_freqtrade_is_flat_without_open_orders_and_open_trades(database):
    assert not is_flat(database)
    change(database, "UPDATE orders SET ft_is_open = 0")
    assert is_flat(database)
    change(database, "INSERT INTO trades VALUES (1)")
    assert not is_flat(database)


def test_reading_makes_no_database_where_there_is_none(tmp_path):
    with pytest.raises(sqlite3.OperationalError):
        of_freqtrade(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_any_bot_can_tell_its_orders_in_lines_exactly():
    told = {"symbol": "BTC/USDT", "name": "17", "is_open": False}
    lines = [
        json.dumps(told | {"filled": "0.1"}),
        '{"symbol": "BTC/USDT", "name": 18, "filled": 0.10000000000000000001, "is_open": true}',
    ]
    assert of_lines(lines) == [
        known("17", "0.1"),
        known("18", "0.10000000000000000001", is_open=True),
    ]


@pytest.mark.parametrize(
    "line",
    [
        "{",
        "[]",
        '{"symbol": "A/B"}',
        '{"symbol":"A/B","name":"1","filled":"x","is_open":0}',
    ],
)
def test_a_line_that_tells_no_order_is_named(line):
    good = '{"symbol": "A/B", "name": "1", "filled": "0", "is_open": false}'
    with pytest.raises(ValueError, match="line 2: "):
        of_lines([good, line])


@pytest.fixture
def truth(tmp_path):
    account = {
        "orders": [order("17"), order("18", symbol="ETH/USDT", status="New")],
        "fills": [fill("17", "0.00333")],
    }
    path = tmp_path / "truth.json"
    path.write_text(json.dumps({"venues": {"binance": {"accounts": {"main": account}}}}))
    return path


def test_a_bot_is_judged_by_command(truth, database, capsys):
    arguments = ["--truth", str(truth), "--orders", str(database), "--json"]
    assert main(arguments) == 5
    told = json.loads(capsys.readouterr().out)
    assert (told["orders"], told["known"], told["left_open"]) == (2, 2, 1)
    assert told["unseen_value"] == "0"


def test_a_command_without_its_files_says_what_was_expected(truth, tmp_path, capsys):
    assert main(["--truth", str(truth)]) == 2
    assert "--orders" in capsys.readouterr().err
    missing = ["--truth", str(truth), "--orders", str(tmp_path / "no.sqlite")]
    assert main(missing) == 2
    assert "unable to open" in capsys.readouterr().err
    other = ["--truth", str(truth), "--orders", str(truth), "--venue", "kraken"]
    assert main(other) == 2
    assert "no account main at kraken" in capsys.readouterr().err
    told = {"venues": {"binance": {"accounts": {"main": {"orders": [], "fills": []}}}}}
    truth.write_text(json.dumps(told))
    assert main(["--truth", str(truth), "--orders", str(truth)]) == 2
    assert "nothing to judge" in capsys.readouterr().err
    assert main(["--freqtrade", str(tmp_path / "freqtrade")]) == 2
    assert "make bots" in capsys.readouterr().err


def test_a_desk_is_judged_by_its_journal_and_by_the_judge_of_the_torture():
    intended = {
        "record": "order_intended",
        "request": {"quantity": "1", "side": "buy", "instrument": "BTC/USDT@binance"},
    }
    records = [
        {"record": "baseline_taken", "fill_cursor": "0", "event_cursor": "0"},
        intended | {"order_id": "o1", "client_order_id": "own-1"},
        intended | {"order_id": "o2", "client_order_id": "own-2"},
        {
            "record": "attempt_started",
            "attempt_id": "a1",
            "order_id": "o1",
            "kind": "submit",
        },
        {
            "record": "attempt_ended",
            "attempt_id": "a1",
            "order_id": "o1",
            "outcome": "accepted",
            "report": {
                "instrument": "BTC/USDT@binance",
                "venue_order_id": "1",
                "status": "Canceled",
                "quantity": "1",
                "cumulative_quantity": "0.25",
            },
        },
    ]
    account = {"orders": [], "fills": [], "events": [], "cash": {}}
    beliefs, words = of_desk(account, records, {})
    assert beliefs == [known("own-1", "0.25"), known("own-2", "0", is_open=True)]
    assert [each.split()[:2] for each in words] == [
        ["wrong_orders:", "own-1"],
        ["wrong_orders:", "own-2"],
    ]


def test_a_desks_fill_belongs_to_the_order_whose_venue_id_is_learnt_later():
    named = {"instrument": "BTC/USDT@binance", "venue_order_id": "17"}
    early = named | {
        "execution_id": "e1",
        "side": "buy",
        "price": "100",
        "quantity": "0.25",
        "fee": "0",
        "fee_asset": "USDT",
        "account_sequence": 1,
    }
    request = {"instrument": "BTC/USDT@binance", "quantity": "1", "side": "buy"}
    report = named | {"status": "New", "quantity": "1", "client_order_id": "own-1"}
    records = [
        {"record": "baseline_taken", "at": 1},
        {
            "record": "order_intended",
            "order_id": "o1",
            "client_order_id": "own-1",
            "request": request,
        },
        {"record": "fill_recorded", "fill": early},
        {"record": "order_reported", "order_id": "o1", "report": report},
    ]
    account = {"orders": [], "fills": [], "events": [], "cash": {}}
    beliefs, _ = of_desk(account, records, {})
    assert beliefs == [known("own-1", "0.25", is_open=True)]


def test_the_table_sets_contenders_side_by_side_with_what_hit_them():
    lost = Result(
        name="lost",
        rounds=2,
        settled=1,
        verdict=judged([order("1")], [fill("1", "1")], []),
        faults={"html": 3},
    )
    clean = Result(name="clean", rounds=2, settled=2, words=["a word"])
    rows = [" ".join(line.split()) for line in table([lost, clean]).splitlines()]
    assert rows[0] == "lost clean"
    for row in (
        "unknown to the bot 1 0",
        "quantity unaccounted for +1 BTC 0",
        "value of the fills missed 100.00 0.00",
        "settled, of rounds 1/2 2/2",
        "html 3 0",
    ):
        assert row in rows
    assert table([lost, clean]).endswith("clean: a word")
    assert not lost.is_clean
    assert not clean.is_clean

import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console

from crossdock.app.demo import Look, Recovery, Settled
from crossdock.cli.view.screen import screen
from crossdock.cli.view.standing import standing


def stream(state="ok", age=0.1):
    return {
        "state": state,
        "words": "",
        "message_age_s": age,
        "heartbeat_age_s": None,
        "latency_ms": 1.5,
        "skew_s": None,
        "gaps": 0,
        "reconnects": 0,
    }


def status(**changes):
    return {
        "desk": "demo",
        "mode": "paper",
        "uptime_s": 61.2,
        "killed": "",
        "pnl": "-12.3456",
        "pnl_missing_rates": [],
        "currency": "USDT",
        "orders": 7,
        "open_orders": 2,
        "fills": 5,
        "accepted": 6,
        "rejected": 1,
        "failed": 0,
        "refused": 3,
        "doubts_open": 0,
        "doubts_opened": 4,
        "doubts_resolved_live": 3,
        "doubts_resolved_absent": 1,
        "unexplained_positions": 0,
        "loop_lag_ms": 1.25,
        "market_messages": 99,
        "journal": {"path": "/j", "durability": "process", "writable": True},
        "strategies": [
            {"name": "quoting", "portfolio": "makers", "running": True, "failed": ""},
            {"name": "trend", "portfolio": "takers", "running": False, "failed": "Oops: x"},
        ],
        "accounts": [
            {
                "account": name,
                "venue": name,
                "adapter": "sandbox",
                "tier": "sandboxed",
                "mode": "paper",
                "standing": standing,
                "reason": "[/red] is not markup",
                "halted": "",
                "killed": "",
                "foreign_orders": 0,
                "steps": {"authenticate": "done", "monitor": "2 open orders"},
                "streams": {"market": stream(), "account": stream("mute", None)},
            }
            for name, standing in (("alpha", "ready"), ("beta", "away"))
        ],
        "alarms": [{"at": 1, "code": "loop-lag", "words": "late [bold]by[/] 300 ms"}],
        **changes,
    }


def order(number, *, in_doubt=(), side="buy"):
    return {
        "instrument": f"BTC/USDT@alpha{number}",
        "side": side,
        "quantity": "0.01",
        "limit_price": "59990.5",
        "stop_price": None,
        "status": "Unknown" if in_doubt else "New",
        "in_doubt": list(in_doubt),
        "cumulative_quantity": "0",
    }


FILL = {
    "instrument": "ETH/USDT@beta",
    "side": "sell",
    "quantity": "0.2",
    "price": "3000.05",
    "fee": "0.123456789",
    "fee_asset": "USDT",
    "liquidity": "maker",
}
BOOKS = [
    {"instrument": "BTC/USDT@alpha", "ready": True, "bid": "59990", "ask": "60000"},
    {"instrument": "BTC/USDT@beta", "ready": False, "bid": None, "ask": None},
    {"instrument": "ETH/USDT@beta", "ready": True, "bid": "2999", "ask": "3001"},
]


def settled(**changes):
    row = {
        "client_order_id": "cd-1",
        "account": "alpha",
        "instrument": "BTC/USDT@alpha",
        "side": "buy",
        "quantity": "0.01",
        "price": "59990",
        "at_kill": "Sent",
        "in_flight": ("submit",),
    }
    return Settled(**{**row, **changes})


def drawn(look, size=(132, 40), **terms):
    console = Console(file=io.StringIO(), width=size[0], height=size[1])
    with console.capture() as capture:
        console.print(screen(look, size, **terms))
    return capture.get()


def test_the_screen_shows_what_the_desk_knows():
    look = Look(status=status(), books=BOOKS, orders=[order(1)], fills=[FILL])
    shown = drawn(look, keys="k kill the desk")
    for words in (
        *("-12.35 USDT", "orders 7", "fills 5", "in doubt 0", "unexplained positions 0"),
        *("59990", "60000", "gap", "3001", "mute", "away", "running", "Oops: x"),
        *("59990.5", "ETH/USDT@beta", "3000.05", "0.123456 USDT", "maker"),
        *("loop-lag: late [bold]by[/] 300 ms", "k kill the desk", "99 market messages"),
    ):
        assert words in shown


def test_a_fill_is_shown_with_all_of_its_fees():
    fill = FILL | {"more_fees": "0.1 BNB"}
    look = Look(status=status(), books=BOOKS, orders=[], fills=[fill])
    assert "0.123456 USDT, 0.1 BNB" in drawn(look, size=(160, 40))


def test_an_order_in_doubt_is_shown_first_and_as_unknown():
    orders = [order(number) for number in range(30)]
    orders.append(order(99, in_doubt=["submit"]))
    shown = drawn(Look(status=status(doubts_open=1), orders=orders))
    assert "Unknown" in shown
    assert "BTC/USDT@alpha99" in shown
    assert "in doubt 1" in shown


def test_an_engaged_kill_switch_is_in_the_title():
    shown = drawn(Look(status=status(killed="Ada: enough")))
    assert "kill switch engaged" in shown


def test_a_recovery_shows_each_order_of_the_kill_beside_the_venues_truth():
    recovery = Recovery(
        phase="settled",
        process_before=11,
        process_after=22,
        rows=[
            settled(desk="Filled 0.01", venue="Filled 0.01", agrees=True),
            settled(at_kill="New", in_flight=(), desk="New", venue="New", agrees=True),
        ],
        seconds=1.25,
    )
    shown = drawn(Look(status=status()), recovery=recovery)
    for words in (
        *("SIGKILL of process 11, back as 22", "2 orders were open, 1 of them"),
        *("2 agree with the venue's own truth, after 1.2 s", "Sent, submit unanswered"),
        *("Filled 0.01", "agree"),
    ):
        assert words in shown


@given(columns=st.integers(1, 220), lines=st.integers(1, 80), rows=st.integers(0, 30))
@settings(max_examples=60, deadline=None)
def test_no_terminal_is_too_small_or_too_large_to_draw_on(columns, lines, rows):
    look = Look(
        status=status(),
        books=BOOKS,
        orders=[order(number) for number in range(rows)],
        fills=[FILL] * rows,
    )
    recovery = Recovery(rows=[settled() for _ in range(rows)])
    shown = drawn(look, (columns, lines), recovery=recovery)
    assert max(map(len, shown.splitlines())) <= columns
    assert len(shown.splitlines()) <= lines


@pytest.mark.parametrize("lacking", ["uptime_s", "pnl", "unexplained_positions"])
def test_status_of_a_dead_desk_is_shown_without_what_only_a_live_one_knows(lacking):
    told = status()
    del told[lacking]
    console = Console(file=io.StringIO(), width=120)
    with console.capture() as capture:
        console.print(standing(told))
    assert "desk demo" in capture.get()
    assert "authenticate" in capture.get()


def desks(status, filled="0", *, proven=None, in_doubt=()):
    return {
        "client_order_id": "cd-1",
        "status": status,
        "proven_status": proven or status,
        "cumulative_quantity": filled,
        "in_doubt": list(in_doubt),
    }


def truth(*orders):
    return {"alpha": {"accounts": {"main": {"orders": list(orders)}}}}


def venues(status, filled="0"):
    return {"client_order_id": "cd-1", "status": status, "cumulative_quantity": filled}


AGREEMENTS = [
    # the desk's word, the venue's, whether they agree
    (desks("Filled", "0.01"), truth(venues("Filled", "0.010")), True),
    (desks("Filled", "0.01"), truth(venues("PartiallyFilled", "0.01")), False),
    (desks("PartiallyFilled", "0.01"), truth(venues("PartiallyFilled", "0.02")), False),
    (desks("New"), truth(venues("New")), True),
    (desks("Unknown", proven="New", in_doubt=["cancel"]), truth(venues("New")), False),
    (desks("Unknown", proven="Sent", in_doubt=["submit"]), truth(), False),
    (desks("NeverAccepted"), truth(), True),
    (desks("NeverAccepted"), truth(venues("New")), False),
    (desks("Rejected"), truth(), True),
    (desks("New"), truth(), False),
    (desks("NeverAccepted", "0.01"), truth(), False),
]


@pytest.mark.parametrize(("mine", "theirs", "agrees"), AGREEMENTS)
def test_desk_and_venue_agree_only_on_the_same_status_and_quantity(mine, theirs, agrees):
    recovery = Recovery(rows=[settled()])
    recovery.compare([mine], theirs)
    assert recovery.is_complete is agrees
    assert (recovery.agreed, recovery.in_flight) == (int(agrees), 1)


def test_an_order_the_desk_forgot_never_agrees():
    recovery = Recovery(rows=[settled()])
    recovery.compare([], truth(venues("New")))
    assert not recovery.is_complete
    recovery.compare([], truth())
    assert not recovery.is_complete

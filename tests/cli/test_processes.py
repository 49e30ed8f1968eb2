"""Whole processes: how they end, what they leave, and what they say of it."""

import fcntl
import json
import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

RECORDING = (
    Path(__file__).parents[3] / "shared/data/hftbacktest/examples/spot/ethusdt_20240808.gz"
)
SUMMARY = [
    "venues",
    "orders",
    "fills",
    "doubts_open",
    "unexplained_positions",
    "pnl",
    "currency",
]
MOMENTS = ("before_journal", "journal_to_send", "send_to_reply", "reply_to_journal")


def processes_naming(words):
    found = subprocess.run(
        ["ps", "-A", "-ww", "-o", "pid=,args="], capture_output=True, text=True, check=True
    )
    return [line for line in found.stdout.splitlines() if words in line]


def own_temporary(folder):
    (folder / "tmp").mkdir()
    return {"TMPDIR": str(folder / "tmp")}


def test_demo_prints_one_json_line_trades_and_leaves_nothing(child, folder):
    with child(
        *("crossdock", "demo", "--seconds", "3", "--json"),
        environment=own_temporary(folder),
    ) as demo:
        code, said = demo.wait()
    told = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    assert code == 0, said
    assert [list(each) for each in told] == [SUMMARY]
    (summary,) = told
    assert summary["venues"] == 3
    assert summary["fills"] > 0
    assert (summary["doubts_open"], summary["unexplained_positions"]) == (0, 0)
    assert summary["currency"] == "USDT"
    assert processes_naming(str(folder)) == []
    assert list((folder / "tmp").iterdir()) == []


@pytest.mark.skipif(not RECORDING.exists(), reason="the recorded stream is not here")
def test_demo_trades_what_a_recording_trades(child, folder):
    with child(
        *("crossdock", "demo", "--seconds", "5", "--json", "--market", RECORDING),
        environment=own_temporary(folder),
    ) as demo:
        code, said = demo.wait()
    assert code == 0, said
    assert "on ETH/USDT" in said
    summary = json.loads(said.splitlines()[-1])
    assert list(summary) == SUMMARY
    assert (summary["doubts_open"], summary["unexplained_positions"]) == (0, 0)
    assert summary["orders"] > 0


def test_an_interrupted_demo_leaves_nothing(child, folder):
    with child(
        *("crossdock", "demo", "--seconds", "600", "--json"),
        environment=own_temporary(folder),
    ) as demo:
        demo.until("trading for")
        assert processes_naming(str(folder))  # desk and dashboard name their settings
        code, said = demo.end(signal.SIGINT)
    assert code == 130
    assert "Traceback" not in said
    assert processes_naming(str(folder)) == []
    assert list((folder / "tmp").iterdir()) == []


def test_a_demo_that_is_asked_to_end_settles_tells_and_leaves_nothing(child, folder):
    with child(
        *("crossdock", "demo", "--seconds", "600", "--json", "--no-browser"),
        environment=own_temporary(folder),
    ) as demo:
        demo.until("trading for")
        code, said = demo.end(signal.SIGTERM)
    assert code == 0, said
    assert "Traceback" not in said
    summary = json.loads(said.splitlines()[-1])
    assert list(summary) == SUMMARY
    assert (summary["doubts_open"], summary["unexplained_positions"]) == (0, 0)
    assert processes_naming(str(folder)) == []
    assert list((folder / "tmp").iterdir()) == []


def test_a_demo_that_is_asked_to_end_while_it_starts_leaves_nothing(child, folder):
    with child(
        *("crossdock", "demo", "--seconds", "600", "--json", "--no-browser"),
        environment=own_temporary(folder),
    ) as demo:
        demo.until("starting three venues")
        code, said = demo.end(signal.SIGTERM)
    assert code == 0, said
    assert "Traceback" not in said
    assert "its folder is removed" in said
    assert processes_naming(str(folder)) == []
    assert list((folder / "tmp").iterdir()) == []


def test_interrupted_run_stops_with_grace_and_says_what_stays(
    crossdock, start, venues, folder
):
    settings = venues.settings(folder)
    with start(settings) as desk:
        rested = crossdock(
            *("--settings", settings, "buy", "ETH/USDT@beta", "0.1", "--limit", "2960"),
            "--json",
        )
        bought = crossdock(
            "--settings", settings, "buy", "BTC/USDT:USDT@alpha", "0.02", "--json"
        )
        code, said = desk.end(signal.SIGINT)
    assert (rested.code, bought.code) == (0, 0), (rested, bought)
    assert (rested.json["status"], bought.json["status"]) == ("New", "Filled")
    assert code == 0
    assert "beta: 1 open orders, 0 doubts, 0 positions of ours stay" in said
    assert "alpha: 0 open orders, 0 doubts, 1 positions of ours stay" in said
    assert "alpha 0.02 BTC/USDT:USDT@alpha" in said
    assert "Traceback" not in said

    # The desk is gone: reads answer from its journal, and say so.
    listed = crossdock("--settings", settings, "orders", "--json").json
    assert listed["running"] is False
    assert [o["order_id"] for o in listed["orders"]] == [rested.json["order_id"]]
    said = crossdock("--settings", settings, "orders")
    assert said.err.startswith("desk is not running: as of the journal's last record, 20")
    fills = crossdock("--settings", settings, "fills", "--json").json["fills"]
    assert {fill["order_id"] for fill in fills} == {bought.json["order_id"]}
    story = crossdock("--settings", settings, "trace", rested.json["order_id"], "--json")
    assert story.json["records"][0]["record"] == "order_intended"
    status = crossdock("--settings", settings, "status", "--json").json
    assert (status["running"], status["open_orders"]) == (False, 1)
    positions = crossdock("--settings", settings, "positions", "--json").json["positions"]
    held = [p for p in positions if p.get("strategy") == "manual"]
    assert [(p["instrument"], p["quantity"]) for p in held] == [
        ("BTC/USDT:USDT@alpha", "0.02")
    ]
    assert crossdock("--settings", settings, "doubts", "list").out == "no doubts\n"

    # Kill goes straight to the venues, and closes what is ours alone.
    killed = crossdock("--settings", settings, "kill", "--flatten", "--json")
    assert killed.code == 0, killed.out
    told = killed.json
    assert (told["desk_was_running"], told["cancels_sent"]) == (False, 1)
    assert (told["flatten_orders"], told["open_orders"], told["positions"]) == (1, 0, [])
    theirs = {o["client_order_id"]: o["status"] for o in venues.truth("beta")["orders"]}
    assert theirs[rested.json["client_order_id"]] == "Canceled"
    after = crossdock("--settings", settings, "status", "--json").json
    assert "by hand" in after["killed"]


def test_kill_closes_spot_holdings_that_orders_of_ours_made(
    crossdock, start, venues, folder
):
    settings = venues.settings(folder, venues=("beta",))
    with start(settings) as desk:
        bought = crossdock("--settings", settings, "buy", "ETH/USDT@beta", "0.2", "--json")
        killed = crossdock("--settings", settings, "kill", "--flatten", "--json")
        desk.end()
    assert bought.json["status"] == "Filled"
    assert (killed.json["flatten_orders"], killed.json["positions"]) == (1, [])
    assert killed.code == 0


def test_on_exit_cancel_leaves_no_order(crossdock, start, venues, folder):
    settings = venues.settings(
        folder, changes=[("[desk]\n", '[desk]\non_exit = "cancel"\n')]
    )
    with start(settings) as desk:
        crossdock("--settings", settings, "buy", "ETH/USDT@beta", "0.1", "--limit", "2960")
        stopped = crossdock("--settings", settings, "stop")
        code, said = desk.wait()
    assert stopped.out == "stopped\n"
    assert code == 0
    assert "beta: 0 open orders" in said


@pytest.mark.parametrize("moment", MOMENTS)
def test_a_desk_told_to_die_dies_at_that_moment_and_the_next_one_settles_it(
    crossdock, start, venues, folder, moment
):
    settings = venues.settings(folder, venues=("gamma",))
    with start(settings, "--die-at", f"{moment}:1") as desk:
        said = crossdock("--settings", settings, "buy", "BTC/USDT@gamma", "0.01")
        code, _ = desk.wait()
    assert code == -signal.SIGKILL
    assert said.code in (0, 4, 5)
    with start(settings) as again:
        # Asked through a kill, which returns when nothing of ours is open or in doubt.
        killed = crossdock("--settings", settings, "kill", "--json")
        orders = crossdock("--settings", settings, "orders", "--all", "--json").json
        again.end()
    assert killed.code == 0, killed
    truth = {
        order["client_order_id"]: order["status"]
        for order in venues.truth("gamma")["orders"]
    }
    for order in orders["orders"]:
        expected = truth.get(order["client_order_id"], "NeverAccepted")
        assert order["status"] == expected


def test_output_to_a_pipe_that_closes_is_no_error_on_screen(venues, folder):
    settings = venues.settings(folder)
    piped = subprocess.run(
        f"{sys.executable} -m crossdock --settings {settings} config show | true",
        shell=True,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (piped.stdout, piped.stderr) == ("", "")


def test_the_sandbox_serves_in_the_foreground_until_interrupted(child):
    with child("crossdock", "sandbox") as sandbox:
        addresses = json.loads(sandbox.until('"admin"'))
        code, said = sandbox.end(signal.SIGTERM)
    assert set(addresses["venues"]) == {"alpha", "beta", "gamma"}
    assert code == 0, said
    assert "Traceback" not in said


PARENT = """
import os, subprocess, sys
desk = [sys.executable, "-m", "crossdock", "--settings", sys.argv[1], "run", "--with-parent"]
child = subprocess.Popen(
    desk, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
)
for line in child.stderr:
    if "runs; ready" in line:
        os._exit(0)
"""


def test_a_desk_whose_parent_dies_ends_too(venues, folder):
    settings = venues.settings(folder)
    subprocess.run([sys.executable, "-c", PARENT, settings], check=True)
    # It owns its journal for as long as it lives: the lock is free when it is gone.
    lock = os.open(folder / "journal" / "lock", os.O_RDWR)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
    finally:
        os.close(lock)
    assert not (folder / "desk.sock").exists()


def test_a_demo_without_a_terminal_brings_back_a_desk_that_somebody_killed(child, folder):
    with child(
        *("crossdock", "demo", "--seconds", "4", "--json", "--no-dashboard"),
        environment=own_temporary(folder),
    ) as demo:
        demo.until("trading for")
        (desk,) = (
            line.split()[0]
            for line in processes_naming(str(folder))
            if line.rstrip().endswith(" run --with-parent")
        )
        os.kill(int(desk), signal.SIGKILL)
        code, said = demo.wait()
    assert code == 0, said
    (told,) = re.findall(r"killed from outside, back as PID (\d+): (\d+) of (\d+)", said)
    assert told[0] != desk
    assert told[1] == told[2]
    summary = json.loads(said.splitlines()[-1])
    assert (summary["doubts_open"], summary["unexplained_positions"]) == (0, 0)

"""The first start with real money: asked on a terminal, refused without one, shown everywhere."""

import io
import os
import pty
import sys

import pytest
from rich.console import Console

from crossdock.app.settings import load_settings
from crossdock.cli.view.screen import screen
from crossdock.cli.view.standing import standing

ADDRESS = "https://api.exchange.invalid"  # by RFC 2606 nobody ever answers there


@pytest.fixture
def live(folder):
    """Settings of a desk whose one account would trade real money."""
    file = folder / "settings.toml"
    file.write_text(
        f"""
[desk]
mode = "live"
on_exit = "cancel"
journal = "{folder / "journal"}"
control = "{folder / "desk.sock"}"
log_folder = "{folder / "logs"}"

[accounts.main]
adapter = "alpaca"
environment = "live"
accept_unproven = true
url = "{ADDRESS}"
key = "a-key"
key_secret = "a-secret"
"""
    )
    file.chmod(0o600)
    assert load_settings(file, environment={}).live_accounts() == ("main",)
    return file


def on_a_terminal(settings, typed, *options):
    """Run a desk on a terminal of ours, type once it asks, return its code and its words."""
    process, descriptor = pty.fork()
    if process == 0:
        command = ["-m", "crossdock", "--settings", str(settings), "run", *options]
        os.execv(sys.executable, [sys.executable, *command])
    said = b""
    try:
        while True:
            said += os.read(descriptor, 65_536)
            if typed and b'for real"' in said:
                os.write(descriptor, typed.encode() + b"\n")
                typed = ""
    except OSError:  # its end closes the terminal
        pass
    _, status = os.waitpid(process, 0)
    os.close(descriptor)
    return os.waitstatus_to_exitcode(status), said.decode(errors="replace")


def confirmed(crossdock, settings):
    shown = crossdock("--settings", settings, "journal", "show", "--json", "--limit", "99")
    records = shown.json["records"] if shown.code == 0 else []
    return [each["words"] for each in records if each["record"] == "live_confirmed"]


def test_without_a_terminal_it_is_refused_before_anything_connects(crossdock, live):
    said = crossdock("--settings", live, "run", "--json")
    assert said.error["code"] == "live-unconfirmed"
    assert "--yes-live main" in said.error["hint"]
    assert confirmed(crossdock, live) == []


def test_other_words_on_the_terminal_start_nothing(crossdock, live):
    code, said = on_a_terminal(live, "yes", "--seconds", "0")
    assert code == 2
    assert "LIVE: account main has not traded real money before" in said
    assert "on exit     cancel" in said
    assert "at most 100 in one order, 1000 in all, in USDT" in said
    assert "main was not confirmed: nothing was started" in said
    assert not (live.parent / "journal").exists()


def test_the_words_are_journaled_and_not_asked_for_again(crossdock, live):
    code, said = on_a_terminal(live, "trade main for real", "--seconds", "0")
    assert code == 0, said
    assert "LIVE: main trade real money" in said
    [words] = confirmed(crossdock, live)
    assert "trade main for real" in words
    code, said = on_a_terminal(live, "", "--seconds", "0")
    assert (code, "LIVE: type" in said) == (0, False)


def test_a_service_names_the_account_once(crossdock, live, child):
    with child(
        "crossdock", "--settings", live, "run", "--yes-live", "main", "--seconds", "0"
    ) as running:
        code, said = running.wait()
    assert code == 0, said
    [words] = confirmed(crossdock, live)
    assert "--yes-live main" in words


def test_a_name_that_would_move_nothing_is_refused(crossdock, live):
    said = crossdock("--settings", live, "run", "--yes-live", "mian", "--json")
    assert (said.error["code"], said.error["hint"]) == (
        "live-unknown",
        "did you mean main?",
    )


def test_the_status_of_a_dead_desk_says_live_as_well(crossdock, live, child):
    with child(
        "crossdock", "--settings", live, "run", "--yes-live", "main", "--seconds", "0"
    ) as running:
        running.wait()
    status = crossdock("--settings", live, "status", "--json").json
    assert status["mode"] == status["accounts"][0]["mode"] == "live"
    assert " LIVE " in crossdock("--settings", live, "status").out


def drawn(shown, width=140):
    console = Console(file=io.StringIO(), width=width, height=40)
    console.print(shown)
    return console.file.getvalue()


@pytest.mark.parametrize("mode", ["live", "paper"])
def test_live_cannot_be_overlooked_on_the_view_and_paper_does_not_look_like_it(
    desk, crossdock, mode
):
    status = crossdock("--settings", desk, "status", "--json").json
    status["mode"] = mode
    look = type("Look", (), {"status": status, "books": [], "orders": [], "fills": []})
    for width in (140, 80):
        assert (" LIVE " in drawn(screen(look, (width, 40)), width)) is (mode == "live")
    assert (" LIVE " in drawn(standing(status))) is (mode == "live")


def test_an_order_says_on_which_kind_of_account_it_is(desk, crossdock):
    said = crossdock(
        "--settings", desk, "buy", "BTC/USDT", "0.01", "--account", "alpha", "--json"
    )
    assert said.json["mode"] == "paper"

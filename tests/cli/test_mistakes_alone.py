"""Mistakes made with no desk running: what is said, with which code, and how it ends."""

import os
import socket

import msgspec
import pytest

from crossdock.adapters.stores.journal.files import JournalFiles
from crossdock.adapters.stores.journal.format import segment_file
from crossdock.core import records as r
from crossdock.ports import Durability

ACCOUNT = """
[accounts.alpha]
adapter = "sandbox"
url = "http://127.0.0.1:1"
key = "k"
key_secret = "s-secret"
"""
QUOTING = '\n[strategies.q]\nkind = "quoting"\nsymbols = ["BTC/USDT"]\n'


def settings(folder, text=ACCOUNT, desk=""):
    file = folder / "settings.toml"
    file.write_text(
        f'[desk]\njournal = "{folder}/journal"\ncontrol = "{folder}/desk.sock"\n'
        f'log_folder = "{folder}/logs"\n{desk}\n{text}'
    )
    file.chmod(0o600)
    return file


def journal(folder, name="journal", payloads=None):
    started = r.SessionStarted(
        at=1,
        session="s",
        version="0",
        settings_digest="",
        durability="process",
        process_id=1,
    )
    ended = r.SessionEnded(at=2, reason="stopped")
    if payloads is None:
        payloads = [r.encode(started), *[r.encode(ended)] * 20]
    with JournalFiles.open(folder / name, Durability.PROCESS) as opened:
        opened.append(payloads)
    return folder / name


def flip(file, offset):
    data = bytearray(file.read_bytes())
    data[offset] ^= 1
    file.write_bytes(data)


def no_settings_file(folder):
    return folder / "none.toml", ["config", "check"]


def bad_toml(folder):
    return settings(folder, "[risk\n"), ["config", "check"]


def unknown_setting(folder):
    return settings(folder, desk='curency = "EUR"'), ["config", "check"]


def wrong_type(folder):
    return settings(folder, desk="log_files = true"), ["config", "check"]


def wrong_choice(folder):
    return settings(folder, desk='on_exit = "panic"'), ["config", "check"]


def missing_setting(folder):
    return settings(folder, ACCOUNT.replace('key = "k"\n', "")), ["config", "check"]


def missing_secret(folder):
    text = ACCOUNT.replace('key_secret = "s-secret"\n', "")
    return settings(folder, text), ["config", "check"]


def unknown_adapter(folder):
    return settings(folder, ACCOUNT.replace('"sandbox"', '"sandbux"')), ["run"]


def open_secret_file(folder):
    (folder / "secret").write_text("s-secret")
    (folder / "secret").chmod(0o644)
    text = ACCOUNT.replace("key_secret = ", "key_secret_file = ").replace(
        "s-secret", "secret"
    )
    return settings(folder, text), ["config", "check"]


def missing_secret_file(folder):
    text = ACCOUNT.replace("key_secret = ", "key_secret_file = ").replace(
        "s-secret", "secret"
    )
    return settings(folder, text), ["config", "check"]


def unknown_strategy(folder):
    return settings(folder, ACCOUNT + QUOTING.replace('"quoting"', '"quotting"')), ["run"]


def wrong_params(folder):
    text = ACCOUNT + QUOTING + 'params = {distance_bps = "wide"}\n'
    return settings(folder, text), ["config", "check"]


def unknown_portfolio(folder):
    text = ACCOUNT + QUOTING + 'portfolio = "mine"\n[portfolios.mind]\n'
    return settings(folder, text), ["config", "check"]


def wrong_limit(folder):
    return settings(folder, "[risk]\nleverage_mx = 3\n" + ACCOUNT), ["config", "check"]


def override_without_value(folder):
    return settings(folder), ["config", "check", "--set", "desk.mode"]


def override_of_nothing(folder):
    return settings(folder), ["--set", "dask.mode=paper", "config", "check"]


def control_is_a_file(folder):
    (folder / "desk.sock").write_text("precious")
    return settings(folder), ["run"]


def control_is_a_file_when_asked(folder):
    (folder / "desk.sock").write_text("precious")
    return settings(folder), ["stop"]


def journal_below_a_file(folder):
    (folder / "file").write_text("")
    text = settings(folder).read_text().replace("/journal", "/file/journal")
    (folder / "settings.toml").write_text(text)
    return folder / "settings.toml", ["run"]


def journal_damaged(folder):
    flip(segment_file(journal(folder), 1), 400)
    return settings(folder), ["run"]


def journal_damaged_and_read(folder):
    flip(segment_file(journal(folder), 1), 400)
    return settings(folder), ["orders"]


def journal_newer(folder):
    record = msgspec.json.encode({"v": 99, "record": "session_ended", "at": 1})
    journal(folder, payloads=[record])
    return settings(folder), ["orders"]


def journal_in_use(folder):
    opened = JournalFiles.open(folder / "journal", Durability.PROCESS)
    return settings(folder), ["run"], opened.close


def journal_in_use_at_kill(folder):
    opened = JournalFiles.open(folder / "journal", Durability.PROCESS)
    return settings(folder), ["kill"], opened.close


def no_journal(folder):
    return settings(folder), ["journal", "verify"]


def no_journal_to_read(folder):
    return settings(folder), ["fills"]


def restore_over_a_journal(folder):
    journal(folder)
    return settings(folder), ["journal", "restore", journal(folder, "backup")]


def restore_of_nothing(folder):
    return settings(folder), ["journal", "restore", folder / "backup"]


def backup_over_a_folder(folder):
    journal(folder)
    (folder / "backup").mkdir()
    return settings(folder), ["journal", "backup", folder / "backup"]


def export_over_a_file(folder):
    journal(folder)
    (folder / "out").write_text("precious")
    return settings(folder), ["journal", "export", "--to", folder / "out"]


def export_to_nowhere(folder):
    journal(folder)
    return settings(folder), ["journal", "export", "--to", folder / "none" / "out"]


def init_over_a_file(folder):
    return settings(folder), ["init"]


def buy_without_a_desk(folder):
    return settings(folder), ["buy", "BTC/USDT", "0.1"]


def stop_without_a_desk(folder):
    return settings(folder), ["stop"]


def unknown_command(folder):
    return settings(folder), ["ordrs"]


def unknown_option(folder):
    return settings(folder), ["orders", "--jsn"]


def negative_quantity(folder):
    return settings(folder), ["buy", "BTC/USDT", "-1"]


def no_quantity(folder):
    return settings(folder), ["buy", "BTC/USDT"]


def unknown_time_in_force(folder):
    return settings(folder), ["buy", "BTC/USDT", "1", "--tif", "FOREVER"]


def nothing_to_amend(folder):
    return settings(folder), ["amend", "o-1"]


def resolve_without_a_name(folder):
    return settings(folder), ["doubts", "resolve", "a-1", "live"]


def unknown_moment(folder):
    return settings(folder), ["run", "--die-at", "teatime:1"]


def kill_of_an_unknown_account(folder):
    return settings(folder), ["kill", "--account", "alfa"]


def adapter_that_is_not_there(folder):
    return settings(folder), ["adapters", "sandbux"]


def no_recording(folder):
    return settings(folder), ["demo", "--market", folder / "none.gz"]


def malformed_recording(folder):
    (folder / "recording").write_text("yesterday BTC went up\n")
    return settings(folder), ["demo", "--market", folder / "recording"]


def recording_is_a_folder(folder):
    return settings(folder), ["demo", "--market", folder]


def port_taken(folder):
    taken = socket.create_server(("127.0.0.1", 0))
    port = str(taken.getsockname()[1])
    return settings(folder), ["sandbox", "--admin-port", port], taken.close


def trace_of_nothing(folder):
    journal(folder)
    return settings(folder), ["trace", "o-nothing"]


def misspelt_adapter(folder):
    return settings(folder), ["adapters", "binanc"]


def download_of_no_symbol(folder):
    """Nothing is asked of the exchange, which nobody here could reach."""
    words = ["data", "download", "BTCUSDT@binance", "--since", "2024-01-01"]
    return settings(folder), [*words, "--to", str(folder / "market")]


def adapter_without_a_page(folder):
    return settings(folder), ["venues", "mexc"]


def book_of_a_venue_not_read(folder):
    (folder / "recording.jsonl").write_text("{}\n")
    path = str(folder / "recording.jsonl")
    return settings(folder), ["replay", path, "--check-book", "--venue", "krakenn"]


MISTAKES = [
    # what was done, exit code, error code, words that must be said
    (no_settings_file, 2, "config-file", "crossdock init"),
    (bad_toml, 2, "config-syntax", "settings.toml:"),
    (unknown_setting, 2, "config-unknown", "did you mean currency"),
    (wrong_type, 2, "config-value", "desk.log_files"),
    (wrong_choice, 2, "config-value", "flatten"),
    (missing_setting, 2, "config-missing", "accounts.alpha.key is missing"),
    (missing_secret, 2, "config-missing", "CROSSDOCK_ACCOUNTS_ALPHA_KEY_SECRET"),
    (unknown_adapter, 2, "adapter-unknown", "did you mean sandbox"),
    (misspelt_adapter, 2, "adapter-unknown", "did you mean binance?"),
    (download_of_no_symbol, 2, "bad-argument", "did you mean BTC/USDT@binance?"),
    (adapter_without_a_page, 2, "bad-argument", "crossdock adapters mexc"),
    (book_of_a_venue_not_read, 2, "bad-argument", "did you mean kraken?"),
    (open_secret_file, 2, "config-secret", "chmod 600"),
    (missing_secret_file, 2, "config-secret", "secret"),
    (unknown_strategy, 2, "strategy-unknown", "did you mean quoting"),
    (wrong_params, 2, "strategy-params", "strategies.q.params"),
    (unknown_portfolio, 2, "config-value", "did you mean mind"),
    (wrong_limit, 2, "config-unknown", "did you mean leverage_max"),
    (override_without_value, 2, "config-value", "--set desk.mode=paper"),
    (override_of_nothing, 2, "config-unknown", "did you mean desk"),
    (control_is_a_file, 2, "control-socket", "another kind of file"),
    (control_is_a_file_when_asked, 2, "control-socket", "not a socket"),
    (journal_below_a_file, 1, "journal-failed", "check the disk"),
    (journal_damaged, 5, "journal-damaged", "restore a backup"),
    (journal_damaged_and_read, 5, "journal-damaged", "restore a backup"),
    (journal_newer, 1, "journal-newer", "upgrade crossdock"),
    (journal_in_use, 1, "journal-locked", str(os.getpid())),
    (journal_in_use_at_kill, 1, "journal-locked", "stop that process"),
    (no_journal, 1, "journal-missing", "no journal"),
    (no_journal_to_read, 1, "journal-missing", "no journal"),
    (restore_over_a_journal, 1, "journal-exists", "not overwritten"),
    (restore_of_nothing, 1, "journal-missing", "no journal"),
    (backup_over_a_folder, 1, "journal-exists", "not overwritten"),
    (export_over_a_file, 2, "config-exists", "not overwritten"),
    (export_to_nowhere, 2, "config-file", "cannot be written"),
    (init_over_a_file, 2, "config-exists", "--settings"),
    (buy_without_a_desk, 4, "desk-not-running", "crossdock run"),
    (stop_without_a_desk, 4, "desk-not-running", "crossdock run"),
    (unknown_command, 2, "usage", "did you mean 'orders'"),
    (unknown_option, 2, "usage", "did you mean --json"),
    (negative_quantity, 2, "usage", "a quantity is positive"),
    (no_quantity, 2, "usage", "QUANTITY"),
    (unknown_time_in_force, 2, "usage", "GTC"),
    (nothing_to_amend, 2, "usage", "--quantity"),
    (resolve_without_a_name, 2, "usage", "--by"),
    (unknown_moment, 2, "usage", "before_journal"),
    (kill_of_an_unknown_account, 1, "unknown-account", "alpha"),
    (adapter_that_is_not_there, 2, "adapter-unknown", "sandbox"),
    (no_recording, 2, "recording", "none.gz"),
    (malformed_recording, 2, "recording", "recording:1"),
    (recording_is_a_folder, 2, "recording", "cannot be read"),
    (port_taken, 2, "sandbox-start", "--port-base"),
    (trace_of_nothing, 1, "unknown-id", "o-nothing"),
]
IDS = [mistake[0].__name__ for mistake in MISTAKES]


@pytest.mark.parametrize(("prepare", "exit_code", "code", "words"), MISTAKES, ids=IDS)
def test_a_mistake_alone_is_answered_with_what_where_and_what_to_do(
    crossdock, folder, prepare, exit_code, code, words
):
    file, arguments, *clean = prepare(folder)
    try:
        said = crossdock("--settings", file, *arguments)
    finally:
        for end in clean:
            end()
    assert (said.code, said.out) == (exit_code, "")
    assert said.err.startswith("error: ") or "\nerror: " in said.err
    assert words.lower() in said.err.lower()
    assert said.err.rstrip().endswith(f"{code}: docs/errors.md#{code}")
    assert "Traceback" not in said.err
    assert "s-secret" not in said.err


WITHOUT_JSON = {port_taken, export_over_a_file, export_to_nowhere}  # they print no data
AS_JSON = [mistake for mistake in MISTAKES if mistake[0] not in WITHOUT_JSON]


@pytest.mark.parametrize(
    ("prepare", "exit_code", "code", "words"), AS_JSON, ids=[m[0].__name__ for m in AS_JSON]
)
def test_the_same_mistake_with_json_is_one_json_object(
    crossdock, folder, prepare, exit_code, code, words
):
    file, arguments, *clean = prepare(folder)
    try:
        said = crossdock("--settings", file, *arguments, "--json")
    finally:
        for end in clean:
            end()
    assert said.code == exit_code
    assert said.error.keys() >= {"type", "code", "message", "hint"}
    assert said.error["code"] == code
    assert "s-secret" not in said.out


def test_nothing_that_stood_in_the_way_was_touched(crossdock, folder):
    for prepare in (control_is_a_file, export_over_a_file):
        file, arguments, *_ = prepare(folder)
        crossdock("--settings", file, *arguments)
    assert (folder / "desk.sock").read_text() == "precious"
    assert (folder / "out").read_text() == "precious"


def test_debug_shows_the_traceback_and_the_same_error(crossdock, folder):
    file, arguments = no_settings_file(folder)
    said = crossdock("--settings", file, *arguments, "--debug")
    assert said.code == 2
    assert "Traceback (most recent call last)" in said.err
    assert said.err.rstrip().endswith("docs/errors.md#config-file")

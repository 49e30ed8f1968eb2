import re
from pathlib import Path

import pytest

import crossdock as package
from crossdock import errors
from crossdock.adapters.stores.journal.format import segment_file
from crossdock.cli import failures
from crossdock.cli.entry import global_options_first
from crossdock.cli.exit_codes import ExitCode, exit_code_of
from crossdock.errors import ConfigError, DeskError, JournalError, Rejected, RiskRefused

ROOT = Path(__file__).parents[2]

MOVED = [
    ("run --settings a", "--settings a run"),
    ("run --settings=a --view", "--settings=a run --view"),
    ("--set x.y=1 orders --set z.w=2", "--set x.y=1 --set z.w=2 orders"),
    ("orders --json --debug", "--debug orders --json"),
    ("run --settings", "--settings run"),
    ("sandbox --settings a", "sandbox --settings a"),
    ("trace -- --settings", "trace -- --settings"),
    ("orders", "orders"),
]


@pytest.mark.parametrize(("given", "expected"), MOVED)
def test_options_of_every_command_may_stand_anywhere(given, expected):
    assert global_options_first(given.split()) == expected.split()


CODES = [
    (ConfigError("x"), 2),
    (DeskError("x"), 1),
    (DeskError("x", code="desk-not-running"), 4),
    (DeskError("x", code="account-away"), 4),
    (DeskError("x", code="bad-argument"), 2),
    (JournalError("x"), 1),
    (JournalError("x", code="journal-damaged"), 5),
    (RiskRefused([("a", "b")]), 3),
    (Rejected("x"), 1),
    (errors.OutcomeUnknown("x"), 5),
    (ValueError("x"), 1),
]


@pytest.mark.parametrize(("error", "code"), CODES, ids=[repr(e) for e, _ in CODES])
def test_every_error_has_its_exit_code(error, code):
    assert exit_code_of(error) == code


def test_the_page_of_exit_codes_names_them_all():
    page = (ROOT / "docs/reference/exit-codes.md").read_text("utf-8")
    assert {int(n) for n in re.findall(r"^\| (\d+) \|", page, re.MULTILINE)} == set(
        ExitCode
    )


def test_codes_of_the_command_line_alone_have_a_heading():
    page = (ROOT / "docs/errors.md").read_text("utf-8")
    for code in ("usage", "internal", "file-failed"):
        assert f"\n### {code}\n" in page


def test_version_is_the_packages(crossdock):
    said = crossdock("--version")
    assert (said.code, said.out) == (0, f"crossdock {package.__version__}\n")


@pytest.mark.parametrize("name", ["", "config", "doubts", "journal"])
def test_no_command_means_help(crossdock, name):
    said = crossdock(*name.split())
    assert said.code == 2
    assert "Usage" in said.out
    assert "error" not in said.err


COMMANDS = (
    *("init", "config", "paths", "demo", "run", "status", "buy", "sell", "amend", "cancel"),
    *("orders", "positions", "fills", "doubts", "trace", "kill", "release", "resume"),
    *("stop", "journal", "torture", "adapters", "doctor"),
)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(crossdock, command):
    said = crossdock(command, "--help")
    assert said.code == 0
    assert "Usage: crossdock" in said.out.replace("\n", " ")
    assert command in crossdock("--help").out


def test_init_writes_what_config_check_accepts_and_only_its_owner_reads(crossdock, folder):
    for options in ([], ["--sandbox"]):
        file = folder / f"settings{len(options)}.toml"
        written = crossdock("--settings", file, "init", *options, "--json")
        assert written.json == {"settings": str(file), "sandbox": bool(options)}
        assert file.stat().st_mode & 0o777 == 0o600
        checked = crossdock("--settings", file, "config", "check", "--json")
        assert checked.code == 0
        assert len(checked.json["accounts"]) == 3 * len(options)
        assert len(file.read_text("utf-8").splitlines()) < 150


def test_an_adapters_table_is_pasted_into_the_first_file_filled_and_checked(
    crossdock, folder
):
    file = folder / "settings.toml"
    crossdock("--settings", file, "init")
    table = crossdock("adapters", "binance", "--toml").out
    with file.open("a", encoding="utf-8") as opened:
        opened.write(table.replace('key = ""', 'key = "k"'))
    (folder / "secrets").mkdir()
    secret = folder / "secrets/binance.key_secret"
    secret.touch(0o600)
    check = ("--settings", file, "config", "check", "--json")
    assert "binance" in crossdock(*check).error["message"]
    secret.write_text("s")
    assert crossdock(*check).json["accounts"] == ["binance"]


def test_every_setting_or_those_of_a_section_are_told(crossdock, folder):
    file = folder / "settings.toml"
    file.write_text(crossdock("config", "explain").out)
    file.chmod(0o600)
    assert crossdock("--settings", file, "config", "check", "--json").code == 0
    assert (
        crossdock("config", "explain", "risk", "--json").json["toml"].startswith("[risk]")
    )
    unknown = crossdock("config", "explain", "rsk", "--json").error
    assert (unknown["code"], unknown["hint"]) == ("config-unknown", "did you mean risk?")


@pytest.mark.parametrize(
    ("arguments", "code"), [(["parquet"], "adapter-unknown"), ([], "usage")]
)
def test_a_table_is_of_one_adapter_that_settings_name(crossdock, arguments, code):
    assert crossdock("adapters", *arguments, "--toml", "--json").error["code"] == code


def test_config_show_tells_where_each_value_came_from(crossdock, folder):
    file = folder / "settings.toml"
    file.write_text('[desk]\nname = "main"\ncurrency = "EUR"\n')
    said = crossdock(
        *("--settings", file, "--set", "desk.log_level=debug", "config", "show"),
        *("--origin", "--json"),
    )
    origins = {row["key"]: row["origin"] for row in said.json["settings"]}
    assert origins["desk.currency"] == "settings.toml:3"
    assert origins["desk.log_level"] == "flag --set desk.log_level"
    assert origins["desk.on_exit"] == "default"


def test_paths_hold_without_settings_that_can_be_used(crossdock, folder):
    said = crossdock("--settings", folder / "none.toml", "paths", "--json")
    assert said.code == 0
    assert said.json["settings file"] == str(folder / "none.toml")
    assert "this desk's journal" not in said.json


def test_adapters_are_listed_and_told_in_full(crossdock):
    listed = crossdock("adapters", "--json").json
    assert "sandbox" in {each["id"] for each in listed["adapters"]}
    told = crossdock("adapters", "sandbox", "--json").json
    assert told["evidence"]["resend"] == "never"
    assert "url" in told["settings"]
    assert "arrival_horizon_s" in crossdock("adapters", "sandbox").out.replace(" ", "_")


def test_doctor_says_what_to_do_about_settings_that_cannot_be_used(crossdock, folder):
    said = crossdock("--settings", folder / "none.toml", "doctor", "--json")
    assert said.code == 5
    (wrong,) = [each for each in said.json["findings"] if each["verdict"] == "bad"]
    assert wrong["about"] == "settings"
    assert "crossdock init" in wrong["advice"]


def test_doctor_finds_a_damaged_journal(crossdock, folder):
    file = folder / "settings.toml"
    file.write_text(
        f'[desk]\njournal = "{folder}/journal"\ncontrol = "{folder}/desk.sock"\n'
        f'log_folder = "{folder}/logs"\n'
    )
    (folder / "journal").mkdir()
    segment_file(folder / "journal", 1).write_bytes(b"nonsense" * 100)
    said = crossdock("--settings", file, "doctor", "--json")
    assert said.code == 5
    assert "journal" in {
        each["about"] for each in said.json["findings"] if each["verdict"] == "bad"
    }


TOLD = [
    (
        errors.ExtraMissing("reports need plotly", hint="pip install 'crossdock[reports]'"),
        "error: reports need plotly. Type: pip install 'crossdock[reports]'\n",
    ),
    (ConfigError("did you mean fast?"), "error: did you mean fast?\n"),
    (ConfigError("it is off", hint="say on"), "error: it is off. Say on.\n"),
    (
        PermissionError(13, "Permission denied", "/x"),
        "error: /x: Permission denied. Check the path, the disk's free space and",
    ),
]


@pytest.mark.parametrize(("error", "line"), TOLD, ids=[line for _, line in TOLD])
def test_an_error_says_what_to_do_in_words_that_can_be_pasted(error, line, capsys):
    failures.tell(error, as_json=False)
    assert capsys.readouterr().err.startswith(line)

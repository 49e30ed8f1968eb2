"""`crossdock data download` against a real server that gives bars without a key."""

import signal
import threading
from datetime import UTC, datetime

import pytest

from crossdock.cli.commands.options import moment

MINUTE = 60 * 10**9


@pytest.fixture
def keyless(venues, folder):
    """Settings of a venue that is there to be read only."""
    file = folder / "settings.toml"
    tables = "".join(
        f'[accounts.{name}]\nadapter = "sandbox"\nuse = "data"\nurl = "{url}"\n'
        for name, url in venues.addresses["venues"].items()
        if name != "gamma"
    )
    file.write_text(tables)
    file.chmod(0o600)
    return file


@pytest.fixture
def since(crossdock, keyless, folder):
    """A time a few days before the venue's newest bar."""
    said = crossdock(
        "--settings", keyless, "data", "download", "BTC/USDT@alpha",
        "--since", "2000-01-01", "--timeframe", "1d", "--to", folder / "days", "--json",
    )  # fmt: skip
    assert said.code == 0, said.err + said.out
    return said.json["series"][0]["last_time_ns"] - 3 * 1440 * MINUTE


def test_bars_come_once_and_again_adds_nothing(crossdock, keyless, folder, since):
    def run(*more):
        return crossdock(
            "--settings", keyless, "data", "download", "BTC/USDT@alpha", "--to",
            folder / "market", "--timeframe", "1h", "--since", iso(since), *more,
        )  # fmt: skip

    [first] = run("--json").json["series"]
    assert (first["instrument"], first["timeframe"]) == ("BTC/USDT@alpha", "1h")
    assert first["added"] > 24
    assert first["known"] == first["changed"] == 0
    again = run("--json")
    [second] = again.json["series"]
    assert (again.code, again.err) == (0, "")
    assert (second["added"], second["first_time_ns"]) == (0, first["first_time_ns"])
    listed = crossdock("data", "list", "--dir", folder / "market", "--json").json
    assert listed["series"][0]["source"] == "sandbox, downloaded"
    assert "BTC/USDT@alpha" in run().out


def iso(time_ns):
    return datetime.fromtimestamp(time_ns / 1e9, UTC).isoformat()


def test_one_unknown_symbol_is_skipped_with_the_nearest_and_the_rest_goes_on(
    crossdock, keyless, folder, since
):
    said = crossdock(
        "--settings", keyless, "data", "download", "BTC/USTD@alpha", "ETH/USDT@alpha",
        "BTC/USDT@beta", "BTC/USDT@nowhere", "--timeframe", "1d", "--since", iso(since),
        "--to", folder / "market", "--json",
    )  # fmt: skip
    assert said.code == 0
    assert [s["instrument"] for s in said.json["series"]] == [
        "ETH/USDT@alpha",
        "BTC/USDT@beta",
    ]
    skipped = {each["symbol"]: each for each in said.json["skipped"]}
    assert skipped["BTC/USTD@alpha"]["hint"] == "did you mean BTC/USDT@alpha?"
    assert skipped["BTC/USDT@nowhere"]["code"] == "adapter-unknown"
    assert "warning: BTC/USTD@alpha is skipped" in said.err


@pytest.mark.parametrize(
    ("arguments", "code", "words"),
    [
        (["BTC/USTD@alpha"], "unknown-symbol", "did you mean BTC/USDT@alpha?"),
        (["BTC/USDT"], "bad-argument", "names no venue"),
        (["BTC/USDT@alpha", "--timeframe", "1x"], "bad-argument", "--timeframe"),
        (["BTC/USDT@alpha", "--until", "1999-01-01"], "bad-argument", "is not before"),
        (["BTC/USDT@alpha", "--kind", "books"], "usage", "--kind is one of"),
        (["BTC/USDT@paper"], "config-value", "no data of its own"),
    ],
)
def test_a_mistake_is_told_and_nothing_is_fetched(
    crossdock, keyless, folder, arguments, code, words
):
    said = crossdock(
        "--settings", keyless, "data", "download", *arguments, "--since", "2000-01-01",
        "--to", folder / "market", "--json",
    )  # fmt: skip
    assert said.error["code"] == code
    assert words in said.error["message"] + said.error["hint"]
    assert not list(folder.rglob("*.parquet"))


def test_ctrl_c_ends_it_cleanly_and_says_how_to_go_on(keyless, folder, child):
    with child(
        "crossdock", "--settings", keyless, "data", "download", "BTC/USDT@alpha",
        "ETH/USDT@alpha", "--timeframe", "1s", "--since", "2000-01-01", "--to",
        folder / "market",
    ) as running:  # fmt: skip
        wait_for(lambda: list(folder.rglob("*.parquet")))
        code, said = running.end(signal.SIGINT)
    assert code == 130
    assert "the same command goes on from here" in said
    assert "Traceback" not in said


def wait_for(condition):
    pause = threading.Event()
    for _ in range(1200):
        if condition():
            return
        pause.wait(0.05)
    raise AssertionError("nothing was stored")


def test_times_without_a_zone_are_utc():
    assert moment("--since", "1970-01-02") == 86_400 * 10**9
    assert moment("--since", "") is None

"""`crossdock strategies` and `crossdock new strategy`, whose result passes every check."""

import contextlib
import io
import json
import os
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from crossdock.cli import main
from crossdock.strategies import EXAMPLES

ROOT = Path(__file__).parents[2]


def call(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(each) for each in arguments])
    return int(code), out.getvalue(), err.getvalue()


def test_the_strategies_are_listed_with_their_parameters():
    code, out, _ = call("strategies", "--json")
    rows = {row["name"]: row for row in json.loads(out)["strategies"]}
    assert code == 0 and EXAMPLES.keys() <= rows.keys()
    fast = next(it for it in rows["sma_cross"]["parameters"] if it["name"] == "fast")
    assert fast == {
        "name": "fast",
        "type": "int",
        "default": 10,
        "least": 1,
        "most": None,
        "choices": [],
        "help": "bars in the fast average",
    }


def test_one_strategy_is_told_in_full():
    code, out, _ = call("strategies", "sma_cross")
    assert code == 0
    for words in ("SmaCross", "bars in the fast average", "0.001..1", "0.95"):
        assert words in out
    code, out, _ = call("strategies")
    assert code == 0 and all(name in out for name in EXAMPLES)


def test_a_strategy_that_is_not_there_names_the_nearest():
    code, _, err = call("strategies", "sma_crss")
    assert code == 2 and "Did you mean sma_cross?" in err


@pytest.fixture(scope="module")
def born(tmp_path_factory):
    folder = tmp_path_factory.mktemp("new")
    code, out, err = call("new", "strategy", "calm-breakout", "--to", folder, "--json")
    assert code == 0, err
    return json.loads(out)


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "CROSSDOCK_HOME": f"{folder}/home"},
        timeout=300,
    )


def test_a_new_strategy_says_what_was_written(born):
    assert [file.removeprefix(born["folder"]) for file in born["files"]] == [
        "/README.md",
        "/calm_breakout.py",
        "/pyproject.toml",
        "/tests/test_calm_breakout.py",
    ]


@pytest.mark.parametrize(
    "check",
    [
        ("pytest", "-q", "-W", "error", "-p", "no:cacheprovider", "-p", "no:asyncio"),
        ("ruff", "check", "--no-cache", "."),
        ("ruff", "format", "--check", "--no-cache", "."),
        ("mypy", "--cache-dir", str(ROOT / ".mypy_cache/new-strategy")),
    ],
    ids=lambda check: " ".join(check[:2]),
)
def test_a_new_strategy_passes_every_check_at_birth(born, check):
    if find_spec(check[0]) is None:
        pytest.skip(f"{check[0]} is not installed here")
    ran = run(born["folder"], *check)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_tests_of_a_new_strategy_notice_when_it_is_broken(born, tmp_path):
    for file in born["files"]:
        name = file.removeprefix(born["folder"] + "/")
        copy = tmp_path / name
        copy.parent.mkdir(exist_ok=True)
        with open(file) as original:
            text = original.read().replace("bar.close > self", "bar.close < self")
        copy.write_text(text)
    ran = run(tmp_path, "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio")
    assert ran.returncode == 1, ran.stdout + ran.stderr
    assert "2 failed" in ran.stdout


def test_a_new_strategy_can_be_told_about_by_where_it_is(born):
    ran = run(
        born["folder"], "crossdock", "strategies", "calm_breakout:CalmBreakout", "--json"
    )
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert [each["name"] for each in found["parameters"]] == [
        "timeframe",
        "length",
        "share",
    ]


def test_nothing_is_ever_overwritten(tmp_path):
    assert call("new", "strategy", "mine", "--to", tmp_path)[0] == 0
    kept = (tmp_path / "mine/mine.py").read_text()
    (tmp_path / "mine/mine.py").write_text("mine now")
    code, _, err = call("new", "strategy", "mine", "--to", tmp_path)
    assert code == 2 and "folder-exists" in err and kept
    assert (tmp_path / "mine/mine.py").read_text() == "mine now"


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("My-Strategy", "small letters"),
        ("my strategy", "small letters"),
        ("../mine", "small letters"),
        ("my--own", "small letters"),
        ("2nd", "small letters"),
        ("", "small letters"),
        ("class", "Python uses"),
        ("json", "Python uses"),
        ("sma-cross", "of Crossdock's own"),
        ("msgspec", "can be imported already"),
    ],
)
def test_a_name_that_would_not_work_is_refused(tmp_path, name, words):
    code, _, err = call("new", "strategy", name, "--to", tmp_path)
    assert code == 2 and words in err
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_is_no_folder_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    code, _, err = call("new", "strategy", "mine", "--to", tmp_path / "file")
    assert code == 2 and "cannot be written" in err

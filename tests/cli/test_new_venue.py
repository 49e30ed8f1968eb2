"""`crossdock new venue`, whose result answers every question that is asked of an adapter."""

import contextlib
import io
import json
import os
import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest

from crossdock.cli import main

ROOT = Path(__file__).parents[2]


def call(*arguments):
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        code = main([str(each) for each in arguments])
    return int(code), out.getvalue(), err.getvalue()


@pytest.fixture(scope="module")
def born(tmp_path_factory):
    """A new venue's folder, known to Python as an installed package is."""
    parent = tmp_path_factory.mktemp("new")
    code, out, err = call("new", "venue", "calm-broker", "--to", parent, "--json")
    assert code == 0, err
    folder = Path(json.loads(out)["folder"])
    record = folder / "calm_broker-0.1.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text(
        "Metadata-Version: 2.1\nName: calm-broker\nVersion: 0.1.0\n"
    )
    (record / "entry_points.txt").write_text(
        "[crossdock.venues]\ncalm_broker = calm_broker:MANIFEST\n"
    )
    return folder


def run(folder, *arguments):
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={**os.environ, "CROSSDOCK_HOME": f"{folder}/home", "PYTHONPATH": str(folder)},
        timeout=400,
    )


def test_a_new_venue_says_what_was_written(tmp_path):
    code, out, _ = call("new", "venue", "calm-broker", "--to", tmp_path)
    assert code == 0
    assert "calm_broker/venue.py" in out
    assert "pytest --pyargs crossdock.conformance -k calm_broker" in out


@pytest.mark.parametrize(
    "check",
    [
        ("pytest", "-q", "-W", "error", "-p", "no:cacheprovider"),
        ("ruff", "check", "--no-cache", "."),
        ("ruff", "format", "--check", "--no-cache", "."),
        ("mypy", "--cache-dir", str(ROOT / ".mypy_cache/new-venue")),
    ],
    ids=lambda check: " ".join(check[:2]),
)
def test_a_new_venue_passes_every_check_at_birth(born, check):
    if find_spec(check[0]) is None:
        pytest.skip(f"{check[0]} is not installed here")
    ran = run(born, *check)
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_new_venue_answers_the_questions_asked_of_every_adapter(born):
    ran = run(
        born,
        *("pytest", "-q", "-p", "no:cacheprovider", "--pyargs", "crossdock.conformance"),
        *("-k", "calm_broker"),
    )
    assert ran.returncode == 0, ran.stdout[-4000:] + ran.stderr
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None and int(passed[1]) > 40, ran.stdout[-500:]


def test_a_new_venue_is_found_like_any_other(born):
    ran = run(born, "crossdock", "adapters", "--json")
    assert ran.returncode == 0, ran.stderr
    assert "calm_broker" in ran.stdout


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Calm", "small letters"),
        ("class", "Python uses"),
        ("sandbox", "of Crossdock's own"),
    ],
)
def test_a_name_that_would_not_work_for_a_venue_is_refused(tmp_path, name, words):
    code, _, err = call("new", "venue", name, "--to", tmp_path)
    assert code == 2 and words in err
    assert list(tmp_path.iterdir()) == []

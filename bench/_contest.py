"""Each contender in a process of its own: no library is in another one's way."""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from typing import Any

Contender = Callable[[argparse.Namespace], Mapping[str, Any]]
"""Measure one contender by the options given, and return its figures."""

Figures = Mapping[str, Mapping[str, Any]]
"""What every contender measured, by its name."""

OURS = "ours"


def run(
    options: argparse.ArgumentParser,
    contenders: Mapping[str, Contender],
    lines: Callable[[argparse.Namespace, Figures], Iterator[Any]],
) -> None:
    """Measure every contender by itself and print a JSON line for each of `lines`.

    The figures of one that cannot run here are its reason, under "cannot_run". `--only`
    takes one contender and prints what it measured, without any peer.
    """
    options.add_argument("--only", choices=contenders)
    given = options.parse_args()
    if given.only:
        print(json.dumps(contenders[given.only](given)))
        return
    figures = {name: _measured(name) for name in contenders}
    for line in lines(given, figures):
        print(json.dumps(line), flush=True)


def _measured(name: str) -> Mapping[str, Any]:
    command = [sys.executable, *sys.argv, "--only", name]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        told = done.stderr.strip().splitlines() or ["it ended without a word"]
        return {"cannot_run": told[-1]}
    figures: Mapping[str, Any] = json.loads(done.stdout.splitlines()[-1])
    return figures


def beside(
    line: Mapping[str, Any], mine: Mapping[str, Any], theirs: Mapping[str, Any], key: str
) -> dict[str, Any]:
    """Add both figures and their ratio to a line: more than 1 is how much more they need."""
    made = dict(line)
    for whose, figures in (("ours", mine), ("theirs", theirs)):
        value = figures.get(key)
        if value is not None:
            made[whose] = _rounded(value)
        else:
            made[f"{whose}_cannot_run"] = figures.get("cannot_run", f"has no {key}")
    if "ours" in made and "theirs" in made:
        made["ratio"] = round(theirs[key] / mine[key], 2)
    return made


def _rounded(value: float) -> float:
    return round(value, 1) if value >= 10 else round(value, 3)

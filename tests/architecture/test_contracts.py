import ast
import subprocess
import sys
import tomllib
from importlib.metadata import entry_points
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SOURCE = ROOT / "src/crossdock"
FILES = sorted(SOURCE.rglob("*.py"))
KINDS = ("venues", "feeds", "stores", "alerts", "llms", "functions")


def test_every_import_contract_is_kept():
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from importlinter.cli import lint_imports_command as run; run(['--no-cache'])",
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "0 broken" in done.stdout


def test_every_folder_of_an_adapter_is_an_entry_point_and_every_entry_point_a_folder():
    folders = {
        (kind, folder.name)
        for kind in KINDS
        for folder in (SOURCE / "adapters" / kind).glob("*/")
        if (folder / "__init__.py").exists()
    }
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "entry-points"
    ]
    points = {
        (group.removeprefix("crossdock."), name)
        for group, entries in declared.items()
        for name, value in entries.items()
        if value.startswith("crossdock.adapters.")
    }
    assert folders == points


def test_what_is_installed_declares_the_same_entry_points_as_the_project():
    declared = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"][
        "entry-points"
    ]
    for group, entries in declared.items():
        installed = {p.name: p.value for p in entry_points(group=group)}
        assert entries.items() <= installed.items()


def calls_of(name):
    for file in FILES:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            found = called.attr if isinstance(called, ast.Attribute) else None
            if isinstance(called, ast.Name):
                found = called.id
            if found == name:
                yield file.relative_to(SOURCE).as_posix()


def test_an_approved_order_is_made_only_in_core_risk():
    makers = set(calls_of("Approved"))
    assert makers
    assert all(maker.startswith("core/risk/") for maker in makers)


@pytest.mark.parametrize("room", ["core", "model", "ports"])
def test_what_decides_reads_no_clock_and_draws_no_chance(room):
    forbidden = {"time", "random", "secrets", "uuid"}
    for file in (SOURCE / room).rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            names = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom):
                names = [node.module or ""]
            assert not forbidden & set(names), f"{file}: {names}"


def test_crossdock_imports_quickly_enough_to_hold_no_heavy_library():
    heavy = ["aiohttp", "pydantic", "rich", "typer", "sqlite3"]
    script = f"import crossdock, sys; print([m for m in {heavy} if m in sys.modules])"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "[]"

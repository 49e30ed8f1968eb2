"""What the pages show is tried: commands parse, cheap ones run, the example trades."""

import json
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest
import typer
from typer.exceptions import TyperException

from crossdock.cli.commands import application

ROOT = Path(__file__).parents[2]
HOW_TO = ROOT / "docs/how-to"
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
PLACEHOLDERS = {"N": "1", "S": "1", "live|absent": "live", "SECONDS": "1"}
PASSED_ON = "sandbox"  # its options are another program's, and tried with it


def shown_commands(text):
    """Yield every `crossdock …` of a page: on a line of its own, or between backticks."""
    text = FENCE.sub("", text)
    yield from re.findall(
        r"^    (?:.*&& )?(crossdock .+?)(?: {2,}.*)?$", text, re.MULTILINE
    )
    yield from re.findall(r"`(crossdock [^`\n]+)`", text)


def parse(command):
    """Parse a command line as `crossdock` would, and run nothing. Raises TyperException."""
    words = [PLACEHOLDERS.get(word, word) for word in shlex.split(command)[1:]]
    if words[0] in (PASSED_ON, "COMMAND"):
        return
    found = typer.main.get_command(application)
    context = found.make_context("crossdock", words)
    while hasattr(found, "resolve_command"):
        rest = [*context._protected_args, *context.args]
        if not rest and found.invoke_without_command:
            return
        name, found, rest = found.resolve_command(context, rest)
        whole = hasattr(found, "resolve_command") or rest
        if not whole and not _is_complete(found):
            return  # only named in passing: `crossdock cancel`
        context = found.make_context(name, rest, parent=context)


def _is_complete(command):
    return not any(parameter.required for parameter in command.params)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_command_a_page_shows_is_one_that_crossdock_has(page):
    for command in shown_commands(page.read_text("utf-8")):
        try:
            parse(command)
        except TyperException as error:
            pytest.fail(f"{command}: {error.format_message()}")


def test_commands_are_found_in_the_pages_at_all():
    found = [c for page in PAGES for c in shown_commands(page.read_text("utf-8"))]
    assert len(found) > 50
    assert "crossdock doubts list" in found


@pytest.mark.parametrize(
    "wrong", ["crossdock bye", "crossdock buy X 1 --limits 2", "crossdock journal mend"]
)
def test_a_command_that_is_not_there_would_be_found(wrong):
    with pytest.raises(TyperException):
        parse(wrong)


@pytest.fixture
def environment(tmp_path):
    return {**os.environ, "CROSSDOCK_HOME": str(tmp_path / "home")}


def run(environment, *arguments):
    return subprocess.run(
        [sys.executable, "-W", "error", *arguments],
        capture_output=True,
        text=True,
        env=environment,
        timeout=60,
    )


def test_trading_by_hand_can_be_set_up_as_its_page_says(environment):
    page = (HOW_TO / "trade-by-hand.md").read_text("utf-8")
    for command in ("crossdock init --sandbox", "crossdock config check"):
        assert command in shown_commands(page)
        ran = run(environment, "-m", *shlex.split(command), "--json")
        assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout)["accounts"] == ["alpha", "beta", "gamma"]
    ran = run(environment, "-m", "crossdock", "init", "--sandbox")
    assert ran.returncode != 0
    assert "not overwritten" in ran.stderr


TRADED = """
import asyncio
from pathlib import Path
import crossdock
from crossdock.app.demo import DemoVenues
from crossdock.core.records import FillRecorded

async def main():
    async with DemoVenues() as venues:
        file = venues.write_settings(strategies=False)
        file.write_text(file.read_text() + Path("more.toml").read_text())
        filled = asyncio.Event()
        async with crossdock.open_desk(file) as desk:
            desk.desk.kernel.bus.subscribe(FillRecorded, lambda record: filled.set())
            async with asyncio.timeout(30):
                await filled.wait()
            print(desk.status()["strategies"])
            print({order["strategy"] for order in desk.orders(all=True)})

asyncio.run(main())
"""


def test_the_example_strategy_trades(environment, tmp_path):
    blocks = dict(FENCE.findall((HOW_TO / "write-a-strategy.md").read_text("utf-8")))
    tmp_path.joinpath("dip.py").write_text(blocks["python"])
    tmp_path.joinpath("more.toml").write_text(blocks["toml"])
    environment = {**environment, "PYTHONPATH": str(tmp_path)}
    ran = subprocess.run(
        [sys.executable, "-c", TRADED],
        capture_output=True,
        text=True,
        env=environment,
        cwd=tmp_path,
        timeout=60,
    )
    assert ran.returncode == 0, ran.stderr
    strategies, names = ran.stdout.splitlines()
    assert "'failed': ''" in strategies
    assert names == "{'dip'}"


def test_the_page_of_the_strategy_names_every_example():
    from crossdock.strategies import EXAMPLES

    page = (HOW_TO / "write-a-strategy.md").read_text("utf-8")
    assert [name for name in EXAMPLES if f"`{name}`" not in page] == []

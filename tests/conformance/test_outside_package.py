"""A venue in a package of its own is found, asked and used like those in this tree."""

import os
import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

OUTSIDE = Path(__file__).parents[1] / "fixtures" / "outside"

USED = """
import asyncio
from aiohttp import web
from crossdock.app.open import open_desk
from crossdock_kiosk.shop import Shop

SETTINGS = '''
[desk]
journal = "journal"
durability = "process"
foreign = "adopt"

[accounts.till]
adapter = "kiosk"
url = "http://127.0.0.1:{port}"
token_secret = "not-to-be-told"
'''

async def main():
    shop = Shop("not-to-be-told")
    slip = {"number": "7", "client": "by-hand", "ware": "TEA/EUR", "side": "buy"}
    slip |= {"price": "9.9", "quantity": "2", "filled": "0", "status": "New"}
    shop.slips["by-hand"] = slip
    runner = web.AppRunner(shop.app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    with open("desk.toml", "w") as file:
        file.write(SETTINGS.format(port=runner.addresses[0][1]))
    async with open_desk("desk.toml") as desk:
        [order] = desk.orders()
        print(order["status"], order["quantity"])
        desk.desk.operations.cancel(order=order["order_id"])
        async with asyncio.timeout(10):
            while desk.orders():
                await asyncio.sleep(0)
    await runner.cleanup()
    print(slip["status"])

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """The environment of a process in which the package is installed, without a network."""
    site = tmp_path_factory.mktemp("site")
    project = tomllib.loads(OUTSIDE.joinpath("pyproject.toml").read_text("utf-8"))[
        "project"
    ]
    info = site / f"crossdock_kiosk-{project['version']}.dist-info"
    info.mkdir()
    info.joinpath("METADATA").write_text(
        f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n"
    )
    lines = []
    for group, points in project["entry-points"].items():
        lines += [f"[{group}]", *(f"{name} = {target}" for name, target in points.items())]
    info.joinpath("entry_points.txt").write_text("\n".join(lines) + "\n")
    path = os.pathsep.join([str(site), str(OUTSIDE / "src")])
    return {**os.environ, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"}


def run(environ, folder, *arguments):
    return subprocess.run(
        [sys.executable, *arguments],
        env=environ,
        cwd=folder,
        capture_output=True,
        text=True,
        check=False,
    )


def test_outside_adapter_is_listed_beside_those_in_the_tree(installed, tmp_path):
    script = (
        "from crossdock.app.registry import Registry\n"
        "registry = Registry()\n"
        "print(*(it.id for it in registry.manifests('venue')))\n"
        "assert not registry.broken('venue')\n"
    )
    ran = run(installed, tmp_path, "-c", script)
    assert ran.stderr == ""
    assert {"kiosk", "sandbox"} <= set(ran.stdout.split())


def test_outside_adapter_is_asked_the_same_questions(installed, tmp_path):
    ran = run(
        installed,
        tmp_path,
        *("-m", "pytest", "--pyargs", "crossdock.conformance", "-k", "kiosk"),
        *("-q", "-p", "no:cacheprovider"),
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    passed = re.search(r"(\d+) passed", ran.stdout)
    assert passed is not None
    assert int(passed.group(1)) >= 50


def test_a_fault_in_an_outside_adapter_is_found(installed, tmp_path):
    faulty = tmp_path / "crossdock_kiosk"
    faulty.mkdir()
    for file in (OUTSIDE / "src" / "crossdock_kiosk").glob("*.py"):
        text = file.read_text("utf-8")
        if file.name == "venue.py":
            sound = "return Rejected(refused.words, venue_code=refused.code)"
            assert sound in text
            text = text.replace(
                "        if refused.code not in self._context.manifest.rejection_codes:\n"
                "            return None\n",
                "",
            )
        faulty.joinpath(file.name).write_text(text)
    environ = {
        **installed,
        "PYTHONPATH": f"{tmp_path}{os.pathsep}{installed['PYTHONPATH']}",
    }
    ran = run(
        environ,
        tmp_path,
        *("-m", "pytest", "--pyargs", "crossdock.conformance", "-q"),
        *("-p", "no:cacheprovider", "-k", "kiosk and second_order"),
    )
    assert ran.returncode == 1
    assert "test_a_second_order_with_the_same_id" in ran.stdout


def test_a_desk_finds_and_cancels_orders_through_an_outside_adapter(installed, tmp_path):
    ran = run(installed, tmp_path, "-c", USED)
    assert ran.stdout.split() == ["New", "2", "Canceled"], ran.stdout + ran.stderr

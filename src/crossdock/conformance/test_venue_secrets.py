"""No secret is told: not by a repr, an error, a log record or a cassette.

Errors are also looked at in every other question, and log records after each of them.
"""

from __future__ import annotations

import re
from importlib.resources import files
from importlib.resources.abc import Traversable

import pytest

from crossdock.conformance.rig import Rig
from crossdock.conformance.subjects import package_of
from crossdock.errors import AuthFailed, NotSent
from crossdock.ports import Can, Manifest, is_secret_name

_SIGNED = re.compile(r"\b[0-9a-f]{64}\b|\b[A-Za-z0-9+/]{43}=|Bearer [A-Za-z0-9]")
_NAMED = re.compile(
    r'"[a-z_-]*(secret|signature|passphrase|password)"\s*:\s*"(?!\*\*\*)', re.IGNORECASE
)


@pytest.mark.asyncio
async def test_no_repr_tells_a_secret(rig: Rig) -> None:
    if not any(map(is_secret_name, rig.manifest.settings)):
        pytest.skip(f"{rig.manifest.id} is given no secret")
    assert rig.secrets
    seen: set[int] = set()
    queue: list[object] = [rig.adapter, rig.context]
    while queue:
        thing = queue.pop()
        if id(thing) in seen or len(seen) > 2000:
            continue
        seen.add(id(thing))
        rig.assert_no_secret(repr(thing))
        rig.assert_no_secret(str(thing))
        if (
            type(thing).__module__.partition(".")[0]
            == rig.adapter.__module__.partition(".")[0]
        ):
            queue.extend(getattr(thing, "__dict__", {}).values())


@pytest.mark.asyncio
async def test_refused_keys_are_told_without_the_keys(rig: Rig) -> None:
    rig.needs(Can.BALANCES)
    if rig.wire is None:
        pytest.skip(f"{rig.manifest.id} takes no keys")
    await rig.bench.arm("write_unauthorised")
    if Can.SUBMIT in rig.manifest.can:
        order = await rig.new_order()
        await rig.fails(lambda: rig.adapter.submit(order), AuthFailed, NotSent)


def test_cassettes_hold_no_secret(manifest: Manifest) -> None:
    folder = files(package_of(manifest)).joinpath("cassettes")
    if not folder.is_dir():
        pytest.skip(f"{manifest.id} has no cassettes")
    for text in _texts(folder):
        assert not _SIGNED.search(text)
        assert not _NAMED.search(text)


def _texts(folder: Traversable) -> list[str]:
    return [it.read_text("utf-8") for it in folder.iterdir() if it.is_file()]

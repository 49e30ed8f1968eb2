"""Every manifest of the family becomes a class with exactly its abilities."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.session import quirks_of
from crossdock.adapters.venues.ccxt.venue import connect
from crossdock.errors import ConfigError
from crossdock.ports import PROTOCOL_OF, Manifest

_MANIFESTS = list(family(Path()))


@pytest.mark.parametrize("manifest", _MANIFESTS, ids=lambda it: it.id)
async def test_an_adapter_implements_exactly_what_its_manifest_names(
    manifest: Manifest, make_context
) -> None:
    async with make_context(manifest, "") as context:
        adapter = connect(context)
    implemented = {
        can for can, protocol in PROTOCOL_OF.items() if isinstance(adapter, protocol)
    }
    assert implemented == manifest.can


@pytest.mark.parametrize("manifest", _MANIFESTS, ids=lambda it: it.id)
def test_quirks_name_settings_that_exist(manifest: Manifest) -> None:
    quirks = quirks_of(manifest.id)
    secrets = {name for name in manifest.settings if name.endswith("_secret")}
    assert secrets <= set(quirks.keys.values()), "a secret that nobody would use"


def test_neither_listing_nor_connecting_imports_ccxt() -> None:
    script = (
        "import sys; from pathlib import Path\n"
        "from crossdock.adapters.venues.ccxt import family\n"
        "import crossdock.adapters.venues.ccxt.venue\n"
        "assert list(family(Path()))\n"
        "print('ccxt' in sys.modules)\n"
    )
    ran = subprocess.run(
        (sys.executable, "-c", script), capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "False"


@pytest.mark.parametrize(
    "url", ["ftp://x", "127.0.0.1:80", "http://a:b@c/", "http://x/?k=v"]
)
async def test_a_url_that_is_no_address_is_a_mistake_of_the_settings(url, make_context):
    manifest = _MANIFESTS[0]
    async with make_context(manifest, url) as context:
        with pytest.raises(ConfigError):
            connect(context)


async def test_a_stand_in_and_a_practice_site_exclude_each_other(make_context):
    [manifest] = [it for it in _MANIFESTS if it.id == "binance"]
    async with make_context(manifest, "http://127.0.0.1:1", environment="test") as context:
        with pytest.raises(ConfigError, match="keep one"):
            connect(context)

from importlib.metadata import EntryPoint
from pathlib import Path

import pytest

from crossdock.app.registry import GROUPS, Registry
from crossdock.app.settings import load_settings
from crossdock.ports import Manifest, Setting, Tier

_TOY = {
    "kind": "venue",
    "docs_url": "https://example.org",
    "factory": "decimal:Decimal",
    "settings": {
        "url": Setting(help="Address of the venue.", default="https://api.example.org"),
        "stream": Setting(help="Address of its stream.", default=""),
        "key": Setting(help="The key's name."),
        "key_secret": Setting(help="The key's secret."),
        "speed": Setting(help="How fast.", default="fast", choices=("fast", "slow")),
    },
}

TOY = Manifest(id="toy", name="Toy", real_money=False, tier=Tier.SANDBOXED, **_TOY)
BROKER = Manifest(id="broker", name="Broker", real_money=True, tier=Tier.SANDBOXED, **_TOY)
DARING = Manifest(id="daring", name="Daring", real_money=True, tier=Tier.REPLAYED, **_TOY)
MIRROR = Manifest(
    id="mirror",
    name="Mirror",
    real_money=False,
    tier=Tier.SANDBOXED,
    needs_market=True,
    **{**_TOY, "settings": {}},
)
MANIFESTS = [TOY, BROKER, DARING, MIRROR]


class LoadedPoint(EntryPoint):
    def load(self):
        return MANIFESTS


@pytest.fixture
def load(tmp_path):
    """Load settings from a text, as if it stood in settings.toml."""

    def run(text="", *, environment=None, overrides=(), mode=0o600):
        file = Path(tmp_path / "settings.toml")
        file.write_text(text, "utf-8")
        file.chmod(mode)
        point = LoadedPoint("family", "toys:MANIFESTS", GROUPS["venue"])
        return load_settings(
            file,
            environment={"HOME": str(tmp_path), **(environment or {})},
            overrides=overrides,
            registry=Registry(lambda group: [point] if group == GROUPS["venue"] else []),
        )

    return run

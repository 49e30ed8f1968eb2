import subprocess
import sys
from importlib.metadata import EntryPoint

import pytest

from crossdock.app.registry import GROUPS, Registry
from crossdock.errors import ConfigError
from crossdock.ports import Manifest

VENUE = GROUPS["venue"]


def manifest(name="one", **changes):
    values = {
        "id": name,
        "kind": "venue",
        "name": name.title(),
        "docs_url": "https://example.org",
        "factory": "decimal:Decimal",
    }
    return Manifest(**{**values, **changes})


class LoadedPoint:
    """An entry point that yields what it is handed, or raises it."""

    dist = None

    def __init__(self, name, loaded):
        self.name = name
        self.value = f"{name}:MANIFEST"
        self._loaded = loaded

    def load(self):
        if isinstance(self._loaded, BaseException):
            raise self._loaded
        return self._loaded


def registry(*points):
    return Registry(lambda group: points if group == VENUE else ())


def test_an_entry_point_names_one_manifest_or_a_family_of_them():
    found = registry(
        LoadedPoint("one", manifest()),
        LoadedPoint("family", [manifest("a"), manifest("b")]),
    )
    assert [each.id for each in found.manifests("venue")] == ["a", "b", "one"]
    assert not found.broken()


def test_every_kind_is_listed_when_none_is_named():
    store = manifest("kept", kind="store")
    points = {
        VENUE: [LoadedPoint("one", manifest())],
        GROUPS["store"]: [LoadedPoint("kept", store)],
    }
    found = Registry(lambda group: points.get(group, ()))
    assert [each.id for each in found.manifests()] == ["one", "kept"]
    assert [each.id for each in found.manifests("store")] == ["kept"]


@pytest.mark.parametrize(
    ("loaded", "reason"),
    [
        (ImportError("no module named venue_sdk"), "venue_sdk"),
        (SystemExit(3), "SystemExit"),
        (RuntimeError("license missing"), "license missing"),
        (object(), "not iterable"),
        (["text"], "neither a Manifest"),
        (manifest("other"), "id is other"),
        (manifest("bad", kind="store"), "of kind store"),
    ],
)
def test_a_broken_adapter_is_listed_with_its_reason_and_harms_no_other(loaded, reason):
    found = registry(LoadedPoint("bad", loaded), LoadedPoint("one", manifest()))
    assert [each.id for each in found.manifests("venue")] == ["one"]
    (broken,) = found.broken("venue")
    assert broken.entry_point == "bad"
    assert reason in broken.reason
    with pytest.raises(ConfigError, match="does not load") as caught:
        found.manifest("venue", "bad")
    assert caught.value.code == "adapter-broken"


def test_the_second_adapter_of_a_name_is_broken():
    found = registry(LoadedPoint("one", manifest()), LoadedPoint("two", [manifest()]))
    assert "second adapter" in found.broken("venue")[0].reason


def test_a_missing_module_is_a_broken_adapter_with_its_target():
    point = EntryPoint("gone", "no_such_package_here:MANIFEST", VENUE)
    (broken,) = registry(point).broken("venue")
    assert broken.target == "no_such_package_here:MANIFEST"
    assert "no_such_package_here" in broken.reason


def test_an_unknown_adapter_is_told_with_its_nearest_match():
    found = registry(LoadedPoint("sandbox", manifest("sandbox")))
    with pytest.raises(ConfigError, match="did you mean sandbox") as caught:
        found.manifest("venue", "sandbx")
    assert caught.value.code == "adapter-unknown"


def test_a_factory_is_imported_on_first_use():
    from decimal import Decimal

    assert registry().factory(manifest()) is Decimal


@pytest.mark.parametrize("target", ["no_such_package_here:Venue", "decimal:Nothing"])
def test_a_factory_that_does_not_import_says_what_to_install(target):
    broken = manifest(factory=target, requires=("venue-sdk",))
    with pytest.raises(ConfigError, match="install venue-sdk") as caught:
        registry().factory(broken)
    assert caught.value.code == "adapter-broken"


def test_listing_adapters_imports_no_code_behind_them():
    script = (
        "import sys\n"
        "from crossdock.app.registry import Registry\n"
        "found = Registry()\n"
        "listed = found.manifests()\n"
        "behind = [m.factory.partition(':')[0] for m in listed]\n"
        "print(len(listed), [m for m in [*behind, 'aiohttp', 'sqlite3'] "
        "if m in sys.modules], found.broken())\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    )
    count, _, rest = done.stdout.strip().partition(" ")
    assert int(count) >= 3
    assert rest == "[] []"

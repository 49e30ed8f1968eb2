"""What an adapter declares is true, before any of its code runs."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import entry_points
from importlib.resources import files

import pytest

from crossdock.app.registry import GROUPS, Registry, members_of
from crossdock.conformance.rig import Rig
from crossdock.conformance.subjects import conformance_of, is_in_tree, package_of
from crossdock.ports import (
    PROTOCOL_OF,
    Can,
    IdCodec,
    Lookup,
    Manifest,
    Resend,
    Tier,
    is_secret_name,
)

_VENUES = GROUPS["venue"]
_RULES = ("done", "todo")


def test_every_venue_adapter_loads() -> None:
    assert not Registry().broken("venue")


def test_id_is_the_entry_point_and_the_folder() -> None:
    for point in entry_points(group=_VENUES):
        is_family = not isinstance(point.load(), Manifest)
        for manifest in members_of(point):
            assert isinstance(manifest, Manifest), manifest
            assert manifest.kind == "venue"
            if not is_family:
                assert manifest.id == point.name
            if is_in_tree(manifest):
                assert package_of(manifest).rpartition(".")[2] == point.name


def test_listing_adapters_imports_no_venue_code() -> None:
    script = (
        "import sys\n"
        "from crossdock.app.registry import Registry\n"
        "listed = Registry().manifests('venue')\n"
        "print({it.factory.partition(':')[0] for it in listed} & sys.modules.keys())\n"
    )
    ran = subprocess.run(  # noqa: S603 - our own interpreter
        (sys.executable, "-c", script),
        capture_output=True,
        text=True,
        check=True,
        env={"PYTHONPATH": ":".join(filter(None, sys.path)), "PATH": ""},
    )
    assert ran.stdout.strip() == "set()"


def test_a_venue_that_takes_orders_says_what_it_can_prove(manifest: Manifest) -> None:
    if Can.SUBMIT not in manifest.can:
        pytest.skip(f"{manifest.id} takes no orders")
    evidence = manifest.evidence
    assert evidence is not None
    assert manifest.order_types
    assert manifest.times_in_force
    assert evidence.silence_s > 0
    assert evidence.arrival_horizon_s >= 0
    assert evidence.visibility_lag_s >= 0
    assert evidence.retention_s > 0
    if evidence.client_id is IdCodec.NONE:
        assert evidence.lookup is Lookup.NONE
        assert evidence.resend is not Resend.SAME_ID
    if evidence.lookup is Lookup.ANY_ORDER:
        assert Can.ORDER_LOOKUP in manifest.can


def test_every_rejection_code_names_its_source(manifest: Manifest) -> None:
    for code, source in manifest.rejection_codes.items():
        assert code, "a code that is empty proves nothing"
        assert source, f"{code}: where does the venue say so?"
        assert "duplicate" not in code.lower(), "a duplicate id is evidence, no rejection"


def test_every_setting_is_explained(manifest: Manifest) -> None:
    for name, setting in manifest.settings.items():
        assert setting.help, name
        if is_secret_name(name):
            assert not setting.default, f"{name}: a secret that everybody knows"
        if setting.choices and setting.default is not None:
            assert setting.default in setting.choices


def test_rate_limits_leave_room_for_cancels(manifest: Manifest) -> None:
    for limit in manifest.rate_limits:
        assert 0 <= limit.reserve < limit.calls
        assert limit.per_s > 0


def test_adapter_brings_its_bench_and_its_quality_file(manifest: Manifest) -> None:
    """A family's members share one file; a table of their own goes before what all share."""
    if not is_in_tree(manifest):
        pytest.skip("asked of adapters in this tree")
    assert conformance_of(manifest), f"{package_of(manifest)}.conformance is missing"
    text = files(package_of(manifest)).joinpath("quality.toml").read_text("utf-8")
    quality = tomllib.loads(text)
    own = quality.get("members", {}).get(manifest.id, quality)
    assert Tier(own["tier"]) is manifest.tier
    rules = {**quality["rules"], **own.get("rules", {})}
    for rule, answer in rules.items():
        if isinstance(answer, dict):
            assert answer["exempt"], f"{rule}: an exemption carries its reason"
        else:
            assert answer in _RULES, rule
            assert answer == "done" or manifest.tier is Tier.REPLAYED, rule


def test_adapter_implements_exactly_what_it_declares(rig: Rig) -> None:
    for ability, protocol in PROTOCOL_OF.items():
        implemented = isinstance(rig.adapter, protocol)
        declared = ability in rig.manifest.can
        assert implemented == declared, f"{ability}: implemented {implemented}"


def test_factory_is_what_the_manifest_names(manifest: Manifest) -> None:
    module, _, name = manifest.factory.partition(":")
    assert callable(getattr(import_module(module), name))

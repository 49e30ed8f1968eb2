"""What adapters say of the sandbox's faces holds together before anything is asked."""

from decimal import Decimal
from importlib.metadata import entry_points

import msgspec
import pytest

from crossdock.app.registry import GROUPS, Registry
from crossdock.conformance.sandboxed import terms_of
from crossdock.conformance.subjects import conformance_of, examples_of
from crossdock.sandbox.config import parse
from crossdock.sandbox.faces import FACES


def _manifests():
    found = {it.id: it for it in Registry().manifests("venue")}
    for point in entry_points(group=GROUPS["venue"]):
        found |= {it.id: it for it in examples_of(point)}
    return found.values()


TERMS = {
    f"{manifest.id}-{variant}": (manifest, terms_of(fields))
    for manifest in _manifests()
    if (module := conformance_of(manifest)) is not None
    for variant, fields in getattr(module, "FACES", {}).get(manifest.id, {}).items()
}


@pytest.mark.parametrize("name", TERMS)
def test_the_venue_of_a_face_can_be_hosted_with_all_its_limits(name):
    _, terms = TERMS[name]
    [venue] = parse({"venues": [terms.venue("try")]}).venues
    assert venue.markets[0].symbol in venue.market.prices
    assert all(calls > 0 for calls in venue.limits.values())


@pytest.mark.parametrize("name", TERMS)
def test_what_a_user_would_set_are_settings_of_the_adapter_and_reach_the_peer(name):
    manifest, terms = TERMS[name]
    settings = terms.user_settings("http://127.0.0.1:1")
    assert set(settings) <= set(manifest.settings)
    assert "http://127.0.0.1:1" in settings.values()


@pytest.mark.parametrize("name", TERMS)
def test_the_start_is_on_tick_and_the_quantity_and_its_half_on_the_step(name):
    _, terms = TERMS[name]
    assert terms.start % terms.tick == 0
    assert terms.quantity / 2 % Decimal(terms.market["quantity_step"]) == 0


@pytest.mark.parametrize("face", FACES)
def test_every_face_of_the_sandbox_is_the_peer_of_an_adapter(face):
    assert face in {terms.face for _, terms in TERMS.values()}


@pytest.mark.parametrize(
    "wrong", [{}, {"face": "native", "speed": 1}, {"face": "native", "unseen": ["thirst"]}]
)
def test_terms_with_a_word_that_means_nothing_are_refused(wrong):
    with pytest.raises(msgspec.ValidationError):
        terms_of(wrong)


def test_the_tick_is_the_one_where_the_price_begins():
    ticks = [["0", "0.0001"], ["1", "0.01"], ["5000", "1"]]
    terms = terms_of({"face": "native", "markets": [{"ticks": ticks}], "start": 2000})
    assert terms.tick == Decimal("0.01")

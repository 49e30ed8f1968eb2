"""What every face owes, whichever protocol it speaks."""

import ast
from datetime import date
from pathlib import Path

import pytest

import crossdock.sandbox.faces as faces
from crossdock.sandbox.clock import SystemClock
from crossdock.sandbox.config import ConfigInvalid, parse
from crossdock.sandbox.faces import FACES, face_class
from crossdock.sandbox.faces.described import guide, page, semantics, title_of, venue_of
from crossdock.sandbox.faults import FaultKind
from crossdock.sandbox.simulators import Paths
from crossdock.sandbox.site import Site

FOLDER = Path(faces.__file__).parent
PAGES = Path(__file__).parents[3] / "docs" / "reference" / "faces"
every_face = pytest.mark.parametrize("face", sorted(FACES))


@every_face
def test_face_says_what_it_does_and_who_says_so(face):
    assert title_of(face)
    rules = semantics(face)
    assert len({rule.topic for rule in rules}) == len(rules) > 3
    for rule in rules:
        assert rule.what and rule.source.startswith(("https://", "docs/")), rule.topic
        assert rule.read <= date(2026, 11, 22), rule.topic


@pytest.mark.parametrize("path", sorted(PAGES.glob("*.md")), ids=lambda it: it.stem)
def test_page_of_a_face_is_the_one_its_semantics_make(path):
    assert path.read_text(encoding="utf-8") == page(path.stem)


@every_face
def test_face_comes_with_a_venue_and_a_guide_to_it(face):
    venue = venue_of(face)
    assert venue.get("face", "native") == face
    config = parse({"venues": [venue]})
    account = config.venues[0].accounts[0]
    words = guide(face, url="http://here:1", key=account.key, secret=account.secret)
    assert "http://here:1" in words and account.key in words


@every_face
def test_face_knows_no_other_face(face):
    others = tuple(f"crossdock.sandbox.faces.{it}" for it in FACES if it != face)
    for path in (FOLDER / face).rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and node.module is not None:
                named = node.module
                assert not any(
                    named == it or named.startswith(f"{it}.") for it in others
                ), f"{path.name} imports {named}"


def test_table_of_faces_imports_none_of_them():
    assert all(":" in place for place in FACES.values())
    assert {it.name for it in FOLDER.iterdir() if (it / "face.py").exists()} >= set(FACES)


@every_face
async def test_face_arms_every_fault_it_has_words_for_and_no_other(host_face, face):
    hosted = await host_face(face, still=True)
    absent = face_class(face).absent
    for kind in FaultKind:
        order = {"venue": hosted.venue, "kind": kind}
        reply = await hosted.admin("POST", "/faults", order)
        assert (reply.status == 400) == (kind in absent), kind


@every_face
async def test_face_tells_the_truth_and_begins_afresh(host_face, face):
    hosted = await host_face(face, still=True)
    symbol = next(iter(hosted.site.host.venue.markets))
    market = hosted.site.host.venue.markets[symbol]
    tick, step = market.ticks[0][1], market.quantity_step
    price = tick * 10_000
    lots = max(market.min_quantity, market.min_notional / price, step)
    quantity = -(-lots // step) * step
    await hosted.house("sell", f"{price:f}", f"{quantity:f}", symbol)
    await hosted.act(
        "manual_order",
        account="main",
        symbol=symbol,
        side="buy",
        type="limit",
        quantity=f"{quantity:f}",
        limit_price=f"{price:f}",
    )
    truth = await hosted.truth()
    [order], [fill] = truth["orders"], truth["fills"]
    assert order["status"] == "Filled"
    assert fill["order_id"] in order["chain"]
    assert fill["client_order_id"] == order["client_order_id"]
    assert (await hosted.admin("POST", "/reset")).status == 200
    assert (await hosted.truth())["fills"] == []


@every_face
async def test_unknown_path_is_refused_in_the_protocols_words(host_face, face):
    hosted = await host_face(face, still=True)
    async with hosted.session.get(f"{hosted.url}/no/such/path") as reply:
        assert 400 <= reply.status < 500


@every_face
def test_limit_the_protocol_does_not_have_is_named(face):
    config = parse({"venues": [venue_of(face) | {"limits": {"nope": 1}}]})
    with pytest.raises(ConfigInvalid, match="nope"):
        Site(config.venues[0], clock=SystemClock(), seed=1, paths=Paths(1))


def test_unknown_face_is_an_invalid_configuration():
    with pytest.raises(ConfigInvalid, match=r"face: one of .*binance.* was expected"):
        parse({"venues": [venue_of("native") | {"face": "nope"}]})

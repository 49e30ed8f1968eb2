import ast
import re
from pathlib import Path
from urllib.parse import unquote

import pytest

import crossdock.errors as errors_module
from crossdock.app.pages.adapters import adapter_pages
from crossdock.app.registry import Registry
from crossdock.ports import (
    Can,
    Evidence,
    IdCodec,
    Lookup,
    Manifest,
    RateLimit,
    Setting,
    Uniqueness,
)

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])
LINK = re.compile(
    r"(?<!!)\[[^\]\n]*\]\(<?([^)\s>]+)>?(?: \"[^\"]*\")?\)|!\[[^\]]*\]\(([^)\s]+)\)"
)
FENCE = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)


def prose(page):
    text = FENCE.sub("", page.read_text("utf-8"))
    return re.sub(r"`[^`\n]*`", "", text)


def anchors(page):
    heads = re.findall(r"^#+ (.+)$", page.read_text("utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def dead_links(page):
    for link in LINK.finditer(prose(page)):
        target = unquote(link[1] or link[2])
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        file = (page.parent / path).resolve() if path else page
        if not file.exists() or (
            anchor and file.suffix == ".md" and anchor not in anchors(file)
        ):
            yield target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_no_relative_link_is_dead(page):
    assert list(dead_links(page)) == []


def test_a_dead_link_would_be_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("# A b\n[x](gone.md) [y](#a-b) [z](#c) ![p](p.png) `[n](code.md)`\n")
    assert list(dead_links(page)) == ["gone.md", "#c", "p.png"]


def codes_in_source():
    for file in (ROOT / "src/crossdock").rglob("*.py"):
        if "sandbox" in file.relative_to(ROOT / "src/crossdock").parts[:1]:
            continue  # the venue's own codes, which its protocol's page explains
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            for keyword in node.keywords:
                value = keyword.value
                if keyword.arg == "code" and isinstance(value, ast.Constant):
                    yield str(value.value)


def test_every_error_code_has_a_heading_that_tells_what_to_do():
    text = (ROOT / "docs/errors.md").read_text("utf-8")
    sections = dict(
        re.findall(r"^### ([a-z-]+)\n\n(.+?)(?=\n\n#|\Z)", text, re.MULTILINE | re.DOTALL)
    )
    defaults = {
        each.default_code
        for each in vars(errors_module).values()
        if isinstance(each, type) and issubclass(each, errors_module.Error)
    }
    assert (defaults | set(codes_in_source())) - sections.keys() == set()
    assert [code for code, words in sections.items() if len(words) < 40] == []


def test_the_page_of_every_adapter_is_the_one_its_manifest_makes():
    folder = ROOT / "docs/adapters"
    ours = [m for m in Registry().manifests() if m.factory.startswith("crossdock.")]
    for name, text in adapter_pages(ours).items():
        assert (folder / name).read_text("utf-8") == text, f"{name}: run make docs"


def test_an_adapters_page_holds_what_its_manifest_declares():
    manifest = Manifest(
        id="toy",
        kind="venue",
        name="Toy",
        docs_url="https://example.org/api",
        factory="toy:Toy",
        can=frozenset({Can.SUBMIT}),
        evidence=Evidence(
            client_id=IdCodec.TEXT,
            lookup=Lookup.ANY_ORDER,
            uniqueness=Uniqueness.FOREVER,
            retention_s=60,
            arrival_horizon_s=5,
            visibility_lag_s=1,
            silence_s=2.5,
        ),
        settings={
            "url": Setting(help="Where | it is."),
            "key_secret": Setting(help="The secret.", default=""),
        },
        rate_limits=(RateLimit(scope="orders", calls=10, per_s=1, reserve=2),),
        rejection_codes={"bad_tick": "its manual"},
    )
    pages = adapter_pages([manifest])
    assert pages.keys() == {"README.md", "venue-toy.md"}
    assert "[Toy](venue-toy.md)" in pages["README.md"]
    page = pages["venue-toy.md"]
    for words in (
        "`submit`",
        r"Where \| it is.",
        "must be given",
        "any_order",
        "2.5 s",
        "| orders | 10 | 1 s | 2 |",
        "`bad_tick`",
    ):
        assert words in page

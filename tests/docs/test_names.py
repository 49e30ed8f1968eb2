"""What the map calls by name is there under that name."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = [
    ROOT / "ARCHITECTURE.md",
    ROOT / "docs/capabilities.md",
    *sorted((ROOT / "docs").glob("decisions/0*.md")),
    *sorted((ROOT / "docs").glob("explanation/*.md")),
]
FOREIGN = {
    *("ClientError", "OSError", "Future", "fdatasync"),  # other people's
    *("Unknown", "NAME"),  # words that people see or fill in
    "rest_api",  # said to be missing
}
PLACES = ("", "src/crossdock")


def defined_names():
    """Return every word that source or tests define: classes, functions, fields, members."""
    found = set()
    for file in [*ROOT.glob("src/crossdock/**/*.py"), *ROOT.glob("tests/**/test_*.py")]:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
                found.add(node.name)
            elif isinstance(node, ast.Name):
                found.add(node.id)
            elif isinstance(node, ast.Attribute):
                found.add(node.attr)
            elif isinstance(node, ast.arg):
                found.add(node.arg)
    return found


DEFINED = defined_names()


def words(page):
    text = re.sub(
        r"^```.*?^```", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL
    )
    return re.findall(r"`([^`\n]+)`", text)


def is_name(word):
    """Tell whether a word is a name of ours: Class, Class.method, a_function, _private."""
    plain = re.fullmatch(r"[A-Za-z_][\w.]*", word)
    return plain and (re.search(r"[a-z][A-Z]|_", word) or word[:1].isupper())


def is_path(word):
    return re.fullmatch(r"[\w./-]+\.(py|md|toml)|(src|tests|docs|core|app)/[\w/.-]+", word)


def missing_on(page):
    for word in words(page):
        if is_path(word):
            if not any((ROOT / place / word).exists() for place in PLACES):
                yield word
        elif is_name(word):
            parts = word.removeprefix("crossdock.").split(".")
            if set(parts) - DEFINED - FOREIGN:
                yield word


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_every_name_and_path_on_the_page_is_there(page):
    assert list(missing_on(page)) == []


def test_a_name_that_is_gone_would_be_found(tmp_path):
    page = tmp_path / "page.md"
    page.write_text("`State.apply` `NoSuchThing` `core/gone.py` `crossdock kill` `plain`\n")
    assert list(missing_on(page)) == ["NoSuchThing", "core/gone.py"]

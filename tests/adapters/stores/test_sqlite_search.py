"""The history searched by text, beside a desk that writes."""

import json

import pytest

from crossdock.adapters.stores.sqlite.projection import SqliteProjection
from crossdock.adapters.stores.sqlite.search import search
from crossdock.core.projection import SCHEMA
from crossdock.errors import AdapterError

KINDS = ("order_intended", "fill_recorded", "alarmed")


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "journal.sqlite"
    projection = SqliteProjection(path, SCHEMA)
    rows = [
        (
            "history",
            {
                "sequence": number,
                "at": number * 10,
                "record": KINDS[number % 3],
                "order_id": f"o-{number}",
                "correlation": None,
                "ids": "",
                "payload": json.dumps(
                    {"account": f"a{number % 2}", "words": f"Word{number} 100%"},
                    separators=(",", ":"),
                ),
            },
        )
        for number in range(1, 31)
    ]
    projection.upsert(rows, 30)
    yield path
    projection.close()


def found(path, **asked):
    return [row["sequence"] for row in search(path, **asked)]


def test_the_newest_come_first_page_by_page(path):
    assert found(path, limit=3) == [30, 29, 28]
    assert found(path, limit=3, before=28) == [27, 26, 25]


@pytest.mark.parametrize(
    ("asked", "wanted"),
    [
        ({"text": "word7"}, [7]),
        ({"text": "WORD1 100%"}, [19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 1]),
        ({"text": "_"}, []),
        ({"text": "nothing says this"}, []),
        ({"kinds": ["alarmed"], "until_ns": 90}, [8, 5, 2]),
        ({"account": "a1", "since_ns": 260}, [29, 27]),
        ({"since_ns": 100, "until_ns": 120}, [11, 10]),
        ({"limit": 0}, []),
    ],
)
def test_each_condition_narrows(path, asked, wanted):
    assert found(path, **asked) == wanted


def test_it_reads_while_another_connection_writes(path):
    writer = SqliteProjection(path, SCHEMA)
    assert found(path, limit=1) == [30]
    writer.close()


def test_it_never_makes_or_changes_a_file(tmp_path):
    with pytest.raises(AdapterError, match="cannot be searched"):
        search(tmp_path / "none.sqlite")
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_database_is_said(tmp_path):
    file = tmp_path / "text.sqlite"
    file.write_text("this is no database, whatever it is called " * 50)
    with pytest.raises(AdapterError, match="cannot be searched"):
        search(file)

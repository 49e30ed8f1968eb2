"""A projection asked beside its writer."""

from contextlib import closing

import pytest

from crossdock.adapters.stores.sqlite.projection import SqliteProjection, Table
from crossdock.adapters.stores.sqlite.reading import ReadingProjection
from crossdock.errors import AdapterError

SCHEMA = {"rows": Table(columns=("number", "word"), key=("number",), order="number")}


def row(number):
    return ("rows", {"number": number, "word": f"w{number % 7}"})


@pytest.fixture
def written(tmp_path):
    with closing(SqliteProjection(tmp_path / "rows.sqlite", SCHEMA)) as projection:
        projection.upsert([row(number) for number in range(1, 4)], 3)
        yield projection


@pytest.fixture
def path(written, tmp_path):
    return tmp_path / "rows.sqlite"


def test_it_sees_what_was_there_at_its_first_query_whatever_is_written_since(written, path):
    with closing(ReadingProjection(path, SCHEMA)) as reading:
        assert reading.position() == 3
        written.upsert([row(4)], 4)
        assert (reading.position(), len(reading.query("rows"))) == (3, 3)
    with closing(ReadingProjection(path, SCHEMA)) as again:
        assert [each["number"] for each in again.query("rows", limit=2)] == [4, 3]


@pytest.mark.parametrize("act", [lambda it: it.upsert([row(9)], 9), lambda it: it.clear()])
def test_it_writes_nothing(act, written, path):
    with closing(ReadingProjection(path, SCHEMA)) as reading, pytest.raises(AdapterError):
        act(reading)
    assert (written.position(), len(written.query("rows"))) == (3, 3)


def test_a_file_that_is_not_there_is_said_and_not_made(tmp_path):
    missing = tmp_path / "none.sqlite"
    with pytest.raises(AdapterError, match="cannot be read"):
        ReadingProjection(missing, SCHEMA)
    assert not missing.exists()


def test_a_question_that_takes_too_long_is_ended(written, path):
    written.upsert([row(number) for number in range(4, 5_000)], 5_000)
    reading = ReadingProjection(path, SCHEMA, within_s=-1)
    with closing(reading), pytest.raises(AdapterError) as ended:
        reading.query("rows", {"word": "none"})
    assert ended.value.code == "search-slow"

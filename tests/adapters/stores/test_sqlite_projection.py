import sqlite3
import stat
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.stores.sqlite.projection import SqliteProjection, Table
from crossdock.errors import AdapterError, ConfigError

ORDERS = Table(columns=("id", "account", "status", "at_ns"), key=("id",), order="at_ns")
FILLS = Table(
    columns=("account", "id", "price", "at_ns"), key=("account", "id"), order="at_ns"
)
SCHEMA = {"orders": ORDERS, "fills": FILLS}


@pytest.fixture
def projection(tmp_path):
    projection = SqliteProjection(tmp_path / "p.db", SCHEMA)
    yield projection
    projection.close()


VALUES = st.one_of(
    st.none(),
    st.integers(-(2**63), 2**63 - 1),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=10),
)
ROWS = st.lists(
    st.tuples(
        st.integers(1, 4),
        st.fixed_dictionaries({"at_ns": st.integers(0, 9)}, optional={"status": VALUES}),
    ),
    max_size=12,
)


@given(st.lists(ROWS, max_size=3))
@settings(max_examples=30, deadline=None)
def test_rows_come_back_as_upserted_newest_first_after_reopening(batches):
    model = {}
    with tempfile.TemporaryDirectory() as name:
        projection = SqliteProjection(Path(name) / "p.db", SCHEMA)
        for position, rows in enumerate(batches, 1):
            projection.upsert(
                [("orders", {"id": key, **row}) for key, row in rows], position=position
            )
            for key, row in rows:
                before = model.get(key, {"account": None, "status": None})
                model[key] = {**before, "id": key, **row}
        projection.close()
        projection = SqliteProjection(Path(name) / "p.db", SCHEMA)
        found = projection.query("orders")
        assert projection.position() == len(batches)
        projection.close()
    assert {row["id"]: row for row in found} == model
    assert [row["at_ns"] for row in found] == sorted(
        (row["at_ns"] for row in model.values()), reverse=True
    )


def test_a_query_tests_each_column_and_takes_words_as_values(projection):
    nasty = "x' OR 1=1 --"
    projection.upsert(
        [
            ("orders", {"id": "1", "account": "a", "status": None, "at_ns": 1}),
            ("orders", {"id": "2", "account": "a", "status": nasty, "at_ns": 2}),
            ("orders", {"id": "3", "account": "b", "status": nasty, "at_ns": 3}),
        ],
        position=3,
    )

    def ids(where, limit=100):
        return [row["id"] for row in projection.query("orders", where, limit)]

    assert ids(None) == ["3", "2", "1"]
    assert ids({"status": nasty}) == ["3", "2"]
    assert ids({"status": nasty, "account": "a"}) == ["2"]
    assert ids({"status": None}) == ["1"]
    assert ids(None, limit=2) == ["3", "2"]
    assert ids(None, limit=0) == ids(None, limit=-1) == []
    assert ids({"id": 1}) == []  # a number is not a text
    with pytest.raises(ConfigError, match="no column"):
        ids({'id" = id OR "id': "1"})


def test_equal_times_come_newest_written_first(projection):
    rows = [("fills", {"account": "a", "id": n, "at_ns": 7}) for n in range(5)]
    projection.upsert(rows, position=1)
    assert [row["id"] for row in projection.query("fills")] == [4, 3, 2, 1, 0]


@pytest.mark.parametrize(
    ("row", "error", "words"),
    [
        (("orders", {"id": "2", "wrong": 1}), ConfigError, "no column wrong"),
        (("orders", {"status": "x"}), ConfigError, "lacks its key"),
        (("nothing", {"id": "2"}), ConfigError, "no table nothing"),
        (("orders", {"id": None}), AdapterError, "cannot be written"),
        (("orders", {"id": "2", "at_ns": 2**63}), AdapterError, "cannot be written"),
    ],
)
def test_a_bad_row_takes_its_whole_transaction_along(projection, row, error, words):
    projection.upsert([("orders", {"id": "0", "at_ns": 0})], position=4)
    with pytest.raises(error, match=words):
        projection.upsert([("orders", {"id": "1", "at_ns": 1}), row], position=5)
    assert [found["id"] for found in projection.query("orders")] == ["0"]
    assert projection.position() == 4
    projection.upsert([], position=6)
    assert projection.position() == 6


def test_the_position_never_goes_back(projection):
    projection.upsert([], position=5)
    projection.upsert([("orders", {"id": "same", "at_ns": 1})], position=5)
    with pytest.raises(AdapterError, match="already past position 4"):
        projection.upsert([("orders", {"id": "old", "at_ns": 1})], position=4)
    assert [row["id"] for row in projection.query("orders")] == ["same"]


def test_clearing_empties_every_table_and_the_position(projection):
    projection.upsert([("orders", {"id": "1", "at_ns": 1})], position=9)
    projection.clear()
    assert (projection.position(), projection.query("orders")) == (0, [])
    projection.upsert([("orders", {"id": "2", "at_ns": 1})], position=1)
    assert projection.position() == 1


@pytest.mark.parametrize(
    "changed",
    [
        {"orders": ORDERS},
        {**SCHEMA, "more": ORDERS},
        {**SCHEMA, "orders": Table(columns=("id", "at_ns"), key=("id",), order="at_ns")},
        {**SCHEMA, "fills": Table(columns=FILLS.columns, key=("id",), order="at_ns")},
        {**SCHEMA, "fills": Table(columns=FILLS.columns, key=FILLS.key, order="id")},
    ],
)
def test_another_schema_drops_the_rows_and_begins_anew(tmp_path, changed):
    for schema, kept in (
        (SCHEMA, False),
        (SCHEMA, True),
        (changed, False),
        (changed, True),
    ):
        projection = SqliteProjection(tmp_path / "p.db", schema)
        assert (projection.position() == 3) == kept
        assert bool(projection.query("orders")) == kept
        projection.upsert([("orders", {"id": "1", "at_ns": 1})], position=3)
        projection.close()


@pytest.mark.parametrize(
    "table",
    [
        Table(columns=("a",), key=(), order="a"),
        Table(columns=("a",), key=("b",), order="a"),
        Table(columns=("a",), key=("a",), order="b"),
    ],
)
def test_a_schema_that_makes_no_sense_is_refused(tmp_path, table):
    with pytest.raises(ConfigError, match="must be columns of it"):
        SqliteProjection(tmp_path / "p.db", {"t": table})
    assert list(tmp_path.iterdir()) == []


def test_a_file_that_is_not_a_projection_is_left_as_it_is(tmp_path):
    other = sqlite3.connect(tmp_path / "other.db")
    other.execute("CREATE TABLE precious (value)")
    other.commit()
    other.close()
    (tmp_path / "notes.txt").write_text("not a database, " * 100)
    for name, words in (("other.db", "another program's"), ("notes.txt", "cannot be used")):
        before = (tmp_path / name).read_bytes()
        with pytest.raises(ConfigError, match=words):
            SqliteProjection(tmp_path / name, SCHEMA)
        assert (tmp_path / name).read_bytes() == before


def test_the_file_is_the_owners_alone(projection, tmp_path):
    projection.upsert([], position=1)
    modes = {stat.S_IMODE(each.stat().st_mode) for each in tmp_path.iterdir()}
    assert modes == {0o600}


def test_another_process_may_read_while_rows_are_written(projection, tmp_path):
    reader = sqlite3.connect(f"file:{tmp_path / 'p.db'}?mode=ro", uri=True)
    projection.upsert([("orders", {"id": "1", "at_ns": 1})], position=1)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM orders").fetchone() == (1,)
    projection.upsert([("orders", {"id": "2", "at_ns": 2})], position=2)
    assert reader.execute("SELECT count(*) FROM orders").fetchone() == (1,)
    reader.close()

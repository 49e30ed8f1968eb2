"""Rows for queries in one SQLite file, rebuilt from the journal at will."""

from crossdock.ports import Manifest, Setting

MANIFEST = Manifest(
    id="sqlite",
    kind="store",
    name="SQLite projection",
    docs_url="https://www.sqlite.org/wal.html",
    factory="crossdock.adapters.stores.sqlite.projection:SqliteProjection",
    settings={"path": Setting(help="The database file; it can be deleted at any time")},
    real_money=False,
)

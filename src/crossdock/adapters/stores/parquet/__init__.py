"""Bars and ticks in Parquet files, a folder for each symbol and timeframe."""

from crossdock.ports import Manifest, Setting

MANIFEST = Manifest(
    id="parquet",
    kind="store",
    name="Parquet bar store",
    docs_url="docs/how-to/import-data.md",
    factory="crossdock.adapters.stores.parquet.store:ParquetStore",
    settings={
        "path": Setting(help="The folder of the series; several processes may share it")
    },
    requires=("polars",),
    real_money=False,
)

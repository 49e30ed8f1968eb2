"""The journal: append-only, checksummed, hash-chained files with one owner."""

from crossdock.ports import Manifest, Setting

MANIFEST = Manifest(
    id="journal",
    kind="store",
    name="Journal files",
    docs_url="docs/reference/journal.md",
    factory="crossdock.adapters.stores.journal.files:JournalFiles",
    settings={
        "path": Setting(help="The folder of the journal; one desk owns it at a time"),
        "durability": Setting(
            help="What a record survives: power (a power cut) or process (SIGKILL)",
            default="power",
            choices=("power", "process"),
        ),
    },
    real_money=False,
)

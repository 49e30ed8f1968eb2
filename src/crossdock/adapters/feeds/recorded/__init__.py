"""Recorded market data in files: told apart by what is in them, not by their names."""

from crossdock.ports import Manifest, Tier

MANIFEST = Manifest(
    id="recorded",
    kind="feed",
    name="Recorded files",
    docs_url="docs/reference/recorded-data.md",
    factory="crossdock.adapters.feeds.recorded.feed:RecordedFiles",
    can=frozenset(),
    tier=Tier.REPLAYED,
    real_money=False,
)

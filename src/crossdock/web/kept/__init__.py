"""Values that expire, shared by every instance: sessions, one-time links, counts."""

from crossdock.web.kept.chosen import keeping_of, kept_of
from crossdock.web.kept.kept import Kept
from crossdock.web.kept.sqlite import SqliteKept

__all__ = ["Kept", "SqliteKept", "keeping_of", "kept_of"]

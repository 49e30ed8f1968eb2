"""Which accounts nobody let trade real money yet, asked before a desk is started."""

from __future__ import annotations

from crossdock.app.live import unconfirmed
from crossdock.app.offline.reading import JournalReader
from crossdock.app.settings import Settings
from crossdock.core.state import State


def unconfirmed_accounts(settings: Settings) -> list[str]:
    """Read the journal, if there is one. Raises JournalError when it is damaged."""
    if not settings.live_accounts():
        return []
    known = JournalReader(settings).state if settings.desk.journal.exists() else State()
    return unconfirmed(settings, known)

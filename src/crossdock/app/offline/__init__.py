"""What can be asked and done with no desk running: answers come from the journal."""

from crossdock.app.offline.confirming import unconfirmed_accounts
from crossdock.app.offline.journals import JournalTools
from crossdock.app.offline.killing import kill_without_desk
from crossdock.app.offline.reading import JournalReader

__all__ = ["JournalReader", "JournalTools", "kill_without_desk", "unconfirmed_accounts"]

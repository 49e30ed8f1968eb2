"""A venue's own history, fetched into the store; goes on where it was interrupted."""

from crossdock.app.download.pages import KINDS, Downloaded, Fetch, Wanted
from crossdock.app.download.several import Outcome, Skipped, download

__all__ = ["KINDS", "Downloaded", "Fetch", "Outcome", "Skipped", "Wanted", "download"]

"""Who runs this, for the record."""

from __future__ import annotations

import getpass


def user_name() -> str:
    """Return the name of this machine's user, whatever knows it."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "unknown user"

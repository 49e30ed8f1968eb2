"""The doors by which the desk is reached, and those by which a person speaks."""

from __future__ import annotations

from enum import StrEnum

from crossdock.errors import DeskError


class Door(StrEnum):
    """What the journal says of how somebody came."""

    CLI = "cli"
    TERMINAL = "terminal"
    DASHBOARD = "dashboard"  # a person who is signed in
    API = "api"  # a program, with an API key
    WEBHOOK = "webhook"
    PYTHON = "python"  # whoever runs the desk in a process of their own, by `open_desk`


_PERSONS = frozenset({Door.CLI, Door.TERMINAL, Door.DASHBOARD, Door.PYTHON})


def is_person(door: str) -> bool:
    return door in _PERSONS


def require_person(door: str, refusal: str, *, hint: str) -> None:
    """Raise DeskError for a door that is none of a person's: a program's, or none named."""
    if not is_person(door):
        raise DeskError(refusal, code="person-needed", hint=hint)

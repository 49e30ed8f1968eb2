"""What every command is given: which settings, and the desk they lead to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from crossdock.app.paths import user_folders
from crossdock.errors import DeskError

if TYPE_CHECKING:
    from crossdock.app.offline import JournalReader
    from crossdock.app.settings import Settings


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """`as_of_ns` is the journal's last record when no desk runs, else None."""

    value: Any
    as_of_ns: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Invocation:
    file: Path | None = None
    overrides: tuple[str, ...] = ()
    debug: bool = False

    @property
    def settings_file(self) -> Path:
        return self.file or user_folders().settings_file

    def settings(self) -> Settings:
        from crossdock.app.settings import load_settings

        return load_settings(self.settings_file, overrides=self.overrides)

    def ask(self, op: str, **args: Any) -> Any:
        """Ask the running desk. Raises DeskError `desk-not-running` when there is none."""
        from crossdock.app.doors.control.control import ask

        return ask(self.settings().desk.control, op, args)

    def require_account(self, account: str) -> None:
        """Raise DeskError for an account that is not in the settings; empty means all."""
        from crossdock.app.nearest import did_you_mean

        known = self.settings().accounts
        if account and account not in known:
            raise DeskError(
                f"there is no account {account!r}",
                code="unknown-account",
                hint=did_you_mean(account, known),
            )

    def read(
        self, op: str, args: dict[str, Any], offline: Callable[[JournalReader], Any]
    ) -> Answer:
        """Ask the running desk, else its journal."""
        from crossdock.app.doors.control.control import ask

        settings = self.settings()
        try:
            return Answer(value=ask(settings.desk.control, op, args))
        except DeskError as error:
            if error.code != "desk-not-running":
                raise
        from crossdock.app.offline import JournalReader

        reader = JournalReader(settings)
        return Answer(value=offline(reader), as_of_ns=reader.as_of_ns)


def invocation_of(context: typer.Context) -> Invocation:
    found = context.find_object(Invocation)
    assert found is not None, "the application's callback makes it"
    return found

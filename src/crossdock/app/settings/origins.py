"""Where a setting came from, and what is wrong with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from crossdock.errors import ConfigError

KeyPath = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Origin:
    """`where` is "default", "file", "environment" or "flag"; `name` says which of them.

    `line` is 0 where it stands in none: of what is about to be written there.
    """

    where: str
    name: str = ""
    line: int = 0

    def __str__(self) -> str:
        if self.where == "file":
            return f"{self.name}:{self.line}" if self.line else self.name
        return f"{self.where} {self.name}".rstrip()


DEFAULT = Origin("default")


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One wrong setting, in words a person can act on."""

    code: str
    text: str
    origin: Origin | None = None
    hint: str = ""

    def __str__(self) -> str:
        place = f"{self.origin}: " if self.origin and self.origin is not DEFAULT else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{place}{self.text}{hint}"


def dotted(path: KeyPath) -> str:
    """Return a path as TOML writes it, quoting the parts that need it."""
    return ".".join(
        part if part.replace("-", "_").isidentifier() else f'"{part}"' for part in path
    )


def refuse(problems: Sequence[Problem]) -> None:
    """Raise one ConfigError that tells every problem; return when there is none."""
    if not problems:
        return
    first = problems[0]
    if len(problems) == 1:
        place = f"{first.origin}: " if first.origin and first.origin is not DEFAULT else ""
        raise ConfigError(place + first.text, code=first.code, hint=first.hint)
    lines = "\n".join(f"  {problem}" for problem in problems)
    raise ConfigError(f"{len(problems)} settings are wrong:\n{lines}", code=first.code)

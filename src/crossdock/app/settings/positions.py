"""On which line of a TOML text each key stands; the standard reader does not tell."""

from __future__ import annotations

import re
import tomllib

from crossdock.app.settings.origins import KeyPath

_PART = r"""(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')"""
_KEY = rf"{_PART}(?:\s*\.\s*{_PART})*"
_HEADER = re.compile(rf"\s*\[\s*({_KEY})\s*\]")
_ENTRY = re.compile(rf"\s*({_KEY})\s*=")
_TOKEN = re.compile(
    r'''"""(?:[^\\]|\\.)*?"""'''  # the longer quotes first
    r"""|'''.*?'''"""
    r"""|"(?:[^"\\\n]|\\.)*"|'[^'\n]*'"""
    r"""|\#[^\n]*|[\[\]{}]""",
    re.DOTALL,
)


def lines_of(text: str) -> dict[KeyPath, int]:
    """Return the line of every table and key of a text that `tomllib` accepts."""
    lines: dict[KeyPath, int] = {}
    table: KeyPath = ()
    for number, line in _statements(text):
        if header := _HEADER.match(line):
            table = _parts(header[1])
            lines[table] = number
        elif entry := _ENTRY.match(line):
            lines[table + _parts(entry[1])] = number
    return lines


def _statements(text: str) -> list[tuple[int, str]]:
    """Return the lines on which no value of an earlier line goes on, with their numbers."""
    inside = [False] * (text.count("\n") + 1)
    depth = 0
    opened_at = 0
    for token in _TOKEN.finditer(text):
        first = text.count("\n", 0, token.start())
        last = text.count("\n", 0, token.end())
        if token[0] in ("[", "{"):
            opened_at = first if depth == 0 else opened_at
            depth += 1
        elif token[0] in ("]", "}"):
            depth -= 1
            if depth == 0:
                inside[opened_at + 1 : first + 1] = [True] * (first - opened_at)
        else:
            inside[first + 1 : last + 1] = [True] * (last - first)
    return [
        (number + 1, line)
        for number, line in enumerate(text.split("\n"))
        if not inside[number]
    ]


def _parts(key: str) -> KeyPath:
    found: KeyPath = ()
    value: object = tomllib.loads(f"{key} = 0")
    while isinstance(value, dict):
        part, value = next(iter(value.items()))
        found += (part,)
    return found

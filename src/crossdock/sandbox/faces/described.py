"""What each face's folder says of it in words: a venue to host, rules, how to point clients."""

from __future__ import annotations

import tomllib
from datetime import date
from decimal import Decimal
from importlib.resources import files
from string import Template
from typing import Any

import msgspec

_FOLDERS = "crossdock.sandbox.faces"


class Rule(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One thing a protocol does: who says so, and the day it was read there.

    `differs` is what the sandbox does instead, where it does.
    """

    topic: str
    what: str
    source: str
    read: date
    differs: str = ""


class _Semantics(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    title: str
    rule: tuple[Rule, ...]


def venue_of(face: str) -> dict[str, Any]:
    """Return the venue a face hosts when nothing else is said, as plain values."""
    return tomllib.loads(_text(face, "venue.toml"), parse_float=Decimal)


def title_of(face: str) -> str:
    """Return what the protocol is called."""
    return _semantics(face).title


def semantics(face: str) -> tuple[Rule, ...]:
    """Return what the protocol does, and where the sandbox does otherwise."""
    return _semantics(face).rule


def page(face: str) -> str:
    """Return the protocol's semantics as a page of documentation, in Markdown."""
    command = f"crossdock sandbox --face {face}"
    made = (
        f"`{command}` hosts it. This page is made from "
        f"`src/crossdock/sandbox/faces/{face}/semantics.toml` by "
        f"`{command} --semantics --markdown`."
    )
    title = title_of(face)
    parts = [f"# {title[0].upper()}{title[1:]}, as the sandbox speaks it", made]
    for rule in semantics(face):
        source = f"<{rule.source}>" if "://" in rule.source else f"`{rule.source}`"
        parts += [f"## {rule.topic}", _sentence(rule.what)]
        if rule.differs:
            parts.append(f"**Here:** {_sentence(rule.differs)}")
        parts.append(f"Source: {source}, read {rule.read}.")
    return "\n\n".join(parts) + "\n"


def _sentence(text: str) -> str:
    whole = text[0].upper() + text[1:]
    return whole if whole.endswith(".") else f"{whole}."


def guide(face: str, *, url: str, key: str, secret: str) -> str:
    """Return how to point clients at a venue."""
    return Template(_text(face, "guide.txt")).substitute(
        url=url, ws="ws" + url.removeprefix("http"), key=key, secret=secret
    )


def _semantics(face: str) -> _Semantics:
    return msgspec.convert(tomllib.loads(_text(face, "semantics.toml")), _Semantics)


def _text(face: str, name: str) -> str:
    return files(f"{_FOLDERS}.{face}").joinpath(name).read_text(encoding="utf-8")

"""The sandbox's faces, with which the suite asks: see crossdock.conformance.subjects."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from decimal import Decimal
from importlib.resources import files
from typing import Any

from crossdock.ports import Manifest

_UNSEEN = ("stream_missing",)  # no stream of ccxt counts an account's messages
_ALWAYS_ASKED = ("binance", "coinbase", "kraken")


def _faces() -> dict[str, dict[str, Any]]:
    text = files(__package__ or "").joinpath("faces.toml").read_text(encoding="utf-8")
    faces = tomllib.loads(text, parse_float=Decimal)
    for variants in faces.values():
        for face in variants.values():
            face["unseen"] = [*_UNSEEN, *face.get("unseen", ())]
    return faces


FACES: Mapping[str, Mapping[str, Mapping[str, Any]]] = _faces()


def always_asked(manifest: Manifest) -> bool:
    """Tell whether every question is asked on every run: of a few, for the time it takes."""
    return manifest.id in _ALWAYS_ASKED

"""The sandbox itself, with which the suite asks: see crossdock.conformance.subjects."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LINEAR = {"symbol": "TRY/USDT:USDT", "multiplier": "0.1"}
_INVERSE = {"symbol": "TRY/USD:TRY", "quantity_step": "1", "multiplier": "10"}


def _by(order_entry: str) -> Mapping[str, Any]:
    settings = {"url": "{url}", "key": "{key}", "key_secret": "{secret}"}
    return {
        "face": "native",
        "markets": [{}, _LINEAR, _INVERSE],
        "funds": {"USDT": "100000", "TRY": "100", "USD": "100000"},
        "settings": {**settings, "order_entry": order_entry},
    }


FACES: Mapping[str, Mapping[str, Mapping[str, Any]]] = {
    "sandbox": {"ws": _by("ws"), "rest": _by("rest")}
}

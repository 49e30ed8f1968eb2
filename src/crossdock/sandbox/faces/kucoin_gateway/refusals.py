"""How KuCoin says no: a code and words, and a status that tells the kind.

https://www.kucoin.com/docs-new/error-code/websocket (its gateway's part) and
https://www.kucoin.com/docs/basic-info/errors-code/spot-errors-code, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.sandbox.faces.refusals import Refusal

Words = tuple[int, str, str]
"""HTTP status, code, and what is said with it."""


class Said(Refusal):
    """A refusal in the protocol's own words."""

    def __init__(self, code: str, words: str, *, status: int = 200) -> None:
        super().__init__("said", words)
        self.words: Words = (status, code, words)


def bad_parameter(name: str) -> Said:
    return Said("400100", f"{name}: Parameter Error", status=400)


GATEWAY: Mapping[str, Words] = {
    "bad_request": (400, "400100", "Parameter Error"),
    "bad_time": (401, "400002", "KC-API-TIMESTAMP Invalid"),
    "bad_key": (401, "400003", "KC-API-KEY not exists"),
    "key_revoked": (401, "400003", "KC-API-KEY not exists"),
    "bad_passphrase": (401, "400004", "Invalid KC-API-PASSPHRASE"),
    "bad_signature": (401, "400005", "Invalid KC-API-SIGN"),
    "not_allowed": (403, "400007", "Access denied, require more permission."),
    "no_path": (404, "404000", "Url Not Found"),
    "rate_limited": (429, "429000", "Too many requests"),
    "unavailable": (503, "230005", "System busy, please retry later."),
    "internal": (500, "500000", "Internal Server Error"),
}


def worded(refusal: Refusal, own: Mapping[str, Words]) -> Words:
    """Return a refusal in the words of an exchange, else of the gateway before it."""
    if isinstance(refusal, Said):
        return refusal.words
    return own.get(refusal.code) or GATEWAY.get(refusal.code) or GATEWAY["bad_request"]

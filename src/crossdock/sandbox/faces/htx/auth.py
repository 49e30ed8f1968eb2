"""Signatures, in the query of a call and in the first words of a private WebSocket.

https://huobiapi.github.io/docs/spot/v1/en/#authentication, read 2026-11-21.
"""

from __future__ import annotations

import base64
import hmac
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote

from crossdock.sandbox.faces.contract import Call
from crossdock.sandbox.faces.htx.refusals import bad_field
from crossdock.sandbox.faces.keys import Holder, Window
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.host import SECOND_NS, Host

_HOSTS = ("api.huobi.pro", "api-aws.huobi.pro", "api.htx.com")
_CLOCKS_DIFFER_NS = 300 * SECOND_NS
_TIME_FORM = "%Y-%m-%dT%H:%M:%S"
_OLD, _NEW = "2", "2.1"  # of calls, and of WebSockets


def claimed_key(call: Call) -> str:
    return str(call.request.query.get("AccessKeyId", ""))


def verify_call(host: Host, call: Call) -> tuple[Holder, Window]:
    """Return who signed a call, and until when it is good. Raises Refusal."""
    request = call.request
    pairs = [it for it in request.rel_url.raw_query_string.split("&") if it]
    signed = [it for it in pairs if not it.startswith("Signature=")]
    fields = request.query
    _check_method(fields.get("SignatureMethod"), fields.get("SignatureVersion"), _OLD)
    holder, window = _claimed(host, fields.get("AccessKeyId"), fields.get("Timestamp"))
    _check_signature(
        holder,
        fields.get("Signature", ""),
        method=request.method,
        hosts=(request.host, *_HOSTS),
        paths=(request.rel_url.raw_path,),
        query="&".join(sorted(signed)),
    )
    return holder, window


def verify_socket(host: Host, fields: Mapping[str, Any], path: str, at: str) -> Holder:
    """Return who signed in. `at` is the server's own address. Raises Refusal.

    Where an address is no `wss://`, ccxt signs all of it for the path: that is taken too.
    """
    names = ("accessKey", "signatureMethod", "signatureVersion", "timestamp")
    told = {name: str(fields.get(name, "")) for name in names}
    _check_method(told["signatureMethod"], told["signatureVersion"], _NEW)
    holder, _ = _claimed(host, told["accessKey"], told["timestamp"])
    _check_signature(
        holder,
        str(fields.get("signature", "")),
        method="GET",
        hosts=(at, *_HOSTS),
        paths=(path, f"ws://{at}{path}"),
        query="&".join(f"{name}={quote(told[name], safe='')}" for name in names),
    )
    return holder


def _check_method(method: object, version: object, expected: str) -> None:
    if method != "HmacSHA256" or version != expected:
        raise Refusal("bad_signature", "another way of signing")


def _claimed(host: Host, key: str | None, stamp: str | None) -> tuple[Holder, Window]:
    holder = host.keys.find(key or "")
    if holder is None:
        raise Refusal("bad_key", "no such key")
    try:
        moment = datetime.strptime(stamp or "", _TIME_FORM).replace(tzinfo=UTC)
    except ValueError:
        raise bad_field("Timestamp") from None
    signed_ns = int(moment.timestamp()) * SECOND_NS
    window = Window(
        from_ns=signed_ns - _CLOCKS_DIFFER_NS,
        until_ns=signed_ns + _CLOCKS_DIFFER_NS,
        received_ns=host.clock.time_ns(),
        width_ns=2 * _CLOCKS_DIFFER_NS,
        words="the time differs by more than five minutes",
    )
    window.check(host.now_ns(), host.clock.time_ns())
    return holder, window


def _check_signature(
    holder: Holder,
    given: str,
    *,
    method: str,
    hosts: Iterable[str],
    paths: Iterable[str],
    query: str,
) -> None:
    """Compare with what any of our names would have given. Raises Refusal."""
    ways = [(name, path) for name in hosts for path in paths]
    for name, path in ways:
        text = f"{method}\n{name.lower()}\n{path}\n{query}".encode()
        made = base64.b64encode(hmac.digest(holder.secret, text, "sha256"))
        if hmac.compare_digest(made, given.encode()):
            return
    raise Refusal("bad_signature", "the signature does not match")

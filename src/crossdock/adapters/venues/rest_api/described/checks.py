"""Reads a description and refuses what could not work, before any order meets it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator, Mapping
from copy import deepcopy
from difflib import get_close_matches
from pathlib import Path
from typing import Any, NoReturn

import msgspec

from crossdock.adapters.venues.rest_api.described.fields import Table
from crossdock.adapters.venues.rest_api.described.tables import (
    Call,
    Description,
    HmacAuth,
    OrderCall,
)
from crossdock.adapters.venues.rest_api.described.template import (
    SPECS,
    holes_of,
    template,
    texts_in,
)
from crossdock.errors import ConfigError
from crossdock.model import LIMITED, TRIGGERED, OrderStatus, OrderType, TimeInForce
from crossdock.ports import IdCodec, Lookup, is_secret_name

_ID = re.compile(r"[a-z0-9][a-z0-9-]*")
_OURS = (OrderStatus.JOURNALED, OrderStatus.SENT, OrderStatus.NEVER_ACCEPTED)
_READS = ("GET", "POST")

_IDENTITY = {"client_order_id": "plain", "venue_order_id": "plain"}
_REFERENCE = {**_IDENTITY, "symbol": "plain"}
_TERMS = {"quantity": "number", "limit_price": "number", "stop_price": "number"}
_TRAILS = frozenset({"trail_amount", "trail_percent"})
_IDS = frozenset({"client_order_id", "venue_order_id"})
_NEW = {
    "client_order_id": "plain",
    **dict.fromkeys(("symbol", "side", "type", "time_in_force"), "plain"),
    **_TERMS,
    **dict.fromkeys(_TRAILS, "number"),
    "expire_time": "time",
    **dict.fromkeys(("post_only", "reduce_only", "position_side", "margin_mode"), "plain"),
}
_PAGE = {"cursor": "plain", "page_size": "plain"}
_PLACEHOLDERS: Mapping[str, Mapping[str, str]] = {
    "submit": _NEW,
    "cancel": _REFERENCE,
    "replace": {**_REFERENCE, **_TERMS},
    "order_lookup": _REFERENCE,
    "book_snapshot": {"symbol": "plain"},
    "trades": {"symbol": "plain"},
    "fill_history": _PAGE,
    "account_history": _PAGE,
}
_NOUNS = {
    "instruments": "instrument",
    "book_snapshot": "book",
    "trades": "trade",
    "fill_history": "fill",
    "account_history": "event",
    "balances": "balance",
    "positions": "position",
}
_WRITES = ("submit", "cancel", "replace", "cancel_all")
_SIGNING = {
    "time": "time",
    **dict.fromkeys(("method", "path", "query", "target"), "plain"),
    "body": "bytes",
}


def read_description(file: Path) -> Description:
    """Return what a file describes, checked. Raises ConfigError: file, key, expectation."""
    try:
        tree = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise ConfigError(f"{file}: cannot be read: {error.strerror}") from None
    except UnicodeDecodeError:
        raise ConfigError(f"{file}: is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        raise ConfigError(f"{file}: is not TOML: {error}") from None
    try:
        description = msgspec.convert(tree, Description)
    except msgspec.ValidationError as error:
        raise _misfit(file, tree, str(error)) from None
    _Checks(file, description).run()
    return description


class _Checks:
    def __init__(self, file: Path, description: Description) -> None:
        self._file = file
        self._it = description

    def run(self) -> None:
        it = self._it
        if not _ID.fullmatch(it.id):
            self._refuse("id", f"{it.id!r} is not lower-case letters, digits and dashes")
        for name, setting in it.settings.items():
            if is_secret_name(name) and setting.default:
                self._refuse(f"settings.{name}.default", "a secret has no default")
            if setting.default is not None and setting.choices:
                self._among(f"settings.{name}.default", setting.default, setting.choices)
        plain = [name for name in it.settings if not is_secret_name(name)]
        self._templates("base_url", it.base_url, dict.fromkeys(plain, "plain"))
        for limit in it.rate_limits:
            if not 0 <= limit.reserve < limit.calls or limit.per_s <= 0:
                self._refuse("rate_limits", "0 <= reserve < calls, and per_s above zero")
        self._auth()
        for name, calls in self._calls():
            for place, call in calls:
                self._call(name, place, call)
        for status in it.values.status:
            if status in _OURS:
                self._refuse("values.status", f"{status} is our own word, no broker's")
        self._words()
        if it.poll_s <= 0 or it.read_timeout_s <= 0:
            self._refuse("poll_s", "poll_s and read_timeout_s are above zero")
        self._orders()

    # ---- parts -----------------------------------------------------------------

    def _auth(self) -> None:
        it, auth = self._it, self._it.auth
        names = {**dict.fromkeys(it.settings, "plain"), **_SIGNING}
        allowed = names | {"signature": "plain"} if isinstance(auth, HmacAuth) else names
        for name in sorted(names.keys() & it.settings.keys() & _SIGNING.keys()):
            self._refuse(f"settings.{name}", "this name means a part of the request")
        for field in auth.__struct_fields__:
            if field not in ("hash", "encoding", "key_encoding", "signature_query"):
                usable = allowed if field == "headers" else names
                self._templates(f"auth.{field}", getattr(auth, field), usable)
        if isinstance(auth, HmacAuth):
            said = any("{signature}" in text for text in auth.headers.values())
            if said == bool(auth.signature_query):
                self._refuse("auth", "{signature} stands in a header or signature_query")

    def _calls(self) -> Iterator[tuple[str, list[tuple[str, Call]]]]:
        endpoints = self._it.endpoints
        for name in endpoints.__struct_fields__:
            found = getattr(endpoints, name)
            place = f"endpoints.{name}"
            if isinstance(found, list):
                yield name, [(f"{place}[{i}]", call) for i, call in enumerate(found)]
            elif found is not None:
                yield name, [(place, found)]

    def _call(self, name: str, place: str, call: Call) -> None:
        it = self._it
        settings = [each for each in it.settings if not is_secret_name(each)]
        names = {**dict.fromkeys(settings, "plain"), **_PLACEHOLDERS.get(name, {})}
        self._templates(f"{place}.path", call.path, names)
        self._templates(f"{place}.query", call.query, names)
        self._templates(f"{place}.body", call.body, names)
        if not call.path.startswith("/"):
            self._refuse(f"{place}.path", f"begins with a slash; got {call.path!r}")
        if name not in _WRITES and call.method not in _READS:
            self._refuse(f"{place}.method", "a read is a GET or a POST")
        if call.scope:
            declared = [limit.scope for limit in it.rate_limits]
            self._among(f"{place}.scope", call.scope, declared, "no scope of rate_limits")
        # Late: adapters are listed without what they work with.
        from crossdock.toolkit import Purpose
        from crossdock.toolkit.rateline import room_of

        scopes = (call.budget(writes=name in _WRITES), "all")
        limits = [each for each in it.rate_limits if each.scope in scopes]
        purpose = Purpose.ORDER if name in _WRITES else Purpose.READING
        free = min(
            (room_of(each.calls, each.reserve)[purpose] for each in limits),
            default=call.weight,
        )
        if not 1 <= call.weight <= free:
            self._refuse(f"{place}.weight", "is at least 1, and fits the rate limits")
        if noun := _NOUNS.get(name):
            if getattr(it.fields, noun) is None:
                self._refuse(f"fields.{noun}", f"is missing, and {place} needs it")
        elif isinstance(call, OrderCall) and call.answer == "order":
            if (call.fields or it.fields.order) is None:
                self._refuse("fields.order", f"is missing, and {place} needs it")
        elif isinstance(call, OrderCall):
            if name not in _WRITES:
                self._refuse(f"{place}.answer", "only a write may be looked up")
            if not it.endpoints.order_lookup:
                self._refuse("endpoints.order_lookup", f"is missing, {place} needs it")
        if name in ("cancel", "replace", "order_lookup"):
            used = _holes(call)
            # Without an identity such a call would mean every order of the account.
            if not used & _IDENTITY.keys() and not (name == "order_lookup" and call.rows):
                self._refuse(place, "names no {venue_order_id} and no {client_order_id}")
        if name in ("fill_history", "account_history"):
            self._has(place, call, ("cursor",))

    def _words(self) -> None:
        for name in self._it.values.__struct_fields__:
            seen: dict[str, str] = {}
            for ours, theirs in getattr(self._it.values, name).items():
                for word in theirs if isinstance(theirs, list) else [theirs]:
                    if str(word) in seen:
                        self._refuse(
                            f"values.{name}.{ours}",
                            f"{word!r} stands for {seen[str(word)]} already",
                        )
                    seen[str(word)] = ours

    def _orders(self) -> None:
        it, endpoints = self._it, self._it.endpoints
        submit, evidence = endpoints.submit, it.evidence
        if submit is None:
            if endpoints.cancel or endpoints.replace:
                self._refuse("endpoints.submit", "is missing, though orders are changed")
            return
        for name, given in (
            ("evidence", evidence),
            ("endpoints.cancel", endpoints.cancel),
            ("endpoints.instruments", endpoints.instruments),
            ("order_types", it.order_types),
            ("times_in_force", it.times_in_force),
        ):
            if not given:
                self._refuse(name, "is missing, and orders need it")
        assert evidence is not None
        types = it.order_types
        needed = ["symbol", "side", "quantity"]
        needed += ["type"] * (len(types) > 1)
        needed += ["time_in_force"] * (len(it.times_in_force) > 1)
        needed += ["limit_price"] * bool(types & LIMITED)
        needed += ["stop_price"] * bool(types & TRIGGERED)
        needed += ["expire_time"] * (TimeInForce.GTD in it.times_in_force)
        needed += ["client_order_id"] * (evidence.client_id is not IdCodec.NONE)
        if OrderType.TRAILING_STOP in types and not _holes(submit) & _TRAILS:
            needed.append("trail_percent")
        self._has("endpoints.submit", submit, needed)
        for index, call in enumerate(endpoints.replace):
            self._has(f"endpoints.replace[{index}]", call, ["quantity"])
        if evidence.silence_s <= 0 or evidence.retention_s <= 0:
            self._refuse("evidence", "silence_s and retention_s are above zero")
        if evidence.arrival_horizon_s < 0 or evidence.visibility_lag_s < 0:
            self._refuse("evidence", "arrival_horizon_s and visibility_lag_s are 0 or more")
        looked_up = any(
            "client_order_id" in _holes(call) or call.rows
            for call in endpoints.order_lookup
        )
        if evidence.lookup in (Lookup.ANY_ORDER, Lookup.OPEN_ONLY) and not looked_up:
            self._refuse(
                "endpoints.order_lookup",
                f"must find an order by {{client_order_id}}: evidence.lookup is "
                f"{evidence.lookup}",
            )
        for index, call in enumerate(endpoints.order_lookup):
            is_list = bool(call.rows) and not _holes(call) & _IDS
            if is_list and evidence.lookup is not Lookup.NONE and call.page_size <= 0:
                self._refuse(
                    f"endpoints.order_lookup[{index}].page_size",
                    "must say how many orders the list holds at most: one that is full "
                    "proves nothing of the others",
                )
        if evidence.client_id is IdCodec.NONE and evidence.lookup is not Lookup.NONE:
            self._refuse("evidence.lookup", "is none where client_id is none")
        for code in it.refusals.proven:
            if "duplicate" in code.lower():
                self._refuse(
                    f"refusals.proven.{code}", "a duplicate id is evidence, no refusal"
                )

    # ---- words -----------------------------------------------------------------

    def _has(self, place: str, call: Call, needed: Iterable[str]) -> None:
        for name in needed:
            if name not in _holes(call):
                self._refuse(place, f"has no place for {{{name}}}")

    def _templates(self, place: str, value: object, names: Mapping[str, str]) -> None:
        for text in texts_in(value):
            try:
                holes = template(text).holes
            except ValueError as error:
                self._refuse(place, str(error))
            for hole in holes:
                kind = self._among(place, hole.name, names, "no placeholder here")
                allowed = SPECS[names[kind]]
                if hole.spec not in allowed and (hole.spec or names[kind] == "time"):
                    known = ", ".join(allowed) or "nothing"
                    self._refuse(
                        place, f"{{{hole.name}:…}} takes {known}, not {hole.spec!r}"
                    )

    def _among(
        self, place: str, word: str, known: Iterable[str], what: str = "not one of them"
    ) -> str:
        words = list(known)
        if word not in words:
            self._refuse(place, f"{word!r} is {what}", _hint(word, words))
        return word

    def _refuse(self, key: str, words: str, hint: str = "") -> NoReturn:
        raise ConfigError(f"{self._file}: {key}: {words}", hint=hint)


def _holes(call: Call) -> frozenset[str]:
    return holes_of(call.path, call.query, call.body)


def _hint(word: str, known: Iterable[str]) -> str:
    words = sorted(known)
    close = get_close_matches(word, words, n=1, cutoff=0.6)
    if close:
        return f"did you mean {close[0]}?"
    return f"known: {', '.join(words)}" if words else ""


def _misfit(file: Path, tree: dict[str, Any], message: str) -> ConfigError:
    """Say in the file's own terms what does not fit the tables."""
    words, _, place = message.partition(" - at ")
    path = place.removeprefix("`key` in ").strip("`").removeprefix("$")
    key = _named(tree, path, message)
    unknown = re.fullmatch(r"Object contains unknown field `(.+)`", words)
    if unknown:
        place = ".".join(filter(None, (key, unknown[1])))
        hint = _hint(unknown[1], _known_keys())
        return ConfigError(
            f"{file}: {place}: there is no such key",
            hint=hint if hint.startswith("did") else "see docs/how-to/describe-a-broker.md",
        )
    missing = re.fullmatch(r"Object missing required field `(.+)`", words)
    if missing:
        place = ".".join(filter(None, (key, missing[1])))
        return ConfigError(f"{file}: {place}: is missing")
    return ConfigError(f"{file}: {key}: {words[0].lower()}{words[1:]}")


def _named(tree: dict[str, Any], path: str, message: str) -> str:
    """Replace each `[...]` of a path by the key that is meant: the one that fails alone."""
    while "[...]" in path:
        lead, _, rest = path.partition("[...]")
        for key in list(_at(tree, lead)):
            alone = deepcopy(tree)
            table = _at(alone, lead)
            for other in [name for name in table if name != key]:
                del table[other]
            try:
                msgspec.convert(alone, Description)
            except msgspec.ValidationError as error:
                if str(error) == message:
                    path = f"{lead}.{key}{rest}"
                    break
        else:
            break
    return path.removeprefix(".")


def _at(tree: Any, path: str) -> Any:
    for name in re.findall(r"\.([^.\[]+)|\[(\d+)\]", path):
        tree = tree[name[0]] if name[0] else tree[int(name[1])]
    return tree


def _known_keys() -> set[str]:
    """Return every key that any table has."""
    tables, found = [Table], set[str]()
    while tables:
        table = tables.pop()
        found.update(table.__struct_fields__)
        tables.extend(table.__subclasses__())
    return found

"""Every error that ccxt can raise has a meaning, and none proves more than it may."""

from __future__ import annotations

import inspect
import re
from types import SimpleNamespace

import pytest
from ccxt.base import errors as ccxt_errors

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.refusals import MEANINGS, Refusals, Says, at_path
from crossdock.adapters.venues.ccxt.wire.calls import Call
from crossdock.errors import (
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Transient,
    Unreachable,
)
from crossdock.toolkit import HttpReply, ManualClock, Masker, Secret

_CLASSES = {
    name: it
    for name, it in vars(ccxt_errors).items()
    if inspect.isclass(it) and issubclass(it, Exception)
}
_SECRET = "hunter2hunter2"
_LISTED, _UNLISTED = b'{"code":"-1","msg":"no"}', b'{"code":"-2","msg":"no"}'


class _FakeWire:
    penalty_s = 0.0

    def estimate_s(self, url: str) -> float:
        return 3.0

    def penalise(self, url: str, retry_after_s: float) -> None:
        self.penalty_s = retry_after_s


class _Quirks(Quirks):
    def __init__(self, **more: object) -> None:
        vars(self).update(more)


def _refusals(**quirks: object) -> Refusals:
    context = SimpleNamespace(
        clock=ManualClock(),
        masker=Masker([Secret(_SECRET)]),
        manifest=SimpleNamespace(rejection_codes={"-1": "the page that says so"}),
    )
    return Refusals(context, _Quirks(**quirks), _FakeWire())


def _call(reply: HttpReply | None, *, is_going: bool = True, departed: bool = True) -> Call:
    call = Call(
        "exchange submit", 0, is_write=True, is_going=is_going, reply=reply, answer=reply
    )
    call.departure.departed = departed
    return call


def _reply(body: bytes, status: int = 400, **headers: str) -> HttpReply:
    return HttpReply(status=status, headers=headers, body=body)


def test_every_class_of_ccxts_errors_has_a_meaning_and_no_other() -> None:
    assert MEANINGS.keys() == _CLASSES.keys()


def test_every_meaning_names_the_line_where_the_class_stands() -> None:
    lines = inspect.getsource(ccxt_errors).splitlines()
    for name, meaning in MEANINGS.items():
        found = re.search(r"errors\.py:(\d+): \S", meaning.source)
        assert found, name
        assert lines[int(found[1]) - 1].startswith(f"class {name}("), name


@pytest.mark.parametrize("name", _CLASSES)
def test_a_write_is_rejected_by_a_listed_code_and_by_nothing_else(name: str) -> None:
    error = _CLASSES[name]("a url with a signature")
    refusals = _refusals()
    listed = refusals.of_write(error, _call(_reply(_LISTED)))
    if MEANINGS[name].says is Says.TAKEN:
        assert type(listed) is OutcomeUnknown
    else:
        assert type(listed) is Rejected
        assert listed.venue_code == "-1"
    expected = {Says.KEYS: AuthFailed, Says.TOO_MANY: RateLimited}
    unlisted = refusals.of_write(error, _call(_reply(_UNLISTED)))
    assert type(unlisted) is expected.get(MEANINGS[name].says, OutcomeUnknown)
    wordless = refusals.of_write(error, _call(_reply(b"{}")))
    assert type(wordless) is OutcomeUnknown
    for told in (listed, unlisted, wordless):
        assert "signature" not in str(told)


@pytest.mark.parametrize("name", _CLASSES)
def test_a_servers_failure_or_a_missing_reply_leaves_doubt(name: str) -> None:
    error = _CLASSES[name]("words")
    refusals = _refusals()
    for status in (500, 502, 503, 504):
        assert (
            type(refusals.of_write(error, _call(_reply(_LISTED, status)))) is OutcomeUnknown
        )
    assert type(refusals.of_write(error, _call(None))) is OutcomeUnknown


@pytest.mark.parametrize(
    ("status", "body", "expected"),
    [
        (500, _LISTED, Rejected),
        (500, _UNLISTED, OutcomeUnknown),
        (500, b"{}", OutcomeUnknown),
        (502, _LISTED, OutcomeUnknown),
        (503, _LISTED, OutcomeUnknown),
    ],
)
def test_where_refusals_have_status_500_a_listed_code_proves_one(
    status: int, body: bytes, expected: type[Exception]
) -> None:
    refusals = _refusals(refuses_by_500=True)
    error = ccxt_errors.ExchangeError("words")
    assert type(refusals.of_write(error, _call(_reply(body, status)))) is expected


@pytest.mark.parametrize("name", _CLASSES)
def test_what_ccxt_raises_before_anything_is_sent_is_not_sent(name: str) -> None:
    call = _call(None, is_going=False, departed=False)
    assert type(_refusals().of_write(_CLASSES[name]("words"), call)) is NotSent


@pytest.mark.parametrize("name", _CLASSES)
@pytest.mark.parametrize("status", [200, 400, 404])
def test_a_read_fails_by_an_error_of_reads(name: str, status: int) -> None:
    call = _call(_reply(_UNLISTED, status))
    error = _refusals().of_read(_CLASSES[name]("words"), call)
    assert isinstance(error, (Transient, AuthFailed, Rejected, BadPayload))
    assert not isinstance(error, (NotSent, OutcomeUnknown))


@pytest.mark.parametrize(
    ("error", "status", "body", "expected"),
    [
        (_CLASSES["ExchangeNotAvailable"], 400, b"{}", Rejected),
        (_CLASSES["OnMaintenance"], 200, _UNLISTED, Unreachable),
        (_CLASSES["BadSymbol"], 400, _UNLISTED, Rejected),
        (_CLASSES["AuthenticationError"], 200, _UNLISTED, AuthFailed),
        (_CLASSES["RateLimitExceeded"], 200, _UNLISTED, RateLimited),
        (_CLASSES["ExchangeError"], 403, b"{}", AuthFailed),
        (KeyError, 200, b"{}", BadPayload),
        (TypeError, 200, b"[]", BadPayload),
    ],
)
def test_what_a_read_fails_by(error, status, body, expected) -> None:
    assert type(_refusals().of_read(error("x"), _call(_reply(body, status)))) is expected


def test_the_wait_is_what_the_exchange_asks_for_or_our_estimate() -> None:
    refusals, error = _refusals(), _CLASSES["RateLimitExceeded"]("x")
    asked = refusals.of_write(error, _call(_reply(b"{}", 429, **{"retry-after": "17"})))
    assert asked.retry_after_s == 17.0
    guessed = refusals.of_write(error, _call(_reply(_UNLISTED, 400)))
    assert guessed.retry_after_s == 3.0


def test_the_exchanges_words_are_told_without_secrets() -> None:
    body = f'{{"code":"-1","msg":"bad key {_SECRET}"}}'.encode()
    error = _refusals().of_write(_CLASSES["InvalidOrder"]("x"), _call(_reply(body)))
    assert "bad key ***" in str(error)


def test_a_look_up_is_told_of_absence_only_in_plain_words() -> None:
    refusals, error = _refusals(), _CLASSES["OrderNotFound"]("x")
    assert refusals.is_unknown_order(error, _call(_reply(_UNLISTED)))
    assert not refusals.is_unknown_order(error, _call(_reply(_UNLISTED, 500)))
    assert not refusals.is_unknown_order(error, _call(None))
    other = _CLASSES["ExchangeError"]("x")
    assert not refusals.is_unknown_order(other, _call(_reply(_UNLISTED)))


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("a.b", 1),
        ("l.0.c", 2),
        ("l.1.c", None),
        ("a.b.c", None),
        ("x", None),
        ("l", [{"c": 2}]),
    ],
)
def test_a_path_leads_through_objects_and_lists(path, found) -> None:
    assert at_path({"a": {"b": 1}, "l": [{"c": 2}]}, path) == found

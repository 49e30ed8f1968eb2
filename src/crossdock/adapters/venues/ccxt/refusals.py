"""What ccxt's errors and the replies behind them prove.

The status and the exchange's own code come first; ccxt's class of error decides only what
they leave open. A write is `Rejected` by a code that the manifest lists, and by nothing else.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

import msgspec

from crossdock.adapters.venues.ccxt.exchanges.contract import Quirks
from crossdock.adapters.venues.ccxt.wire.calls import Call
from crossdock.adapters.venues.ccxt.wire.transport import Wire
from crossdock.errors import (
    AdapterError,
    AuthFailed,
    BadPayload,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
    Unreachable,
)
from crossdock.toolkit import AdapterContext, CancelledInDoubt, HttpReply
from crossdock.toolkit.exchange import refusal_by_status

_KEYS = "check the keys, their rights and addresses"


class Says(Enum):
    """What a class of ccxt's errors says, where status and code do not."""

    KEYS = "keys"  # refused for its keys, before it was looked at
    TOO_MANY = "too many"  # refused for its number, before it was looked at
    REFUSED = "refused"  # the exchange's no: proof only with a code that is listed
    TAKEN = "taken"  # our id is known there already: evidence of an order
    LOST = "lost"  # the reply is missing, or says that the exchange is not well
    GARBLED = "garbled"  # a reply that cannot be read
    OURS = "ours"  # ccxt refused by itself


@dataclass(frozen=True, slots=True)
class Meaning:
    says: Says
    source: str


def _at(line: int, words: str) -> str:
    return f"ccxt 4.5.90 base/errors.py:{line}: {words}"


MEANINGS: Mapping[str, Meaning] = {
    "BaseError": Meaning(Says.LOST, _at(66, "root of all, says nothing")),
    "ExchangeError": Meaning(Says.REFUSED, _at(70, "any error code ccxt does not know")),
    "AuthenticationError": Meaning(Says.KEYS, _at(74, "key, signature or passphrase")),
    "PermissionDenied": Meaning(Says.KEYS, _at(78, "the key lacks a right")),
    "AccountNotEnabled": Meaning(Says.KEYS, _at(82, "the account lacks the market")),
    "AccountSuspended": Meaning(Says.KEYS, _at(86, "the account is closed or frozen")),
    "ArgumentsRequired": Meaning(Says.OURS, _at(90, "raised before anything is sent")),
    "BadRequest": Meaning(Says.REFUSED, _at(94, "a parameter the exchange refuses")),
    "BadSymbol": Meaning(Says.REFUSED, _at(98, "no such market, here or there")),
    "OperationRejected": Meaning(Says.REFUSED, _at(102, "refused in its present state")),
    "NoChange": Meaning(Says.REFUSED, _at(106, "it is already so")),
    "MarginModeAlreadySet": Meaning(Says.REFUSED, _at(110, "it is already so")),
    "MarketClosed": Meaning(Says.REFUSED, _at(114, "the market takes no orders now")),
    "ManualInteractionNeeded": Meaning(Says.REFUSED, _at(118, "terms to accept by hand")),
    "RestrictedLocation": Meaning(Says.KEYS, _at(122, "not served in this country")),
    "InsufficientFunds": Meaning(Says.REFUSED, _at(126, "not enough money")),
    "InvalidAddress": Meaning(Says.REFUSED, _at(130, "of a withdrawal")),
    "AddressPending": Meaning(Says.REFUSED, _at(134, "of a withdrawal")),
    "InvalidOrder": Meaning(Says.REFUSED, _at(138, "an order the exchange refuses")),
    "OrderNotFound": Meaning(Says.REFUSED, _at(142, "no such order, or done already")),
    "OrderNotCached": Meaning(Says.OURS, _at(146, "ccxt's own cache misses it")),
    "OrderImmediatelyFillable": Meaning(Says.REFUSED, _at(150, "post-only that crosses")),
    "OrderNotFillable": Meaning(Says.REFUSED, _at(154, "fill-or-kill without a match")),
    "DuplicateOrderId": Meaning(Says.TAKEN, _at(158, "the client order id is taken")),
    "ContractUnavailable": Meaning(Says.REFUSED, _at(162, "expired, or not listed yet")),
    "NotSupported": Meaning(Says.OURS, _at(166, "raised before anything is sent")),
    "InvalidProxySettings": Meaning(Says.OURS, _at(170, "raised before it is sent")),
    "ExchangeClosedByUser": Meaning(Says.OURS, _at(174, "the adapter was closed")),
    "OperationFailed": Meaning(Says.LOST, _at(178, "root of failures on the way")),
    "NetworkError": Meaning(Says.LOST, _at(182, "root of failures of the network")),
    "DDoSProtection": Meaning(Says.TOO_MANY, _at(186, "418, 429 or a ban")),
    "RateLimitExceeded": Meaning(Says.TOO_MANY, _at(190, "429 or the like in a body")),
    "ExchangeNotAvailable": Meaning(Says.LOST, _at(194, "4xx and 5xx without words")),
    "OnMaintenance": Meaning(Says.LOST, _at(198, "the exchange is being serviced")),
    "InvalidNonce": Meaning(Says.REFUSED, _at(202, "clock or nonce out of step")),
    "ChecksumError": Meaning(Says.GARBLED, _at(206, "a book that does not add up")),
    "RequestTimeout": Meaning(Says.LOST, _at(210, "no reply in time, 408, 504")),
    "BadResponse": Meaning(Says.GARBLED, _at(214, "a reply of the wrong shape")),
    "NullResponse": Meaning(Says.GARBLED, _at(218, "an empty reply")),
    "CancelPending": Meaning(Says.LOST, _at(222, "a cancel is under way already")),
    "UnsubscribeError": Meaning(Says.OURS, _at(226, "a stream was left")),
}


class Refusals:
    """Turns what ccxt raised within a call into one error of ours, without its text."""

    def __init__(self, context: AdapterContext, quirks: Quirks, wire: Wire) -> None:
        self._quirks = quirks
        self._wire = wire
        self._clock = context.clock
        self._scrub = context.masker.scrub
        self._proven = context.manifest.rejection_codes

    def of_write(self, error: Exception, call: Call) -> AdapterError:
        """Return what became of a write whose call ended in `error`."""
        if isinstance(error, AdapterError):
            return self._of_failed_write(error, call)
        if call.failure is not None:
            return self._of_failed_write(call.failure, call)
        says, reply = _meaning(error), call.verdict
        if not call.is_going or reply is None:
            return self._of_unsent(error, call, says)
        code, words = self.words_of(reply)
        told = self._scrub(f"{call.what}: {code}: {words}" if code else call.what)
        doubt = OutcomeUnknown(
            self._scrub(f"{told}: status {reply.status}, {type(error).__name__}"),
            hint="reconcile; the exchange may have acted on it",
        )
        documented = reply.status == 500 and self._quirks.refuses_by_500
        if documented and code in self._quirks.refused_keys:
            return AuthFailed(told, hint=_KEYS)
        if reply.status >= 500 and not (documented and code in self._proven):
            return doubt
        if says is Says.TAKEN or code in self._quirks.duplicate_codes:
            return OutcomeUnknown(
                told, hint="the exchange holds an order with this id: look it up"
            )
        if code and code in self._proven:
            return Rejected(told, venue_code=code)
        refused = self._of_status(reply, call, told)
        if refused is not None:
            return refused
        match says:
            case Says.KEYS if code:
                return AuthFailed(told, hint=_KEYS)
            case Says.TOO_MANY if code:
                return self._limited(told, reply, call)
            case _:
                return doubt

    def of_read(self, error: Exception, call: Call) -> AdapterError:
        """Return what a read that ended in `error` failed by."""
        if isinstance(error, AdapterError):
            return error
        if call.failure is not None:
            return call.failure
        says, reply = _meaning(error), call.reply
        if reply is None:
            return Rejected(f"{call.what}: ccxt refuses it: {type(error).__name__}")
        code, words = self.words_of(reply)
        told = self._scrub(f"{call.what}: {code}: {words}" if code else call.what)
        refused = self._of_status(reply, call, told)
        if refused is not None:
            return refused
        match says:
            case Says.KEYS:
                return AuthFailed(told, hint=_KEYS)
            case Says.TOO_MANY:
                return self._limited(told, reply, call)
            case Says.REFUSED | Says.TAKEN if code or reply.status >= 400:
                return Rejected(told, venue_code=code or str(reply.status))
            case Says.LOST if reply.status < 400:
                return Unreachable(f"{told}: {type(error).__name__}")
            case _ if reply.status >= 400 and not reply.is_html:
                return Rejected(
                    f"{told}: status {reply.status}", venue_code=code or str(reply.status)
                )
            case _:
                return BadPayload(f"{told}: {type(error).__name__} while reading the reply")

    def is_unknown_order(self, error: Exception, call: Call) -> bool:
        """Tell whether a look-up's reply says plainly that there is no such order."""
        reply = call.reply
        if reply is None or call.failure is not None or reply.status >= 500:
            return False
        code, _ = self.words_of(reply)
        if code in self._quirks.unknown_order_codes:
            return True
        return type(error).__name__ == "OrderNotFound" and (
            bool(code) or reply.status in (200, 404)
        )

    def words_of(self, reply: HttpReply) -> tuple[str, str]:
        """Return the exchange's own code and message, each "" where there is none."""
        try:
            body = _decode(reply.body)
        except ValueError:
            return "", ""
        ok = self._quirks.ok_codes
        code = _first(body, self._quirks.code_paths, ok)
        words = _first(body, self._quirks.message_paths, ())
        space = at_path(body, self._quirks.code_space_path) if code else None
        if isinstance(space, str) and space:
            code = f"{space}:{code}"
        return self._quirks.code_of(code, words), words

    def _of_failed_write(self, error: AdapterError, call: Call) -> AdapterError:
        if isinstance(error, OutcomeUnknown):
            return error
        if call.departed:  # and something asked for behind it failed
            cancelled = isinstance(error, asyncio.CancelledError)
            doubt = CancelledInDoubt if cancelled else OutcomeUnknown
            return doubt(f"{call.what}: {error.message}", hint="reconcile")
        if isinstance(error, NotSent | AuthFailed | RateLimited):
            return error
        return NotSent(f"{call.what}: {error.message}")

    def _of_unsent(self, error: Exception, call: Call, says: Says) -> AdapterError:
        what = f"{call.what}: {type(error).__name__}"
        if call.departed:
            return OutcomeUnknown(what, hint="reconcile; the exchange may have acted on it")
        reply = call.reply  # of something ccxt had to ask first
        if reply is not None and says is Says.KEYS:
            return AuthFailed(what, hint=_KEYS)
        if reply is not None and says is Says.TOO_MANY:
            return self._limited(what, reply, call)
        return NotSent(f"{what} before anything was sent")

    def _of_status(self, reply: HttpReply, call: Call, told: str) -> AdapterError | None:
        refused = refusal_by_status(
            reply, call.what, self._clock.time_ns(), self._wire.estimate_s(call.url)
        )
        if isinstance(refused, RateLimited):
            self._wire.penalise(call, refused.retry_after_s)
        elif refused is not None and told != call.what:
            refused = AuthFailed(told, hint=refused.hint)
        return refused

    def _limited(self, told: str, reply: HttpReply, call: Call) -> RateLimited:
        asked_s = reply.retry_after_s(self._clock.time_ns())
        wait_s = self._wire.estimate_s(call.url) if asked_s is None else asked_s
        self._wire.penalise(call, wait_s)
        return RateLimited(told, retry_after_s=wait_s)


_decode = msgspec.json.Decoder(float_hook=str).decode


def _meaning(error: Exception) -> Says:
    for kind in type(error).__mro__:
        if kind.__name__ in MEANINGS and kind.__module__.startswith("ccxt"):
            return MEANINGS[kind.__name__].says
    return Says.GARBLED  # ccxt stumbled over the reply: KeyError, TypeError, …


def _first(body: Any, paths: Sequence[str], skipped: Sequence[str]) -> str:
    for path in paths:
        found = at_path(body, path)
        if isinstance(found, str | int) and not isinstance(found, bool):
            text = str(found)
            if text and text not in skipped:
                return text
    return ""


def at_path(value: Any, path: str) -> Any:
    """Follow a dotted path through objects and lists; None where it leads nowhere."""
    for part in path.split("."):
        if isinstance(value, dict):
            value = value.get(part)
        elif isinstance(value, list) and part.isdecimal() and int(part) < len(value):
            value = value[int(part)]
        else:
            return None
    return value

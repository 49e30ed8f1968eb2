"""The WebSocket API: requests, sessions and user data on `/ws-api/v3`.

https://github.com/binance/binance-spot-api-docs/blob/a5e0bc3/web-socket-api.md, read 2026-11-21.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.binance_words.auth import window
from crossdock.sandbox.faces.binance_words.limits import order_counts, weight_rate
from crossdock.sandbox.faces.binance_words.method import Method
from crossdock.sandbox.faces.binance_words.params import Params
from crossdock.sandbox.faces.binance_words.refusals import Said
from crossdock.sandbox.faces.binance_words.writing import milliseconds
from crossdock.sandbox.faces.connection import Connection, Entry
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import ping_frame, text_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.binance.face import BinanceFace

_PING_NS = 20_000_000_000
_SESSION_WEIGHT = 2

encode = msgspec.json.Encoder().encode


@dataclass(frozen=True, slots=True)
class Ticket:
    """What it takes to answer a request."""

    id: Any
    operation: Operation
    account: str = ""
    shows_limits: bool = True


@dataclass(slots=True)
class _Subscription:
    number: int
    account: str
    is_of_session: bool


class ApiConnection(Connection):
    """One connection to the WebSocket API."""

    def __init__(self, face: BinanceFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._holder: Holder | None = None
        self._since_ns = 0
        self._connected_ns = self.host.now_ns()
        self._subscriptions: list[_Subscription] = []
        self._count = 0
        self._pinged_ns = self.host.clock.time_ns()
        self._sessions: dict[str, Callable[[Params], Any]] = {
            "session.logon": self._logon,
            "session.status": lambda _: self._status(),
            "session.logout": self._logout,
            "session.subscriptions": self._list,
            "userDataStream.subscribe": self._subscribe_session,
            "userDataStream.subscribe.signature": self._subscribe_signed,
            "userDataStream.subscribe.listenToken": self._subscribe_token,
            "userDataStream.unsubscribe": self._unsubscribe,
        }

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None or bool(self._subscriptions)

    def received(self, text: str) -> None:
        ticket = Ticket(None, Operation.READ)
        try:
            frame = msgspec.json.decode(text, type=dict[str, Any])
        except msgspec.DecodeError:
            self.refuse(ticket, Said(-1135, "Invalid JSON Request"))
            return
        name, params = frame.get("method"), frame.get("params") or {}
        number = frame.get("id")
        if not isinstance(name, str) or not isinstance(params, dict):
            ticket = Ticket(number, Operation.READ)
            self.refuse(ticket, Said(-1135, "Invalid JSON Request"))
            return
        shows = params.get("returnRateLimits") is not False
        asked = Params.of_object(params)
        name = name.removeprefix("v3/")
        method = self._face.over_websocket.get(name)
        if method is not None:
            self._request(number, method, asked, shows_limits=shows)
            return
        session = self._sessions.get(name)
        ticket = Ticket(number, Operation.READ, shows_limits=shows)
        if session is None:
            words = f"Unknown method '{name}'"
            self.refuse(ticket, Said(-1000, words))
            return
        try:
            self._face.admit_weight(Operation.READ, _SESSION_WEIGHT, "")
            result = session(asked)
        except Refusal as refusal:
            self.refuse(ticket, refusal)
        else:
            self.reply(ticket, result)

    def answer(self, ticket: Any, result: Any) -> bytes:
        body = {"id": ticket.id, "status": 200, "result": result}
        return encode(body | self._limits(ticket))

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        if ticket is None:
            ticket = Ticket(None, Operation.READ)
        said, status = self._face.vocabulary.error(refusal, ticket.operation)
        if refusal.retry_after_s is not None:
            until_ns = self.host.now_ns() + int(refusal.retry_after_s * 1e9)
            said["data"] = {
                "serverTime": milliseconds(self.host.now_ns()),
                "retryAfter": milliseconds(until_ns),
            }
        body = {"id": ticket.id, "status": status, "error": said}
        return encode(body | self._limits(ticket))

    def framed(self, topic: Topic, body: bytes) -> bytes:
        for it in self._subscriptions:
            if it.account == topic:
                return text_frame(b'{"subscriptionId":%d,"event":%s}' % (it.number, body))
        return text_frame(body)

    def expire_session(self, account: str | None) -> bool:
        """End what the account has on this connection: its session, its subscription."""
        ending = [it for it in self._subscriptions if account in (None, it.account)]
        holder = self._holder
        signed_in = holder is not None and account in (None, holder.account)
        if signed_in:
            self._holder = None
        for it in ending:
            self._end(it)
        return signed_in or bool(ending)

    def beat(self, now_ns: int) -> None:
        """Ping every twenty seconds."""
        steady_ns = self.host.clock.time_ns()
        if steady_ns - self._pinged_ns >= _PING_NS:
            self._pinged_ns = steady_ns
            self.wire.write(ping_frame(str(milliseconds(now_ns)).encode()))

    def _request(
        self, number: Any, method: Method, params: Params, *, shows_limits: bool
    ) -> None:
        claimed = params.maybe("apiKey") or (
            "" if self._holder is None else self._holder.key
        )
        account = self.host.keys.account_of(claimed) or ""
        ticket = Ticket(number, method.operation, account, shows_limits)

        def admit() -> Entry:
            weight = method.weight_of(params)
            self._face.admit_weight(method.operation, weight, account)
            if method.security == "NONE":
                return Entry(None, None, method.prepare(params, ""))
            holder = self._signer(params)
            self._face.admit_holder(holder, method)
            good_for = window(self.host, params)
            return Entry(holder.account, good_for, method.prepare(params, holder.account))

        self.enter(ticket, method.operation, claimed, admit)

    def _signer(self, params: Params) -> Holder:
        """Return who signed the request, or whose session it is. Raises Refusal."""
        if "apiKey" in params or self._holder is None:
            key = params.maybe("apiKey") or ""
            return self._face.verify(key, params.sorted(), params)
        return self._holder

    def _limits(self, ticket: Ticket) -> dict[str, Any]:
        if not ticket.shows_limits:
            return {}
        now_ns = self.host.clock.time_ns()
        limits, rows = self._face.limits, []
        if ticket.operation is not Operation.READ and ticket.account:
            used = self._face.order_counts(ticket.account).used(now_ns)
            rows = order_counts(limits, used)
        rows.append(weight_rate(limits, self._face.weights.used(now_ns)))
        return {"rateLimits": rows}

    # Sessions.

    def _logon(self, params: Params) -> Any:
        holder = self._signed(params)
        self._holder, self._since_ns = holder, self.host.now_ns()
        return self._status()

    def _logout(self, params: Params) -> Any:
        self._holder = None
        for it in [it for it in self._subscriptions if it.is_of_session]:
            self._end(it)
        return self._status()

    def _status(self) -> Any:
        holder = self._holder
        return {
            "apiKey": None if holder is None else holder.key,
            "authorizedSince": None if holder is None else milliseconds(self._since_ns),
            "connectedSince": milliseconds(self._connected_ns),
            "returnRateLimits": False,
            "serverTime": milliseconds(self.host.now_ns()),
            "userDataStream": bool(self._subscriptions),
        }

    def _list(self, params: Params) -> Any:
        return [{"subscriptionId": it.number} for it in self._subscriptions]

    def _subscribe_session(self, params: Params) -> Any:
        if self._holder is None:
            raise Refusal("not_authenticated", "log on first")
        return self._subscribe(self._holder.account, is_of_session=True)

    def _subscribe_signed(self, params: Params) -> Any:
        return self._subscribe(self._signed(params).account)

    def _subscribe_token(self, params: Params) -> Any:
        account, expires_ns = self._face.tokens.find(params.text("listenToken"))
        return self._subscribe(account) | {"expirationTime": milliseconds(expires_ns)}

    def _unsubscribe(self, params: Params) -> Any:
        number = params.whole_or_none("subscriptionId")
        ending = [it for it in self._subscriptions if number in (None, it.number)]
        if number is not None and not ending:
            raise Said(-2036, "User Data Stream subscription not active.")
        for it in ending:
            self._end(it)
        return {}

    def _signed(self, params: Params) -> Holder:
        holder = self._face.verify(params.maybe("apiKey") or "", params.sorted(), params)
        self.passage.check_key(holder, Operation.READ)
        self.passage.check_health(Operation.READ, holder.account)
        window(self.host, params)
        return holder

    def _subscribe(self, account: str, *, is_of_session: bool = False) -> dict[str, Any]:
        if any(it.account == account for it in self._subscriptions):
            raise Said(-2035, "User Data Stream subscription already active.")
        self.host.flush()
        made = _Subscription(self._count, account, is_of_session)
        self._count += 1
        self._subscriptions.append(made)
        balances = self.host.venue.balances(account)
        self.host.feed.subscribe_account(account, self, balances)
        return {"subscriptionId": made.number}

    def _end(self, subscription: _Subscription) -> None:
        event = {"e": "eventStreamTerminated", "E": milliseconds(self.host.now_ns())}
        self.send(encode({"subscriptionId": subscription.number, "event": event}))
        self._subscriptions.remove(subscription)
        self.host.feed.leave_account(self, subscription.account)

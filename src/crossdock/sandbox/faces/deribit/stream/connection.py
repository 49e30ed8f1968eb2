"""One WebSocket: every method there is over HTTP, logins and subscriptions besides.

https://docs.deribit.com/articles/notifications, read 2026-11-21.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from crossdock.sandbox.faces.connection import Connection, Entry
from crossdock.sandbox.faces.deribit.methods import PRIVATE, PUBLIC
from crossdock.sandbox.faces.deribit.params import Params, read_json
from crossdock.sandbox.faces.deribit.refusals import Said, spoken
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace


class DeribitConnection(Connection):
    """A client; `public/auth` makes it an account's."""

    def __init__(self, face: DeribitFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._face = face
        self._holder: Holder | None = None
        self._channels: set[str] = set()

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def received(self, text: str) -> None:
        frame = read_json(text)
        ticket, method = frame.get("id"), str(frame.get("method"))
        fields = frame.get("params")
        params = Params(fields if isinstance(fields, dict) else {})
        self.host.flush()
        try:
            self._ask(ticket, method, params)
        except Refusal as refusal:
            self.refuse(ticket, refusal)

    def answer(self, ticket: Any, result: Any) -> bytes:
        return self._face.answer(ticket, result=result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return self._face.answer(ticket, error=spoken(refusal))

    def refuse(self, ticket: Any, refusal: Refusal) -> None:
        """Say no; who ran out of credits loses the connection."""
        super().refuse(ticket, refusal)
        if refusal.code == "rate_limited":
            self.wire.close()

    def hears(self, channel: str) -> bool:
        return channel in self._channels

    def expire_session(self, account: str | None) -> bool:
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.wire.close()
        return True

    def _ask(self, ticket: Any, method: str, params: Params) -> None:
        scope, _, verb = method.partition("/")
        match verb:
            case "auth":
                self._log_in(ticket, params)
            case "subscribe":
                self._subscribe(
                    ticket, params.texts("channels"), is_private=scope == "private"
                )
            case "unsubscribe":
                self._unsubscribe(ticket, params.texts("channels"))
            case "hello" | "set_heartbeat" | "disable_heartbeat":
                result = {"version": "1.2.26"} if verb == "hello" else "ok"
                self.reply(ticket, result)
            case _:
                self._call(ticket, scope, verb, params)

    def _call(self, ticket: Any, scope: str, verb: str, params: Params) -> None:
        found = self._face.methods.get((scope, verb))
        if found is None or scope not in (PUBLIC, PRIVATE):
            raise Refusal("no_path", "no such method")
        key = "" if self._holder is None else self._holder.key

        def admit() -> Entry:
            account = ""
            if scope == PRIVATE:
                holder = self._signed_in(params)
                self._face.admit(holder, found.operation)
                account = holder.account
            return Entry(account or None, None, found.prepare(params, account))

        self.enter(ticket, found.operation, key, admit)

    def _log_in(self, ticket: Any, params: Params) -> None:
        holder, told = self._face.door.log_in(params)
        self.passage.check_key(holder, Operation.READ)
        self._holder = holder
        self.reply(ticket, told)

    def _signed_in(self, params: Params) -> Holder:
        token = params.maybe("access_token")
        if token is not None:
            return self._face.door.of_token(token)
        if self._holder is None:
            raise Refusal("not_authenticated", "missing authorization")
        return self._holder

    def _subscribe(self, ticket: Any, channels: list[str], *, is_private: bool) -> None:
        users = [it for it in channels if it.startswith("user.")]
        others = [
            self._face.streams.check(it) for it in channels if not it.startswith("user.")
        ]
        if users and not is_private:
            raise Said(13009, "unauthorized", "user channels are private")
        if is_private or any(it.endswith(".raw") for it in others):
            holder = self._signed_in(Params({}))
            users = [self._face.reports.check(it) for it in users]
            if users and not any(it.startswith("user.") for it in self._channels):
                rows = self.host.venue.balances(holder.account)
                self.host.feed.subscribe_account(holder.account, self, rows)
        self._channels.update(users)
        self.reply(ticket, channels)
        for channel in users:
            self._begin(channel)
        for channel in others:
            first = self._face.streams.first(channel)
            self.host.feed.subscribe_market(channel, self)
            self._channels.add(channel)
            if first is not None:
                self.send(first)

    def _begin(self, channel: str) -> None:
        """Tell what a currency's portfolio is now: that channel begins with it."""
        head, _, currency = channel.rpartition(".")
        if head == "user.portfolio" and self._holder is not None:
            self.send(self._face.reports.portfolio(self._holder.account, currency))

    def _unsubscribe(self, ticket: Any, channels: list[str]) -> None:
        for channel in channels:
            self._channels.discard(channel)
            self.host.feed.unsubscribe_market(channel, self)
        if not any(it.startswith("user.") for it in self._channels):
            self.host.feed.leave_account(self)
        self.reply(ticket, channels)

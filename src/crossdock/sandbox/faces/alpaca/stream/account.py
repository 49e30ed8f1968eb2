"""One connection to `/stream`: what befalls an account's orders.

https://docs.alpaca.markets/docs/websocket-streaming, read 2026-11-21. It writes binary
frames that hold JSON, as the vendor does on paper.
"""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any

import msgspec

from crossdock.sandbox.faces.connection import Connection
from crossdock.sandbox.faces.keys import Holder
from crossdock.sandbox.faces.refusals import Refusal
from crossdock.sandbox.faults import Operation
from crossdock.sandbox.stream.feed import Topic
from crossdock.sandbox.stream.frames import binary_frame
from crossdock.sandbox.stream.wire import Wire

if TYPE_CHECKING:
    from crossdock.sandbox.faces.alpaca.face import AlpacaFace

PATH = "/stream"
UPDATES = "trade_updates"

encode = msgspec.json.Encoder().encode


class AccountConnection(Connection):
    """A client that hears of one account's orders."""

    def __init__(self, face: AlpacaFace, wire: Wire) -> None:
        super().__init__(face, wire)
        self._holder: Holder | None = None

    @property
    def is_signed_in(self) -> bool:
        return self._holder is not None

    def handle_binary(self, data: bytes) -> None:
        self.handle(data.decode(errors="replace"))

    def received(self, text: str) -> None:
        try:
            frame = msgspec.json.decode(text)
        except msgspec.DecodeError:
            frame = None
        action = frame.get("action") if isinstance(frame, dict) else None
        if action in ("authenticate", "auth"):
            # Keys stand beneath `data`, in what is newer beside the action.
            fields = frame.get("data") or frame
            self._sign_in(
                str(action),
                str(fields.get("key_id") or fields.get("key") or ""),
                str(fields.get("secret_key") or fields.get("secret") or ""),
            )
        elif action == "listen":
            self._listen(frame.get("data") or {})
        else:
            self._say("error", {"error": "invalid message"})

    def answer(self, ticket: Any, result: Any) -> bytes:
        return encode(result)

    def refused(self, ticket: Any, refusal: Refusal) -> bytes:
        return encode({"stream": "error", "data": {"error": refusal.message}})

    def send(self, body: bytes) -> None:
        self.wire.write(binary_frame(body))

    def framed(self, topic: Topic, body: bytes) -> bytes:
        return binary_frame(body)

    def expire_session(self, account: str | None) -> bool:
        """Close the connection: there is no other end of a session."""
        if self._holder is None or account not in (None, self._holder.account):
            return False
        self._holder = None
        self.host.feed.leave_account(self)
        self.wire.close()
        return True

    def _say(self, stream: str, data: dict[str, Any]) -> None:
        self.send(encode({"stream": stream, "data": data}))

    def _sign_in(self, action: str, key: str, secret: str) -> None:
        holder = self.host.keys.find(key)
        is_good = holder is not None and hmac.compare_digest(holder.secret, secret.encode())
        if holder is not None and is_good:
            try:
                self.passage.check_key(holder, Operation.READ)
            except Refusal:
                is_good = False
        if is_good:
            self._holder = holder
        status = "authorized" if is_good else "unauthorized"
        self._say("authorization", {"action": action, "status": status})

    def _listen(self, data: Any) -> None:
        """Hear the streams named, and no others any more."""
        if self._holder is None:
            self._say("authorization", {"action": "listen", "status": "unauthorized"})
            return
        asked = data.get("streams") if isinstance(data, dict) else None
        streams = [it for it in asked or [] if it == UPDATES]
        self.host.flush()
        self._say("listening", {"streams": streams})
        if streams:
            self.host.feed.subscribe_account(self._holder.account, self)
        else:
            self.host.feed.leave_account(self)

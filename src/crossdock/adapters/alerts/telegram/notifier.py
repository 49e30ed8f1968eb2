"""Sends each message by `sendMessage`, once."""

from __future__ import annotations

import re
from types import TracebackType
from typing import Self

import msgspec

from crossdock.adapters.alerts.telegram.text import text_of
from crossdock.adapters.alerts.telegram.wire import LinkPreview, Refused, SendMessage, Taken
from crossdock.errors import AdapterError, AuthFailed, ConfigError, RateLimited, Rejected
from crossdock.ports import Alert, AlertLevel
from crossdock.toolkit import AdapterContext, HttpClient, HttpReply

_TOKEN = re.compile(r"\d+:[A-Za-z0-9_-]{30,}")
_CHAT = re.compile(r"-?\d+|@\w+")
_RETRY_AFTER_S = 30.0  # where it does not say until when
_LEVELS = list(AlertLevel)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Refused).decode


class TelegramNotifier:
    """One chat. The token is part of every path, so the masker must know it."""

    def __init__(self, context: AdapterContext) -> None:
        token = context.secret("token_secret")
        chat, topic = context.setting("chat"), context.setting("topic")
        if not _TOKEN.fullmatch(token.reveal()):
            raise ConfigError(
                "token_secret is no bot token", hint="BotFather gives it: 123456:ABC…"
            )
        if not _CHAT.fullmatch(chat):
            raise ConfigError(f"chat is {chat!r}, expected a number or @name")
        if topic and not topic.isdecimal():
            raise ConfigError(f"topic is {topic!r}, expected a number")
        context.masker.add(token)
        self._token = token
        self._chat = chat
        self._topic = int(topic) if topic else None
        silent = context.setting("silent")
        self._silent = (
            _LEVELS[: _LEVELS.index(AlertLevel(silent)) + 1] if silent != "none" else []
        )
        base_url = context.setting("base_url")
        self._http = HttpClient(
            context.http,
            base_url,
            clock=context.clock,
            masker=context.masker,
            refusal=_refusal,
            limiter=context.limiter(base_url),
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Nothing of its own is open: connections are the desk's pool's."""

    async def notify(self, alert: Alert, *, again: bool, deadline_ns: int) -> None:
        message = SendMessage(
            chat_id=self._chat,
            text=text_of(alert, again=again),
            parse_mode="HTML",
            message_thread_id=self._topic,
            disable_notification=alert.level in self._silent,
            link_preview_options=LinkPreview(),
        )
        await self._http.write(
            "POST",
            f"/bot{self._token.reveal()}/sendMessage",
            into=Taken,
            deadline_ns=deadline_ns,
            body=_encode(message),
            signed=False,
            scope="messages",
        )


def _refusal(reply: HttpReply) -> AdapterError | None:
    """Read the Bot API's own words; a reply that is not its own proves nothing."""
    try:
        told = _decode(reply.body)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return None
    if told.ok:
        return None
    words = f"Telegram says: {told.description}"
    match told.error_code:
        case 429:
            asked_s = told.parameters.retry_after
            return RateLimited(
                words, retry_after_s=_RETRY_AFTER_S if asked_s is None else float(asked_s)
            )
        case 401 | 404:  # an unknown token is an unknown path
            return AuthFailed(words, hint="is the bot's token the one BotFather gave?")
        case 400 | 403:
            moved = told.parameters.migrate_to_chat_id
            return Rejected(
                words,
                venue_code=str(told.error_code),
                hint="is the bot a member of the chat?"
                if moved is None
                else f'chat = "{moved}"',
            )
    return None

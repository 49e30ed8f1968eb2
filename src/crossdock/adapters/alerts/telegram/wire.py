"""The Bot API's payloads: https://core.telegram.org/bots/api#making-requests (2026-11-21)."""

from __future__ import annotations

import msgspec


class LinkPreview(msgspec.Struct, frozen=True, kw_only=True):
    """https://core.telegram.org/bots/api#linkpreviewoptions"""

    is_disabled: bool = True


class SendMessage(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """https://core.telegram.org/bots/api#sendmessage"""

    chat_id: str
    text: str
    parse_mode: str
    message_thread_id: int | None = None
    disable_notification: bool = False
    link_preview_options: LinkPreview | None = None


class ResponseParameters(msgspec.Struct, frozen=True, kw_only=True):
    """https://core.telegram.org/bots/api#responseparameters"""

    migrate_to_chat_id: int | None = None
    retry_after: float | None = None


class Message(msgspec.Struct, frozen=True, kw_only=True):
    """https://core.telegram.org/bots/api#message, of which nothing else is read."""

    message_id: int


class Taken(msgspec.Struct, frozen=True, kw_only=True):
    """A reply to what was done: `ok` is true."""

    ok: bool
    result: Message


class Refused(msgspec.Struct, frozen=True, kw_only=True):
    """A reply to what was not done: `ok` is false."""

    ok: bool
    error_code: int
    description: str = ""
    parameters: ResponseParameters = ResponseParameters()

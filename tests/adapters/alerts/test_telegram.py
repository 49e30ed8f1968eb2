"""Telegram's `sendMessage` against a Bot API server written from its documentation.

Read at https://core.telegram.org/bots/api: requests, `sendMessage`, HTML style, errors.
"""

import json
import re
from html.parser import HTMLParser

import pytest
from aiohttp import web
from hypothesis import given, settings
from hypothesis import strategies as st

from crossdock.adapters.alerts.telegram import MANIFEST
from crossdock.adapters.alerts.telegram.notifier import TelegramNotifier
from crossdock.adapters.alerts.telegram.text import LONGEST, text_of
from crossdock.errors import (
    AuthFailed,
    ConfigError,
    NotSent,
    OutcomeUnknown,
    RateLimited,
    Rejected,
)
from crossdock.ports import PROTOCOL_OF, AlertLevel, Can

TOKEN = "123456789:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"
CHAT = "-1001234567890"
_TAGS = {"b", "strong", "i", "em", "u", "s", "code", "pre", "a", "blockquote"}
_NAMED = {"lt", "gt", "amp", "quot"}
_MEMBERS = {
    "chat_id",
    "text",
    "parse_mode",
    "message_thread_id",
    "disable_notification",
    "link_preview_options",
}


class Entities(HTMLParser):
    """What is left of a text once its entities are parsed, as the Bot API parses them."""

    def __init__(self, text):
        super().__init__(convert_charrefs=False)
        self.plain, self.open, self.wrong = "", [], ""
        self.feed(text)
        self.close()
        if self.open:
            self.wrong = "can't find end tag"

    def handle_starttag(self, tag, attrs):
        if tag not in _TAGS:
            self.wrong = f'unsupported start tag "{tag}"'
        self.open.append(tag)

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.wrong = "unexpected end tag"

    def handle_data(self, data):
        if "<" in data or "&" in data:
            self.wrong = "an unescaped character"
        self.plain += data

    def handle_entityref(self, name):
        if name not in _NAMED:
            self.wrong = f"unknown entity {name}"
        self.plain += {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}.get(name, "")

    def handle_charref(self, name):
        self.wrong = "a number"


def units(text):
    return len(text.encode("utf-16-le")) // 2


def refused(code, description, **parameters):
    body = {"ok": False, "error_code": code, "description": description}
    if parameters:
        body["parameters"] = parameters
    return web.json_response(body, status=code)


def bot_api(request, body):
    """Answer as the Bot API does, or say what is wrong with the request."""
    match = re.fullmatch(r"/bot([^/]+)/sendMessage", request.path)
    if request.method != "POST" or not match:
        return refused(404, "Not Found")
    if match[1] != TOKEN:
        return refused(401, "Unauthorized")
    if request.content_type != "application/json":
        return refused(400, "Bad Request: message text is empty")
    told = json.loads(body)
    if unknown := told.keys() - _MEMBERS:
        return refused(400, f"not in the documentation: {unknown}")
    if str(told["chat_id"]) != CHAT:
        return refused(400, "Bad Request: chat not found")
    if told["parse_mode"] != "HTML":
        return refused(400, "Bad Request: unsupported parse_mode")
    parsed = Entities(told["text"])
    if parsed.wrong:
        return refused(400, f"Bad Request: can't parse entities: {parsed.wrong}")
    if not parsed.plain.strip():
        return refused(400, "Bad Request: message text is empty")
    if units(parsed.plain) > 4096:
        return refused(400, "Bad Request: message is too long")
    message = {
        "message_id": 7,
        "date": 1,
        "chat": {"id": int(CHAT), "type": "supergroup"},
        "text": parsed.plain,
    }
    return web.json_response({"ok": True, "result": message})


def deadline(clock, seconds=5.0):
    return clock.monotonic_ns() + int(seconds * 1e9)


@pytest.fixture
def bot(receiver, notifier_of):
    receiver.answer = bot_api

    def open_(**given):
        values = {
            "token_secret": TOKEN,
            "chat": CHAT,
            "base_url": receiver.url,
            **given,
        }
        return notifier_of(MANIFEST, TelegramNotifier, **values)

    return open_


async def test_a_message_is_taken_as_the_documentation_wants_it(
    bot, receiver, alert_of, clock
):
    async with bot(topic="12") as notifier:
        assert isinstance(notifier, PROTOCOL_OF[Can.NOTIFY])
        await notifier.notify(
            alert_of("a < b & c", "<b>no tag</b>"), again=False, deadline_ns=deadline(clock)
        )
    (seen,) = receiver.seen
    told = json.loads(seen.body)
    assert told["message_thread_id"] == 12
    assert told["disable_notification"] is True
    assert told["link_preview_options"] == {"is_disabled": True}
    assert Entities(told["text"]).plain.split("\n")[1:] == ["a < b & c", "<b>no tag</b>"]


@pytest.mark.parametrize(
    ("silent", "level", "is_silent"),
    [
        ("none", AlertLevel.NOTE, False),
        ("note", AlertLevel.NOTE, True),
        ("note", AlertLevel.WARNING, False),
        ("warning", AlertLevel.WARNING, True),
        ("warning", AlertLevel.URGENT, False),
    ],
)
async def test_what_matters_makes_a_sound(
    bot, receiver, alert_of, clock, silent, level, is_silent
):
    async with bot(silent=silent) as notifier:
        alert = alert_of(level=level)
        await notifier.notify(alert, again=False, deadline_ns=deadline(clock))
    told = json.loads(receiver.seen[0].body)
    assert told.get("disable_notification", False) is is_silent


@settings(max_examples=60)
@given(
    title=st.text(
        st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=3000
    ),
    lines=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=2500), max_size=6
    ),
    again=st.booleans(),
)
def test_any_text_parses_back_to_itself_and_fits(alert_of, title, lines, again):
    parsed = Entities(text_of(alert_of(*lines, title=title), again=again))
    assert not parsed.wrong
    assert units(parsed.plain) <= LONGEST
    told, *rest = parsed.plain.split("\n")
    assert told == title or told.endswith("…")
    if again:
        assert "sent again" in rest.pop(0)
    whole = rest[:-1] if rest and rest[-1] == "…" else rest
    assert whole == lines[: len(whole)]
    if sum(map(units, (title, *lines))) < 900:
        assert whole == lines


async def test_one_whose_reply_was_lost_says_that_it_comes_again(
    bot, receiver, alert_of, clock
):
    async with bot() as notifier:
        receiver.answer = lambda request, body: None
        with pytest.raises(OutcomeUnknown):
            await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock, 0.1))
        receiver.answer = bot_api
        await clock.advance(60)
        await notifier.notify(alert_of(), again=True, deadline_ns=deadline(clock))
    first, second = (json.loads(each.body)["text"] for each in receiver.seen)
    assert "sent again" not in first
    assert "sent again" in second


@pytest.mark.parametrize(
    ("answer", "error", "words"),
    [
        (
            refused(429, "Too Many Requests: retry after 35", retry_after=35),
            RateLimited,
            "35",
        ),
        (refused(429, "Too Many Requests"), RateLimited, "Too Many"),
        (refused(401, "Unauthorized"), AuthFailed, "token"),
        (refused(404, "Not Found"), AuthFailed, "token"),
        (refused(403, "Forbidden: bot was blocked by the user"), Rejected, "blocked"),
        (
            refused(
                400, "Bad Request: group chat was upgraded", migrate_to_chat_id=-100999
            ),
            Rejected,
            "-100999",
        ),
        (refused(500, "Internal Server Error"), OutcomeUnknown, "500"),
        (web.Response(status=502, text="<html>"), OutcomeUnknown, "502"),
        (web.json_response({"ok": True}), OutcomeUnknown, ""),
        (web.json_response({"ok": False, "error_code": 400}), OutcomeUnknown, ""),
    ],
    ids=lambda value: getattr(value, "text", None) or str(value)[:20],
)
async def test_each_refusal_is_what_may_be_done_about_it(
    bot, receiver, alert_of, clock, answer, error, words
):
    status, text, kind = answer.status, answer.text, answer.content_type
    receiver.answer = lambda *_: web.Response(status=status, text=text, content_type=kind)
    async with bot() as notifier:
        with pytest.raises(error) as raised:
            await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock))
        shown = f"{raised.value!s} {raised.value!r} {notifier!r}"
    assert words in shown
    assert TOKEN not in shown
    assert len(receiver.seen) == 1
    if "retry after 35" in text:
        assert raised.value.retry_after_s == 35


async def test_no_more_is_sent_than_a_chat_takes(bot, receiver, alert_of, clock):
    async with bot() as notifier:
        await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock))
        with pytest.raises(NotSent, match="rate limit"):
            await notifier.notify(alert_of(), again=False, deadline_ns=deadline(clock, 0.5))
    assert len(receiver.seen) == 1


@pytest.mark.parametrize(
    "given", [{"token_secret": "abc"}, {"chat": "my chat"}, {"topic": "x"}]
)
async def test_settings_that_cannot_be_are_refused(bot, given):
    with pytest.raises(ConfigError) as raised:
        async with bot(**given):
            pass
    assert TOKEN not in str(raised.value)

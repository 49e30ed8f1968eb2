"""Messages from a bot of your own to a Telegram chat."""

from crossdock.ports import Can, Manifest, RateLimit, Setting, Tier

_DOCS = "https://core.telegram.org/bots/api#sendmessage"

MANIFEST = Manifest(
    id="telegram",
    kind="alert",
    name="Telegram",
    docs_url=_DOCS,
    factory="crossdock.adapters.alerts.telegram.notifier:TelegramNotifier",
    can=frozenset({Can.NOTIFY}),
    settings={
        "token_secret": Setting(help="The bot's token, as BotFather gave it."),
        "chat": Setting(
            help="Number of the chat, or @name of a channel; the bot must be a member, and "
            "a person must have written to it first."
        ),
        "topic": Setting(help="Number of the topic within a forum group.", default=""),
        "silent": Setting(
            help="Up to this level messages come without a sound.",
            default="note",
            choices=("none", "note", "warning"),
        ),
        "base_url": Setting(
            help="Where the Bot API is: Telegram's own, or a server of yours.",
            default="https://api.telegram.org",
        ),
    },
    rate_limits=(
        RateLimit(scope="messages", calls=1, per_s=1.0),  # one chat
        RateLimit(scope="messages", calls=20, per_s=60.0),  # one group
    ),
    rejection_codes={
        "400": f"{_DOCS}: the chat is not there, or its text is not taken",
        "403": f"{_DOCS}: the bot was blocked, or is no member",
    },
    tier=Tier.REPLAYED,
    real_money=False,
    keys_url="https://t.me/BotFather",
    keys_help="The bot needs no rights but to write to the chat.",
    oddities=(
        (
            "Telegram has no id by which it would know a message again: one whose reply was "
            "lost is sent once more, and says so."
        ),
        "A text holds 4,096 characters: what is longer is cut at a line, and says so.",
        "When a group becomes a supergroup its number changes; the error names the new one.",
    ),
)

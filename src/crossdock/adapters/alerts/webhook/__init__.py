"""A signed message to an address of your own, as Standard Webhooks writes it."""

from crossdock.ports import Can, Manifest, Setting, Tier

MANIFEST = Manifest(
    id="webhook",
    kind="alert",
    name="Signed webhook",
    docs_url="https://www.standardwebhooks.com",
    factory="crossdock.adapters.alerts.webhook.notifier:WebhookNotifier",
    can=frozenset({Can.NOTIFY}),
    settings={
        "url_secret": Setting(
            help="Address that messages are posted to. Kept as a secret: many hold a token."
        ),
        "signing_secret": Setting(
            help="What messages are signed with and the receiver checks them by: whsec_ and "
            "base64 of 24 to 64 bytes, or plain text of 24 characters or more.",
            pattern=r"whsec_[A-Za-z0-9+/]{32,86}={0,2}|(?!whsec_)(?s:.{24,})",
        ),
        "authorization_secret": Setting(
            help="Value of the Authorization header, where the receiver wants one.",
            default="",
        ),
        "plain_http": Setting(
            help="true sends without TLS to another machine: within a network of your own.",
            default="false",
            choices=("false", "true"),
        ),
    },
    rejection_codes={
        "400": "RFC 9110: the request is wrong, and stays so",
        "404": "RFC 9110: nobody listens there",
        "410": "Standard Webhooks: the receiver wants no more",
        "413": "RFC 9110: too long",
        "422": "RFC 9110: not understood, and not in doubt",
    },
    tier=Tier.SANDBOXED,
    tier_date="2026-11-21",
    real_money=False,
    oddities=(
        (
            "Any 2xx means taken, also for a message that was taken before: `webhook-id` stays "
            "the same however often a message is sent, and the receiver drops what it knows."
        ),
        "Redirects are not followed: a message goes where it was addressed.",
    ),
)

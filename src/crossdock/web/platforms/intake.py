"""An alert on its way to the desk: once, within its webhook's bounds, in its user's name."""

from __future__ import annotations

import hashlib
import json
import re
import secrets
from decimal import Decimal
from typing import Any

from crossdock.errors import DeskError
from crossdock.web.dashboard import Dashboard
from crossdock.web.identity.roles import Access, Caller
from crossdock.web.platforms.alerts import Alert, read_alert
from crossdock.web.platforms.webhooks import Webhooks
from crossdock.web.problems import Problem
from crossdock.web.shapes.webhooks import SignalTaken, Webhook

REMEMBERED_S = 24 * 3600.0  # an alert that has an id
MOST_A_MINUTE = 120
MOST_WRONG_A_MINUTE = 20
_STRATEGY = re.compile(r"[a-z0-9][a-z0-9_-]{0,30}")


class SignalIntake:
    def __init__(self, dashboard: Dashboard, webhooks: Webhooks) -> None:
        self._dashboard = dashboard
        self._webhooks = webhooks
        self._kept = dashboard.kept

    async def take(self, token: str, body: bytes, address: str) -> SignalTaken:
        """Have the desk act on an alert. Raises Problem, and what the desk refuses.

        A repetition, by the alert's id or else by its whole text within the window, is
        answered with what became of the first. So is one whose answer was lost: the desk
        knows its correlation.
        """
        webhook = await self._webhook(token, address)
        alert = read_alert(body)
        _require_within(webhook, alert)
        name = _name(webhook, alert, body)
        begun = json.dumps({"correlation": f"w{secrets.token_hex(12)}"})
        ttl_s = REMEMBERED_S if alert.id else webhook.window_s
        is_new = await self._kept.add(name, begun, ttl_s=ttl_s)
        told: dict[str, Any] = json.loads(
            begun if is_new else await self._kept.get(name) or begun
        )
        if "outcome" in told:
            return SignalTaken(**{**told, "repeated": True})
        try:
            answer = await self._dashboard.link.ask(
                "take_signal",
                symbol=alert.symbol,
                direction=alert.direction,
                strategy=_strategy(webhook, alert),
                portfolio=webhook.portfolio,
                account=webhook.account,
                confidence=alert.confidence,
                horizon_s=webhook.horizon_s,
                quantity=alert.quantity,
                limit=alert.limit,
                words=_words(webhook, alert),
                correlation=told["correlation"],
                by=webhook.user,
                door="webhook",
            )
        except DeskError as error:
            if error.code != "desk-silent":
                await self._kept.drop(name)  # nothing was done: it may be sent again
            raise
        taken = SignalTaken.model_validate(answer)
        await self._kept.put(name, taken.model_dump_json(), ttl_s=ttl_s)
        return taken

    async def _webhook(self, token: str, address: str) -> Webhook:
        webhook = self._webhooks.find(token)
        user = None if webhook is None else self._dashboard.identity.users.get(webhook.user)
        if webhook is None or user is None:
            await self._count(f"wrong:{address}", MOST_WRONG_A_MINUTE)
            raise Problem(404, "unknown-webhook", "there is no such webhook")
        await self._count(f"used:{webhook.id}", MOST_A_MINUTE)
        if not Caller(name=user.name, role=user.role).may(Access.TRADE):
            raise Problem(403, "forbidden", f"{user.name} may not trade any more")
        return webhook

    async def _count(self, what: str, most: int) -> None:
        minute = self._dashboard.now_ns() // 60_000_000_000
        if await self._kept.count(f"webhook:{what}:{minute}", ttl_s=120) > most:
            raise Problem(
                429,
                "rate-limited",
                "too many alerts in this minute",
                headers={"Retry-After": "60"},
            )


def _require_within(webhook: Webhook, alert: Alert) -> None:
    if webhook.symbols and not {_plain(alert.symbol)} & set(map(_plain, webhook.symbols)):
        raise Problem(403, "forbidden", f"this webhook does not trade {alert.symbol!r}")
    most = webhook.most_quantity
    if alert.quantity and most and Decimal(alert.quantity) > Decimal(most):
        raise Problem(403, "forbidden", f"this webhook orders {most} at most")


def _strategy(webhook: Webhook, alert: Alert) -> str:
    """Return whom the order belongs to: the webhook's own, or what its alerts name."""
    if not alert.strategy:
        return webhook.strategy
    if not _STRATEGY.fullmatch(alert.strategy):
        raise Problem(
            422,
            "bad-argument",
            f"{alert.strategy!r} is no name of a strategy",
            hint="letters, digits, - and _, 31 at most",
        )
    return alert.strategy


def _words(webhook: Webhook, alert: Alert) -> str:
    parts = [alert.direction, alert.quantity, alert.price and f"seen at {alert.price}"]
    return f"{webhook.name}: {', '.join(each for each in [*parts, alert.words] if each)}"


def _name(webhook: Webhook, alert: Alert, body: bytes) -> str:
    said = b"id:" + alert.id.encode() if alert.id else b"body:" + body
    return f"alert:{webhook.id}:{hashlib.sha256(said).hexdigest()}"


def _plain(symbol: str) -> str:
    last = symbol.partition("@")[0].rpartition(":")[2]
    return "".join(letter for letter in last.upper() if letter.isalnum())

"""An alert on its way to the desk: once, within its webhook's bounds, in its user's name."""

from __future__ import annotations

import hashlib
import json
import secrets
from decimal import Decimal
from typing import Any

from crossdock.app.desk.dealing.portfolios import known_portfolio
from crossdock.app.doors.door import Door
from crossdock.errors import DeskError
from crossdock.web.dashboard import Dashboard
from crossdock.web.identity.roles import Access, Caller
from crossdock.web.platforms.alerts import Alert, read_alert
from crossdock.web.platforms.webhooks import BY_HAND, Webhooks
from crossdock.web.problems import Problem
from crossdock.web.shapes.webhooks import SignalTaken, Webhook

REMEMBERED_S = 24 * 3600.0  # an alert that has an id
IN_DOUBT_S = 900.0  # longer than a sender goes on repeating what got no answer
MOST_A_MINUTE = 120
MOST_WRONG_A_MINUTE = 20


class SignalIntake:
    def __init__(self, dashboard: Dashboard, webhooks: Webhooks) -> None:
        self._dashboard = dashboard
        self._webhooks = webhooks
        self._kept = dashboard.kept

    async def take(self, token: str, body: bytes, address: str) -> SignalTaken:
        """Have the desk act on an alert. Raises Problem, and what the desk refuses.

        A repetition, by the alert's id or else by its whole text within the window, is
        answered as the first was, an exit that went on then too. One whose answer was lost
        keeps its correlation through every failure: what the desk did is known there by it.
        """
        webhook = await self._webhook(token, address)
        alert = read_alert(body)
        _require_within(webhook, alert)
        name = _name(webhook, alert, body)
        ttl_s = REMEMBERED_S if alert.id else webhook.window_s
        told = await self._begun(name, _said(alert), max(ttl_s, IN_DOUBT_S))
        if "outcome" in told:
            return SignalTaken(**{**told, "repeated": True})
        try:
            answer = await self._dashboard.link.ask(
                "take_signal",
                symbol=alert.symbol,
                direction=alert.direction,
                strategy=webhook.strategy,
                portfolio=webhook.portfolio,
                account=webhook.account,
                confidence=alert.confidence,
                horizon_s=webhook.horizon_s,
                quantity=alert.quantity,
                limit=alert.limit,
                symbols=webhook.symbols,
                most_quantity=webhook.most_quantity,
                words=_words(webhook, alert),
                correlation=told["correlation"],
                by=webhook.user,
                door=Door.WEBHOOK,
            )
        except DeskError as error:
            if error.code == "forbidden":
                raise Problem(403, error.code, error.message, hint=error.hint) from error
            raise
        taken = SignalTaken.model_validate(answer)
        kept = json.dumps({**taken.model_dump(), "said": told["said"]})
        await self._kept.put(name, kept, ttl_s=ttl_s)
        return taken

    async def require_portfolio(self, name: str) -> None:
        """Raise DeskError for a portfolio that the desk does not have.

        While no desk runs nobody can tell: the desk judges each signal that may open
        anything.
        """
        try:
            holdings = await self._dashboard.link.ask("portfolio")
        except DeskError as error:
            if error.code != "desk-not-running":
                raise
            return
        known_portfolio(name, holdings["declared"])

    async def _begun(self, name: str, said: str, ttl_s: float) -> dict[str, Any]:
        """Return what is known of an alert, which is new or was begun before."""
        new = {"correlation": f"w{secrets.token_hex(12)}", "said": said}
        while not await self._kept.add(name, json.dumps(new), ttl_s=ttl_s):
            found = await self._kept.get(name)
            if found is None:
                continue  # it ended in between
            told: dict[str, Any] = {"said": said, **json.loads(found)}
            if told["said"] != said:
                raise Problem(
                    422,
                    "idempotency-key-reused",
                    "an alert with this id asked for something else before",
                    hint="give each alert an id of its own, or none",
                )
            return told
        return new

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
    """Refuse what an alert may not ask for. Which symbols are meant, the desk alone knows."""
    if webhook.strategy == BY_HAND:
        raise Problem(403, "forbidden", "this webhook would trade what people hold by hand")
    if alert.strategy not in ("", webhook.strategy):
        raise Problem(
            403,
            "forbidden",
            f"this webhook trades for {webhook.strategy}, not for {alert.strategy!r}",
            hint="make a webhook for each strategy",
        )
    most = webhook.most_quantity
    opens = None if alert.direction == "flat" else alert.quantity
    if most and opens and Decimal(opens) > Decimal(most):
        raise Problem(403, "forbidden", f"this webhook orders {most} at most")


def _words(webhook: Webhook, alert: Alert) -> str:
    parts = [alert.direction, alert.quantity, alert.price and f"seen at {alert.price}"]
    return f"{webhook.name}: {', '.join(each for each in [*parts, alert.words] if each)}"


def _name(webhook: Webhook, alert: Alert, body: bytes) -> str:
    said = b"id:" + alert.id.encode() if alert.id else b"body:" + body
    return f"alert:{webhook.id}:{hashlib.sha256(said).hexdigest()}"


def _said(alert: Alert) -> str:
    """Return what an alert asks for, without what it only tells."""
    quantity = (
        None if alert.quantity is None else f"{Decimal(alert.quantity).normalize():f}"
    )
    asked = [alert.symbol, alert.direction, quantity, alert.limit, alert.strategy]
    return hashlib.sha256(json.dumps(asked).encode()).hexdigest()

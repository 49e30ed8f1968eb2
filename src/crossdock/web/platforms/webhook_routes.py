"""Routes of webhooks: made and ended by people, called by charting services."""

# No deferred annotations here: FastAPI reads them off functions made inside another.

from typing import Annotated

from fastapi import APIRouter, Request, status

from crossdock.web.exact_numbers import ExactRoute
from crossdock.web.identity.access import access, public
from crossdock.web.identity.roles import Access, Caller, Role
from crossdock.web.identity.routes.session import require_person
from crossdock.web.platforms.intake import SignalIntake
from crossdock.web.platforms.webhooks import Webhooks
from crossdock.web.problems import Problem
from crossdock.web.proxies import client_address
from crossdock.web.shapes.webhooks import (
    NewWebhook,
    NewWebhookTold,
    SignalTaken,
    Webhook,
)

LARGEST = 16 << 10
Trader = Annotated[Caller, access(Access.TRADE)]


def webhook_routes(webhooks: Webhooks, intake: SignalIntake) -> APIRouter:
    router = APIRouter(prefix="/api/v1/signals", tags=["signals"], route_class=ExactRoute)

    @router.get("/webhooks")
    async def all_webhooks(caller: Trader) -> list[Webhook]:
        """One's own webhooks; administrators see everybody's."""
        return webhooks.of(_whose(caller))

    @router.post("/webhooks", status_code=status.HTTP_201_CREATED)
    async def make(caller: Trader, asked: NewWebhook) -> NewWebhookTold:
        """Make a webhook that trades in one's own name. Its path is told this once.

        Not with an API key, which it would outlive.
        """
        require_person(caller)
        await intake.require_portfolio(asked.portfolio)
        made, webhook = webhooks.make(caller.name, asked)
        return NewWebhookTold(webhook=webhook, path=f"{router.prefix}/webhook/{made}")

    @router.delete("/webhooks/{webhook_id}", status_code=status.HTTP_204_NO_CONTENT)
    async def remove(caller: Trader, webhook_id: str) -> None:
        """End a webhook at once."""
        require_person(caller)
        webhooks.remove(webhook_id, _whose(caller))

    @router.post(
        "/webhook/{token}",
        dependencies=[public()],
        openapi_extra={
            "requestBody": {
                "required": True,
                "content": {
                    "application/json": {
                        "schema": {"type": "object"},
                        "example": {"ticker": "BTCUSDT", "action": "buy", "id": "7"},
                    }
                },
            }
        },
    )
    async def take(token: str, request: Request) -> SignalTaken:
        """Act on an alert, once. Who may is told by the token alone."""
        body = await request.body()
        if len(body) > LARGEST:
            raise Problem(413, "too-large", f"an alert has {LARGEST} bytes at most")
        return await intake.take(token, body, client_address(request.scope))

    return router


def _whose(caller: Caller) -> str | None:
    return None if caller.role is Role.ADMIN else caller.name

"""The admin port: the truth, faults by command, and what an operator can do."""

from __future__ import annotations

from collections import Counter
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import msgspec
from aiohttp import web

from crossdock.sandbox.actions import perform
from crossdock.sandbox.config import (
    AccountConfig,
    ConfigInvalid,
    SandboxConfig,
    VenueConfig,
    checked,
)
from crossdock.sandbox.engine import Refused
from crossdock.sandbox.faces.native.payloads import Payload
from crossdock.sandbox.faces.native.refusals import spoken
from crossdock.sandbox.faces.refusals import Refusal, bad_request
from crossdock.sandbox.faults import FaultKind, FaultOrder
from crossdock.sandbox.truth import truth

if TYPE_CHECKING:
    from crossdock.sandbox.server import Sandbox
    from crossdock.sandbox.site import Site

Answer = Callable[[web.Request], Awaitable[Payload]]
Route = tuple[str, str, Callable[[web.Request], Awaitable[web.StreamResponse]]]
Form = TypeVar("Form")


class SeedOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /faults/seed` asks for. `kinds` narrows the mix."""

    venue: str
    seed: int
    rate: Annotated[float, msgspec.Meta(gt=0, le=1000)]
    kinds: Annotated[tuple[FaultKind, ...], msgspec.Meta(min_length=1)] = tuple(FaultKind)


class AccountOrder(msgspec.Struct, frozen=True, kw_only=True):
    """What `POST /accounts` asks for."""

    venue: str
    account: str
    key: str
    secret: str
    balances: dict[str, str] = {}

    def __repr__(self) -> str:
        return f"AccountOrder(venue={self.venue!r}, account={self.account!r})"


class Admin:
    """No authentication: whoever reaches the loopback may use it."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def routes(self) -> list[Route]:
        answers: list[tuple[str, str, Answer]] = [
            ("GET", "/health", self._health),
            ("GET", "/truth", self._truth),
            ("GET", "/faults", self._faults),
            ("POST", "/faults", self._arm),
            ("DELETE", "/faults", self._disarm),
            ("POST", "/faults/seed", self._seed),
            ("POST", "/actions", self._act),
            ("POST", "/venues", self._add_venue),
            ("DELETE", "/venues/{name}", self._remove_venue),
            ("POST", "/accounts", self._add_account),
            ("POST", "/reset", self._reset),
            ("POST", "/shutdown", self._shutdown),
        ]
        routes = [(method, path, _handler(answer)) for method, path, answer in answers]
        return [*routes, ("*", "/{path:.*}", _handler(_no_path))]

    async def _health(self, request: web.Request) -> Payload:
        return {"ok": True, "admin": self._sandbox.admin_url, "venues": self._sandbox.urls}

    async def _truth(self, request: web.Request) -> Payload:
        sites = self._sandbox.sites
        return {"venues": {name: truth(site.face) for name, site in sites.items()}}

    async def _faults(self, request: web.Request) -> Payload:
        armed, hits = [], Counter[FaultKind]()
        for name, site in self._sandbox.sites.items():
            armed += [fault.payload(name) for fault in site.host.faults]
            hits.update(site.host.faults.hits)
        return {"armed": armed, "hit": dict(hits)}

    async def _arm(self, request: web.Request) -> Payload:
        order = await _read(request, FaultOrder)
        site = self._site(order.venue)
        markets, accounts = site.host.venue.markets, site.host.venue.accounts
        if order.symbol is not None and order.symbol not in markets:
            raise bad_request("symbol: one of the venue's was expected")
        if order.account is not None and order.account not in accounts:
            raise bad_request("account: one of the venue's was expected")
        if order.kind in site.face.absent:
            raise bad_request(f"kind: {site.config.face} has no words for {order.kind}")
        return site.arm(order).payload(order.venue)

    async def _disarm(self, request: web.Request) -> Payload:
        self._sandbox.disarm()
        return {}

    async def _seed(self, request: web.Request) -> Payload:
        order = await _read(request, SeedOrder)
        site = self._site(order.venue)
        self._sandbox.seed_faults(site, order.seed, order.rate, order.kinds)
        return {}

    async def _act(self, request: web.Request) -> Payload:
        fields = await _read(request, dict[str, Any])
        site = self._site(fields.get("venue"))
        try:
            return perform(site, fields)
        except Refused as refused:
            raise Refusal.of(refused) from None
        finally:
            site.host.flush()

    async def _add_venue(self, request: web.Request) -> Payload:
        venue = await _read(request, VenueConfig)
        if venue.name in self._sandbox.sites:
            raise bad_request("name: one that is not taken was expected")
        try:
            checked(SandboxConfig(venues=(venue,)), "venue")
            site = await self._sandbox.add(venue)
        except (ConfigInvalid, OSError) as problem:
            raise bad_request(str(problem)) from None
        return {"name": venue.name, "url": site.url}

    async def _remove_venue(self, request: web.Request) -> Payload:
        name = request.match_info["name"]
        self._site(name)
        await self._sandbox.remove(name)
        return {}

    async def _add_account(self, request: web.Request) -> Payload:
        order = await _read(request, AccountOrder)
        fields = {
            "name": order.account,
            "key": order.key,
            "secret": order.secret,
            "balances": order.balances,
        }
        try:
            account = msgspec.convert(fields, AccountConfig)
            self._site(order.venue).host.open_account(account)
        except (msgspec.ValidationError, ValueError) as problem:
            raise bad_request(str(problem)) from None
        return {"venue": order.venue, "account": order.account}

    async def _reset(self, request: web.Request) -> Payload:
        await self._sandbox.reset()
        return {}

    async def _shutdown(self, request: web.Request) -> Payload:
        self._sandbox.done.set()
        return {}

    def _site(self, name: object) -> Site:
        site = self._sandbox.sites.get(name) if isinstance(name, str) else None
        if site is None:
            raise bad_request("venue: one of the venues was expected")
        return site


def _handler(answer: Answer) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    async def handle(request: web.Request) -> web.StreamResponse:
        try:
            payload, status = await answer(request), 200
        except Refusal as refusal:
            code, status = spoken(refusal.code)
            payload = {"code": code, "message": refusal.message}
        return web.Response(
            body=msgspec.json.encode(payload),
            status=status,
            content_type="application/json",
        )

    return handle


async def _no_path(_request: web.Request) -> Payload:
    raise bad_request("no such method and path")


async def _read(request: web.Request, form: type[Form]) -> Form:
    try:
        return msgspec.json.decode(await request.read(), type=form)
    except msgspec.DecodeError as problem:
        raise bad_request(str(problem)) from None

"""The one dependency that every route has: what it needs, or that it needs nothing."""

# No deferred annotations here: FastAPI reads them off instances of these classes.

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from fastapi import Depends, FastAPI, Request
from fastapi.dependencies.models import Dependant
from fastapi.routing import iter_route_contexts
from starlette.routing import Mount

from crossdock.web.dashboard import dashboard_of
from crossdock.web.identity.roles import Access, Caller
from crossdock.web.problems import Problem

__all__ = [
    "Access",
    "Caller",
    "access",
    "lacking",
    "public",
    "require_rules",
    "ruled_routes",
]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_CALLER = "crossdock.caller"  # of this one request, once somebody has found out


class Rule:
    """Lets a request in or raises Problem 401 or 403. `needed` is None for everybody."""

    def __init__(self, needed: Access | None) -> None:
        self.needed = needed

    @property
    def rank(self) -> int:
        return -1 if self.needed is None else self.needed.role.rank

    async def __call__(self, request: Request) -> Caller | None:
        if self.needed is None:
            if request.method not in _SAFE:
                _refuse_other_sites(request)
            return None
        gatekeeper = dashboard_of(request).identity.gatekeeper
        caller: Caller | None = request.scope.get(_CALLER)
        if caller is None:
            caller = request.scope[_CALLER] = await gatekeeper.caller(request)
        if caller is None:
            raise Problem(
                401,
                "signed-out",
                "nobody is signed in",
                hint="sign in, or send an API key as Authorization: Bearer …",
                headers={"WWW-Authenticate": "Bearer"},
            )
        if caller.session and request.method not in _SAFE:
            gatekeeper.check_csrf(request, caller.session)
        if not caller.may(self.needed):
            raise lacking(caller, self.needed)
        return caller


def lacking(caller: Caller, needed: Access) -> Problem:
    """Return the refusal of somebody who may not do what takes this access."""
    if caller.role.covers(needed.role):  # then it is the key
        held = ", ".join(sorted(caller.scopes or ())) or "none"
        return Problem(
            403,
            "forbidden",
            f"this takes a key with the scope {needed}; the one sent has {held}",
            hint="make one with it on the page Settings",
        )
    return Problem(
        403,
        "forbidden",
        f"this takes the role {needed.role}; {caller.name} has {caller.role}",
        hint="administrators give roles on the page Settings",
    )


def caller_of(request: Request) -> Caller | None:
    """Return who asks, where a rule has let them in already."""
    caller: Caller | None = request.scope.get(_CALLER)
    return caller


def access(needed: Access) -> Any:
    """Depend on who asks, and let in only who has this access.

    `caller: Annotated[Caller, access(Access.TRADE)]`, or among a router's dependencies.
    """
    return Depends(Rule(needed))


def public() -> Any:
    """Depend on nobody. A write that a browser sends from another site is refused."""
    return Depends(Rule(None))


@dataclass(frozen=True, slots=True)
class RuledRoute:
    path: str
    methods: frozenset[str]
    rule: Rule | None  # the strictest one; None where none was given


def ruled_routes(application: FastAPI) -> list[RuledRoute]:
    """Return every route there is with its rule, those of included routers too."""
    found = []
    for route in iter_route_contexts(application.routes):
        if isinstance(route.original_route, Mount):
            continue  # an application of its own, which asks the gatekeeper itself
        dependant: Dependant | None = getattr(route, "dependant", None)
        rules = [] if dependant is None else _rules_in(dependant)
        strictest = max(rules, key=lambda rule: rule.rank, default=None)
        found.append(
            RuledRoute(route.path or "", frozenset(route.methods or ()), strictest)
        )
    return found


def require_rules(application: FastAPI) -> None:
    """Refuse to start with a route that says nothing of who may ask it."""
    for route in ruled_routes(application):
        if route.rule is None:
            raise RuntimeError(
                f"{route.path} says not who may ask it: access() or public()"
            )


def _rules_in(dependant: Dependant) -> list[Rule]:
    found = [dependant.call] if isinstance(dependant.call, Rule) else []
    for each in dependant.dependencies:
        found += _rules_in(each)
    return found


def _refuse_other_sites(request: Request) -> None:
    """Raise Problem 403 for a write that some other page makes a browser send.

    Where there is no session yet there is no token either; the browser tells instead.
    """
    site = request.headers.get("Sec-Fetch-Site")
    origin = request.headers.get("Origin")
    public_url = dashboard_of(request).settings.dashboard.public_url
    ours = {request.headers.get("Host"), urlsplit(public_url).netloc} - {None, ""}
    if site not in (None, "same-origin", "none") or (
        origin is not None and urlsplit(origin).netloc not in ours
    ):
        raise Problem(403, "csrf", "this came from a page of another site")

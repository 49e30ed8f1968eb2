"""Asks the rule of a route before a byte of the body is read."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from re import Pattern

from fastapi import Request
from starlette.routing import compile_path
from starlette.types import ASGIApp, Receive, Scope, Send

from crossdock.web.identity.access import Rule, RuledRoute
from crossdock.web.kept.kept import KeptAway
from crossdock.web.problems import Problem, store_away


@dataclass(frozen=True, slots=True)
class _Place:
    path: str  # as it was declared: what a refusal is measured under
    pattern: Pattern[str]
    methods: frozenset[str]
    rule: Rule


class Threshold:
    """Refuses whoever may not ask, whatever it is that they sent.

    FastAPI reads and parses a body before it looks at a route's dependencies. Those ask
    again, of whom they were told here: a route nobody foresaw is still not open.
    """

    def __init__(self, application: ASGIApp, routes: Iterable[RuledRoute]) -> None:
        self._application = application
        self._places = [
            _Place(route.path, compile_path(route.path)[0], route.methods, route.rule)
            for route in routes
            if route.rule is not None
        ]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        place = self._place(scope) if scope["type"] == "http" else None
        if place is not None:
            try:
                await place.rule(Request(scope))
            except (Problem, KeptAway) as error:
                scope["route"] = place
                problem = error if isinstance(error, Problem) else store_away()
                await problem.response(scope["path"])(scope, receive, send)
                return
        await self._application(scope, receive, send)

    def _place(self, scope: Scope) -> _Place | None:
        """Return what the router will choose: the first that fits path and method."""
        method = scope["method"]
        path = scope["path"].removeprefix(scope.get("root_path", ""))
        for place in self._places:
            if method in place.methods and place.pattern.match(path):
                return place
        return None

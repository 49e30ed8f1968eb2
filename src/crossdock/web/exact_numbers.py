"""JSON's numbers as they were written: 0.1 is one tenth, and no float's idea of it."""

from __future__ import annotations

import json
from collections.abc import Callable, Coroutine
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute


class WrittenNumber(float):
    """A float that knows the text it was read from. Where a float will do, it is one."""

    __slots__ = ("text",)

    text: str

    @classmethod
    def read(cls, text: str) -> WrittenNumber:
        made = cls(text)
        made.text = text
        return made


def read_json(text: str | bytes) -> Any:
    """Read JSON. Raises ValueError, and RecursionError."""
    return json.loads(text, parse_float=WrittenNumber.read)


class _ExactRequest(Request):
    async def json(self) -> Any:
        return read_json(await self.body())


class ExactRoute(APIRoute):
    """A route whose body may hold amounts as numbers. `route_class` of its router."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        answer = super().get_route_handler()

        async def answer_exactly(request: Request) -> Response:
            return await answer(_ExactRequest(request.scope, request.receive))

        return answer_exactly

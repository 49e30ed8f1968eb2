"""What is added to the OpenAPI that FastAPI makes: who may ask, and how errors look."""

from __future__ import annotations

import re
from typing import Any

from fastapi import FastAPI

from crossdock.web.idempotency import HEADER, LONGEST_KEY
from crossdock.web.identity.access import ruled_routes
from crossdock.web.problems import MEDIA_TYPE

_CONVERTER = re.compile(r":\w+}")  # {symbol:path} is told as {symbol}
_METHODS = frozenset({"get", "post", "put", "patch", "delete"})
_SCHEMES = {
    "session": {
        "type": "apiKey",
        "in": "header",
        "name": "X-CSRF-Token",
        "description": "People: the session's cookie, and with writes the token that "
        "`GET /api/v1/session` tells.",
    },
    "key": {
        "type": "http",
        "scheme": "bearer",
        "description": "Programs: an API key with a scope that covers the route.",
    },
}
_KEY = {
    "name": HEADER,
    "in": "header",
    "required": False,
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
    "description": "The same key and body give the same answer, and nothing is done "
    "twice. API keys have to send one with an order, and to start a strategy.",
}
_PROBLEM = {
    "type": "object",
    "description": "What went wrong, and what to do (RFC 9457).",
    "required": ["type", "title", "status", "detail", "instance", "code", "hint"],
    "properties": {
        "type": {"type": "string", "const": "about:blank"},
        "title": {"type": "string", "description": "Of the status."},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "instance": {"type": "string"},
        "code": {"type": "string", "description": "Short and stable; see docs/errors.md."},
        "hint": {"type": "string", "description": "What to do next."},
        "reasons": {
            "type": "array",
            "items": {"type": "array", "items": {"type": "string"}},
            "description": "Of a refusal by risk: [check, words], every one.",
        },
        "allowed_quantity": {
            "type": ["string", "null"],
            "description": "Of a refusal by risk: the largest quantity that would pass.",
        },
        "fields": {
            "type": "array",
            "items": {"type": "object"},
            "description": "Of a wrong shape: where, and what is wrong there.",
        },
    },
}


def describe(api: FastAPI) -> None:
    """Have an application tell its OpenAPI with access, errors and ways to sign in."""
    make = api.openapi

    def openapi() -> dict[str, Any]:
        if api.openapi_schema is None:
            _complete(make(), api)
        told: dict[str, Any] = api.openapi_schema or {}
        return told

    # FastAPI names this as the way to extend a schema.
    api.openapi = openapi  # type: ignore[method-assign]


def _complete(schema: dict[str, Any], api: FastAPI) -> None:
    components = schema.setdefault("components", {})
    shapes = components.setdefault("schemas", {})
    for name in ("HTTPValidationError", "ValidationError"):
        shapes.pop(name, None)
    shapes["Problem"] = _PROBLEM
    components["securitySchemes"] = _SCHEMES
    needed = _needed(api)
    for path, operations in schema["paths"].items():
        for method in _METHODS & operations.keys():
            operation = operations[method]
            operation["responses"].pop("422", None)
            operation["responses"]["default"] = {
                "description": "A problem, and what to do about it.",
                "content": {
                    MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}
                },
            }
            if method != "get":
                operation.setdefault("parameters", []).append(_KEY)
            access = needed.get((path, method), "")
            if access:
                operation["x-access"] = access
                operation["security"] = [{"session": []}, {"key": []}]


def _needed(api: FastAPI) -> dict[tuple[str, str], str]:
    found: dict[tuple[str, str], str] = {}
    for route in ruled_routes(api):
        if route.rule is not None and route.rule.needed is not None:
            for method in route.methods:
                path = _CONVERTER.sub("}", route.path)
                found[path, method.lower()] = str(route.rule.needed)
    return found

"""The operations of an OpenAPI description, as pages tell them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_REF = "#/components/schemas/"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parameter:
    name: str
    where: str  # path, query or body
    type: str
    required: bool
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    tag: str
    method: str
    path: str
    access: str  # empty: everybody
    words: str
    parameters: tuple[Parameter, ...]
    answer: str

    @property
    def title(self) -> str:
        return f"{self.method} {self.path}"


def operations(schema: Mapping[str, Any]) -> dict[str, list[Operation]]:
    """Return the operations by their subject, in the order in which they were declared."""
    found: dict[str, list[Operation]] = {}
    for path, methods in schema["paths"].items():
        for method in _METHODS:
            if method in methods:
                made = _operation(schema, path, method, methods[method])
                found.setdefault(made.tag, []).append(made)
    return found


def _operation(
    schema: Mapping[str, Any], path: str, method: str, told: Mapping[str, Any]
) -> Operation:
    parameters = [
        Parameter(
            name=each["name"],
            where=each["in"],
            type=_type(each["schema"]),
            required=each.get("required", False),
            words=each.get("description", ""),
        )
        for each in told.get("parameters", ())
        if each["in"] != "header"  # which all writes have, and pages tell once
    ]
    parameters += _body(schema, told.get("requestBody", {}))
    return Operation(
        tag=next(iter(told.get("tags", ())), "other"),
        method=method.upper(),
        path=path,
        access=told.get("x-access", ""),
        words=" ".join(told.get("description", told.get("summary", "")).split()),
        parameters=tuple(parameters),
        answer=_answer(told["responses"]),
    )


def _body(schema: Mapping[str, Any], body: Mapping[str, Any]) -> Iterator[Parameter]:
    for content in body.get("content", {}).values():
        shape = _shape(schema, content["schema"])
        required = shape.get("required", ())
        for name, each in shape.get("properties", {}).items():
            yield Parameter(
                name=name,
                where="body",
                type=_type(each),
                required=name in required,
                words=each.get("description", ""),
            )


def _shape(schema: Mapping[str, Any], part: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" in part:
        shapes = schema["components"]["schemas"]
        found: Mapping[str, Any] = shapes[part["$ref"].removeprefix(_REF)]
        return found
    return part


def _type(part: Mapping[str, Any]) -> str:
    """Return a type in few words: `string`, `[Order]`, `string or null`."""
    if "$ref" in part:
        return str(part["$ref"]).removeprefix(_REF)
    if "anyOf" in part:
        return " or ".join(dict.fromkeys(_type(each) for each in part["anyOf"]))
    if "enum" in part:
        return " or ".join(f"`{each}`" for each in part["enum"])
    if "const" in part:
        return f"`{part['const']}`"
    if part.get("type") == "array":
        return f"[{_type(part.get('items', {}))}]"
    if part.get("type") == "object" and isinstance(part.get("additionalProperties"), dict):
        return f"{{name: {_type(part['additionalProperties'])}}}"
    return str(part.get("type", "any"))


def _answer(responses: Mapping[str, Any]) -> str:
    for status, response in responses.items():
        if status.startswith("2"):
            for media, content in response.get("content", {}).items():
                if media == "application/json":
                    return f"{status} {_type(content['schema'])}"
                return f"{status} {media}"
            return status
    return ""

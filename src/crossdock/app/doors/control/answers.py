"""What the control server answers: how an error of ours is told, and told apart again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from crossdock.errors import ConfigError, DeskError, Error, RiskRefused


def failure(error: Error) -> dict[str, Any]:
    """Return the answer that tells of an error."""
    told: dict[str, Any] = {
        "type": type(error).__name__,
        "code": error.code,
        "message": error.message,
        "hint": error.hint,
    }
    if isinstance(error, RiskRefused):
        told["reasons"] = [list(reason) for reason in error.reasons]
        told["allowed_quantity"] = error.allowed_quantity
    return {"ok": False, "error": told}


def result_of(answer: Mapping[str, Any]) -> Any:
    """Return an answer's result, or raise what the desk refused as its own kind of error."""
    if answer["ok"]:
        return answer["result"]
    raise error_of(answer["error"])


def error_of(told: Mapping[str, Any]) -> Error:
    if told["type"] == "RiskRefused":
        return RiskRefused(
            [(check, words) for check, words in told["reasons"]],
            allowed_quantity=told["allowed_quantity"],
            hint=told["hint"],
        )
    kind = ConfigError if told["type"] == "ConfigError" else DeskError
    return kind(told["message"], code=told["code"], hint=told["hint"])

"""What went wrong, in one shape: problem details as RFC 9457 has them."""

from __future__ import annotations

import logging
import math
import re
from collections.abc import Callable, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.exceptions import HTTPException

from crossdock.errors import (
    ConfigError,
    DeskError,
    Error,
    ExtraMissing,
    RateLimited,
    RiskRefused,
)
from crossdock.web.kept.kept import KeptAway
from crossdock.web.misfits import Misfit, misfits

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
# Nothing more than the status by RFC 9457: `code` tells what it is. The page of errors has
# no address that a link could name, being neither in the package nor at one of the project.
_TYPE = "about:blank"
# What comes after it is the token that a webhook is posted to.
_UNTOLD = re.compile(r"(?<=/signals/webhook/).+|(?<=/)cdw_[^/]*")

_STATUS: Mapping[str, int] = {
    "desk-not-running": 503,
    "desk-silent": 504,
    "desk-busy": 503,
    "desk-closed": 503,
    "bad-argument": 422,
    "internal": 500,
    "flag-off": 403,
    "person-needed": 403,
}


class Problem(Exception):
    """An answer that is no success. Raised by routes; `code` is short and stable."""

    def __init__(
        self,
        status: int,
        code: str,
        detail: str,
        *,
        hint: str = "",
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.hint = hint
        self.headers = dict(headers or {})
        self.more = dict(more or {})

    def document(self, instance: str) -> dict[str, Any]:
        return {
            "type": _TYPE,
            "title": _title(self.status),
            "status": self.status,
            "detail": self.detail,
            "instance": _UNTOLD.sub("…", instance),
            "code": self.code,
            "hint": self.hint,
            **self.more,
        }

    def response(self, instance: str) -> JSONResponse:
        return JSONResponse(
            self.document(instance),
            self.status,
            headers={"Cache-Control": "no-store", **self.headers},
            media_type=MEDIA_TYPE,
        )


def problem_of(error: Error) -> Problem:
    """Return one of our errors as an answer."""
    headers: dict[str, str] = {}
    more: dict[str, Any] = {}
    if isinstance(error, RiskRefused):
        more["reasons"] = [list(reason) for reason in error.reasons]
        more["allowed_quantity"] = error.allowed_quantity
    if isinstance(error, RateLimited):
        headers["Retry-After"] = str(max(1, math.ceil(error.retry_after_s)))
    elif error.code == "desk-busy":
        headers["Retry-After"] = "1"
    return Problem(
        _status_of(error),
        error.code,
        error.message,
        hint=error.hint,
        headers=headers,
        more=more,
    )


def misfit_problem(found: Sequence[Misfit]) -> Problem:
    """Return what did not fit as an answer."""
    return Problem(
        422,
        "bad-argument",
        "; ".join(each.words for each in found),
        hint="the page /docs lists what each question takes",
        more={
            "fields": [{"where": list(each.where), "words": each.words} for each in found]
        },
    )


def store_away() -> Problem:
    """Return the answer while nobody can tell who is signed in."""
    return Problem(
        503,
        "store-away",
        "what keeps the sessions does not answer",
        hint="look at dashboard.redis_url, and at /health",
    )


def _status_of(error: Error) -> int:
    if error.code in _STATUS:
        return _STATUS[error.code]
    if error.code.startswith("unknown-"):
        return 404
    if isinstance(error, RateLimited):
        return 429
    if isinstance(error, ExtraMissing):
        return 501
    if isinstance(error, ConfigError):
        return 422
    if isinstance(error, RiskRefused | DeskError):
        return 409
    # A venue, provider or store failed, not whoever asked us and not ourselves.
    return 409


def _title(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Problem"


Inside = Callable[[Request, Exception], Mapping[str, Any]]
"""What is told of the program itself, when it failed."""


def tell_problems(application: FastAPI, told_inside: Inside = lambda _, __: {}) -> None:
    """Answer every failure of an application in this one shape."""

    def of_problem(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Problem)
        return error.response(request.url.path)

    def of_ours(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, Error)
        return problem_of(error).response(request.url.path)

    def of_shape(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, RequestValidationError)
        found = misfits(error.errors(), error.body)
        return misfit_problem(found).response(request.url.path)

    def of_http(request: Request, error: Exception) -> JSONResponse:
        assert isinstance(error, HTTPException)
        code = _title(error.status_code).lower().replace(" ", "-")
        problem = Problem(
            error.status_code, code, str(error.detail), headers=error.headers or {}
        )
        return problem.response(request.url.path)

    def of_store(request: Request, _: Exception) -> JSONResponse:
        return store_away().response(request.url.path)

    def of_anything(request: Request, error: Exception) -> JSONResponse:
        problem = Problem(
            500,
            "internal",
            "the dashboard failed to answer this",
            hint="its log has the whole story",
            more=told_inside(request, error),
        )
        return problem.response(request.url.path)

    application.add_exception_handler(Problem, of_problem)
    application.add_exception_handler(Error, of_ours)
    application.add_exception_handler(RequestValidationError, of_shape)
    application.add_exception_handler(HTTPException, of_http)
    application.add_exception_handler(KeptAway, of_store)
    application.add_exception_handler(Exception, of_anything)

"""`/docs`: the API's reference as one page. No script, nothing from elsewhere."""

import secrets
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import APIRouter, FastAPI, Request
from fastapi.responses import HTMLResponse

from crossdock.web.identity.access import Access, access
from crossdock.web.schema.operations import Operation, operations
from crossdock.web.security_headers import content_policy

router = APIRouter()

_STYLE = """
:root { color-scheme: light dark; font: 15px/1.5 system-ui, sans-serif; }
body { margin: 2rem auto; max-width: 62rem; padding: 0 1rem; }
h2 { margin-top: 2.5rem; }
details { border-top: 1px solid #8884; padding: .4rem 0; }
summary { cursor: pointer; }
code { font: 14px/1.5 ui-monospace, monospace; }
b { display: inline-block; min-width: 4.5rem; }
small { float: right; opacity: .75; }
table { border-collapse: collapse; margin: .5rem 0; width: 100%; }
td, th { border-bottom: 1px solid #8884; padding: .2rem .6rem; text-align: left; }
"""


@router.get("/docs", include_in_schema=False, dependencies=[access(Access.VIEW)])
async def reference(request: Request) -> HTMLResponse:
    application: FastAPI = request.app
    nonce = secrets.token_urlsafe(16)
    page = "".join(_page(application.openapi(), nonce))
    return HTMLResponse(page, headers={"Content-Security-Policy": content_policy(nonce)})


def _page(schema: dict[str, Any], nonce: str) -> Iterator[str]:
    title = f"{schema['info']['title']} API {schema['info']['version']}"
    yield (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style nonce="{nonce}">{_STYLE}'
        f"</style><h1>{escape(title)}</h1>"
        "<p>Decimals are text, times are UTC nanoseconds. An API key is sent as "
        "<code>Authorization: Bearer …</code>; a problem says in <code>hint</code> what to "
        'do. The same for programs: <a href="openapi.json">openapi.json</a>.</p>'
    )
    for tag, found in operations(schema).items():
        yield f'<h2 id="{escape(tag)}">{escape(tag.capitalize())}</h2>'
        for operation in found:
            yield from _operation(operation)
    yield "</html>"


def _operation(operation: Operation) -> Iterator[str]:
    needs = operation.access or "everybody"
    yield (
        f"<details><summary><b>{operation.method}</b><code>{escape(operation.path)}</code>"
        f"<small>{escape(needs)}</small></summary><p>{_code(operation.words)}</p>"
    )
    if operation.parameters:
        yield "<table><tr><th>name</th><th>in</th><th>type</th><th></th></tr>"
        for each in operation.parameters:
            star = " *" if each.required else ""
            yield (
                f"<tr><td><code>{escape(each.name)}</code>{star}</td><td>{each.where}</td>"
                f"<td>{_code(each.type)}</td><td>{_code(each.words)}</td></tr>"
            )
        yield "</table>"
    yield f"<p>Answers {_code(operation.answer)}</p></details>"


def _code(words: str) -> str:
    """Return text with what stands between backticks as code."""
    parts = escape(words).split("`")
    return "".join(
        f"<code>{part}</code>" if number % 2 else part for number, part in enumerate(parts)
    )

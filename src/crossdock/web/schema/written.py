"""The description as files: for the web app's types, and for docs/reference/api.md."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from typing import Any

from crossdock.app.paths import user_folders
from crossdock.app.registry import Registry
from crossdock.app.settings import load_settings
from crossdock.web.application import create_application
from crossdock.web.schema.operations import Operation, operations

_MADE = "<!-- Made from the API's routes by `make docs`; changes here are lost. -->"
_HEAD = """\
# The API

Everything the dashboard shows and does, and all that `crossdock` asks a desk. A running
dashboard tells the same at `/docs`, and for programs at `/openapi.json`. How to begin:
[use the API](../how-to/use-the-api.md).

- Decimals are text, so that no digit is lost; one that is sent as a number is taken as it is
  written. Times are UTC nanoseconds.
- A person is signed in by a cookie, and sends `X-CSRF-Token` with writes. A program sends
  `Authorization: Bearer cdk_…`, an API key with scopes.
- Every write takes `Idempotency-Key`: the same key and body give the same answer, and nothing
  is done twice. An API key has to send one with an order, and to start a strategy.
- What went wrong comes as `application/problem+json`, with a stable `code` from
  [errors](../errors.md) and in `hint` what to do.
- While the desk is away, what its files can tell is told from them, with the headers
  `X-Answered-From: files` and `X-As-Of-Ns`; the rest is 503.

Each heading names the access that is needed: `view`, `trade`, `risk`, `admin`, or `push` for
what other platforms tell. `*` marks what has to be given."""


def openapi() -> dict[str, Any]:
    """Return the description of a dashboard with settings as they are by default."""
    with tempfile.TemporaryDirectory(prefix="crossdock-schema-") as folder:
        environment = {"HOME": folder, "CROSSDOCK_HOME": folder}
        settings = load_settings(
            None,
            environment=environment,
            overrides=[f"dashboard.database={folder}/dashboard.sqlite"],
            registry=Registry(lambda _: []),
            folders=user_folders(environment),
        )
        application = create_application(settings)
        try:
            return application.api.openapi()
        finally:
            application.dashboard.identity.database.close()


def openapi_text() -> str:
    return json.dumps(openapi(), indent=1, sort_keys=True) + "\n"


def reference_text() -> str:
    """Return the Markdown page of every operation."""
    lines = [_MADE, "", _HEAD]
    for tag, found in operations(openapi()).items():
        lines += ["", f"## {tag.capitalize()}"]
        for operation in found:
            lines += ["", *_section(operation)]
    return "\n".join(lines) + "\n"


def _section(operation: Operation) -> Iterator[str]:
    needs = f"needs `{operation.access}`" if operation.access else "everybody may"
    yield f"### `{operation.title}`"
    yield ""
    yield f"{operation.words} ({needs})" if operation.words else f"({needs})"
    if operation.parameters:
        yield ""
        yield "| name | in | type | |"
        yield "|---|---|---|---|"
        for each in operation.parameters:
            star = " *" if each.required else ""
            words = each.words.replace("|", "\\|")
            yield f"| `{each.name}`{star} | {each.where} | {each.type} | {words} |"
    yield ""
    yield f"Answers {operation.answer}."

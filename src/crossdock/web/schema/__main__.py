"""`python -m crossdock.web.schema FILE`: writes the OpenAPI, or of a `.md` the reference."""

from __future__ import annotations

import sys
from pathlib import Path

from crossdock.web.schema.written import openapi_text, reference_text


def main(arguments: list[str]) -> int:
    if len(arguments) != 1:
        sys.stderr.write("usage: python -m crossdock.web.schema FILE\n")
        return 2
    file = Path(arguments[0])
    text = reference_text() if file.suffix == ".md" else openapi_text()
    file.write_text(text, "utf-8")
    return 0


sys.exit(main(sys.argv[1:]))

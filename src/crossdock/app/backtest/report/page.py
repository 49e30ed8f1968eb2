"""One HTML file that needs nothing else: no network, no second file."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from importlib.resources import files
from typing import Any

from crossdock.ports.extras import load

# The file must not be able to call anybody, whatever a strategy's name says. Plotly paints
# by inline styles and exports pictures through blobs.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; "
    "img-src data: blob:; font-src data:"
)

_SHELL = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<main>
{body}
</main>
<script type="application/json" id="run">{data}</script>
<script>{plotly}</script>
<script>{script}</script>
</body>
</html>
"""


def page(title: str, body: Iterable[str], data: Mapping[str, Any]) -> str:
    """Return the whole document. `body` is HTML, `title` plain text.

    Raises ExtraMissing without plotly.
    """
    offline = load("plotly.offline", extra="reports", what="reports")
    here = files(__package__)
    return _SHELL.format(
        policy=escape(_POLICY),
        title=escape(title),
        style=here.joinpath("page.css").read_text("utf-8"),
        body="\n".join(body),
        data=in_script(data),
        plotly=offline.get_plotlyjs(),
        script=here.joinpath("page.js").read_text("utf-8"),
    )


def in_script(data: Mapping[str, Any]) -> str:
    """Return JSON that no text in it can end the script element of."""
    text = json.dumps(data, separators=(",", ":"), allow_nan=False, ensure_ascii=True)
    return text.replace("<", "\\u003c").replace("&", "\\u0026")


def section(title: str, *parts: str) -> str:
    return f"<section>\n<h2>{escape(title)}</h2>\n{''.join(parts)}\n</section>"


def paragraph(text: str, kind: str = "quiet") -> str:
    return f'<p class="{kind}">{escape(text)}</p>'


def bullets(lines: Sequence[str], kind: str = "") -> str:
    items = "".join(f"<li>{escape(line)}</li>" for line in lines)
    return f'<ul class="{kind}">{items}</ul>'


def facts(rows: Iterable[tuple[str, str]], kind: str = "facts") -> str:
    """Return a table of two columns: what, and its value."""
    body = "".join(
        f"<tr><td>{escape(name)}</td><td>{escape(value)}</td></tr>" for name, value in rows
    )
    return f'<table class="{kind}"><tbody>{body}</tbody></table>'


def chart(name: str) -> str:
    return f'<div class="chart" id="{name}"></div>'

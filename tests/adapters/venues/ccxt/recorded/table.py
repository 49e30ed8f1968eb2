"""The page that says of how many recorded cases there are, and what became of each."""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from tests.adapters.venues.ccxt.recorded.exchange import DATA
from tests.adapters.venues.ccxt.recorded.run import Tally, run_replies, run_requests

PAGE = Path(__file__).parents[5] / "docs/reference/recorded-cases.md"

_HEAD = """# Recorded cases

Requests and replies of crypto exchanges that others recorded, in the form of ccxt's static
tests, run through Crossdock's adapter: a recorded call is said as a call of our ports, and
what then goes over the wire (path, query, body) is compared with what was recorded, without
signatures, times and generated ids; a recorded reply is read by the adapter, and the nouns
it becomes are compared with what ccxt had made of it.

This page is written by `python -m tests.adapters.venues.ccxt.recorded.table` and checked by
the tests. `differs` counts what is wrong and known; its rows are named below.
"""


def names() -> list[str]:
    return sorted(file.stem for file in (DATA / "request").glob("*.json"))


async def tallies() -> tuple[Sequence[Tally], Sequence[Tally]]:
    requests = [await run_requests(name) for name in names()]
    replies = [await run_replies(name) for name in names()]
    return requests, replies


def page_of(requests: Sequence[Tally], replies: Sequence[Tally]) -> str:
    return "\n".join(
        [
            _HEAD,
            *_section("Requests", requests),
            *_section("Replies", replies),
            *_reasons((*requests, *replies)),
            *_known((*requests, *replies)),
        ]
    )


def _section(title: str, tallies: Sequence[Tally]) -> list[str]:
    lines = [
        f"## {title}",
        "",
        "| exchange | cases | passed | differs | do not apply |",
        "|---|---:|---:|---:|---:|",
    ]
    whole = Counter[str]()
    for tally in tallies:
        counted = _counted(tally)
        whole.update(counted)
        lines.append(_line(tally.exchange, counted))
    return [*lines, _line("**all**", whole), ""]


def _counted(tally: Tally) -> Counter[str]:
    return Counter(
        "passed" if it.passed else "away" if it.reason else "differs"
        for it in tally.outcomes
    )


def _line(name: str, counted: Counter[str]) -> str:
    return (
        f"| {name} | {counted.total()} | {counted['passed']} | {counted['differs']} "
        f"| {counted['away']} |"
    )


def _reasons(tallies: Sequence[Tally]) -> list[str]:
    reasons = Counter(it.reason for tally in tallies for it in tally.outcomes if it.reason)
    lines = [
        f"| {count} | {_cell(why)} |"
        for why, count in sorted(reasons.items(), key=lambda each: (-each[1], each[0]))
    ]
    return [
        "## Why the rest do not apply",
        "",
        "| cases | reason |",
        "|---:|---|",
        *lines,
        "",
    ]


def _known(tallies: Sequence[Tally]) -> list[str]:
    rows = [
        f"| {tally.exchange} | {it.method} | {_cell(it.description)} |"
        for tally in tallies
        for it in tally.outcomes
        if it.difference
    ]
    if not rows:
        return []
    return ["## Differs", "", "| exchange | method | case |", "|---|---|---|", *rows, ""]


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page_of(*asyncio.run(tallies())))

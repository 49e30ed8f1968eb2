"""`python -m crossdock.conformance.bots`: what Freqtrade loses under faults, and a desk."""

from __future__ import annotations

import argparse
import asyncio
import json
import sqlite3
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict
from decimal import Decimal
from pathlib import Path
from typing import Any

from crossdock.conformance.bots.beliefs import of_freqtrade, of_lines
from crossdock.conformance.bots.campaign import Plan, Result, run
from crossdock.conformance.bots.verdict import Verdict, compare
from crossdock.errors import Error

DIFFERS = 5
ROWS = (
    ("orders", "orders at the venue"),
    ("known", "known to the bot"),
    ("dropped", "cancelled unfilled, not kept"),
    ("unknown", "unknown to the bot"),
    ("unknown_filled", "  of them filled"),
    ("sent_again", "  sent again"),
    ("fills", "fills at the venue"),
    ("fills_missed", "fills missed"),
    ("overcounted", "orders with more filled than was"),
    ("invented", "orders the venue never had"),
    ("believed_open", "believed open, but done"),
    ("believed_done", "believed done, but open"),
    ("left_open", "open at the end"),
    ("unaccounted", "quantity unaccounted for"),
    ("unseen_value", "value of the fills missed"),
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Return 0; 5 where books differ that should not; 2 when there was nothing to judge."""
    options = _parser().parse_args(arguments)
    try:
        if options.truth is not None:
            return _judge(options)
        return _campaign(options)
    except (Error, OSError, RuntimeError, ValueError, sqlite3.Error) as problem:
        sys.stderr.write(f"{problem}\n")
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m crossdock.conformance.bots",
        description="Trade Freqtrade and a desk at a hostile Binance, and compare what "
        "each believes with what the venue knows; or, with --truth, judge any bot.",
    )
    usual = Plan(freqtrade=Path(".venv-bots/bin/freqtrade"))
    parser.add_argument(
        "--freqtrade", type=Path, default=usual.freqtrade, metavar="PROGRAM"
    )
    parser.add_argument("--rounds", type=int, default=usual.rounds, help="one seed each")
    parser.add_argument("--seconds", type=float, default=usual.seconds, help="of a round")
    parser.add_argument(
        "--faults", type=float, default=usual.faults_per_s, help="faults armed a second"
    )
    parser.add_argument("--seed", type=int, default=usual.seed)
    parser.add_argument("--keep", type=Path, metavar="FOLDER", help="of every bot's files")
    parser.add_argument("--truth", type=Path, metavar="FILE", help="a sandbox's GET /truth")
    parser.add_argument("--venue", default="binance", help="with --truth")
    parser.add_argument("--account", default="main", help="with --truth")
    parser.add_argument(
        "--orders",
        type=Path,
        metavar="FILE",
        help="with --truth: Freqtrade's .sqlite, or JSON lines of "
        "symbol, name, filled and is_open",
    )
    parser.add_argument("--json", action="store_true")
    return parser


def _campaign(options: argparse.Namespace) -> int:
    if not options.freqtrade.exists():
        raise RuntimeError(
            f"{options.freqtrade}: no Freqtrade there: `make bots` brings it"
        )
    plan = Plan(
        freqtrade=options.freqtrade,
        rounds=options.rounds,
        seconds=options.seconds,
        faults_per_s=options.faults,
        seed=options.seed,
        keep=options.keep,
    )
    results = asyncio.run(run(plan, lambda words: print(words, file=sys.stderr)))  # noqa: T201  a command's progress
    if options.json:
        told = {
            "seed": plan.seed,
            "rounds": plan.rounds,
            "seconds": plan.seconds,
            "faults_per_s": plan.faults_per_s,
            "contenders": [asdict(result) for result in results],
        }
        _say(json.dumps(told, default=_text))
    else:
        _say(table(results))
    without, desk = results[0], results[-1]
    return 0 if without.is_clean and desk.is_clean else DIFFERS


def _judge(options: argparse.Namespace) -> int:
    if options.orders is None:
        raise ValueError("--orders: the bot's own record was expected with --truth")
    told = json.loads(options.truth.read_text("utf-8"))
    try:
        truth = told["venues"][options.venue]["accounts"][options.account]
    except (KeyError, TypeError):
        raise ValueError(
            f"{options.truth}: no account {options.account} at {options.venue}"
        ) from None
    if not truth["orders"]:
        raise ValueError(f"{options.truth}: no order in the account: nothing to judge")
    if options.orders.suffix in (".sqlite", ".db"):
        beliefs = of_freqtrade(options.orders)
    else:
        beliefs = of_lines(options.orders.read_text("utf-8").splitlines())
    verdict = compare(truth, beliefs)
    if options.json:
        _say(json.dumps(asdict(verdict), default=_text))
    else:
        for key, words in ROWS:
            _say(f"{words:<34}{_cell(verdict, key)}")
    return 0 if verdict.is_clean else DIFFERS


def table(results: Sequence[Result]) -> str:
    """Return the contenders side by side."""
    width = max(18, *(len(_cell(it.verdict, "unaccounted")) + 2 for it in results))

    def line(words: str, cells: Iterable[object]) -> str:
        return f"{words:<34}" + "".join(f"{cell:>{width}}" for cell in cells)

    lines = [line("", (it.name for it in results))]
    lines += [
        line(words, (_cell(it.verdict, key) for it in results)) for key, words in ROWS
    ]
    lines.append(
        line("settled, of rounds", (f"{it.settled}/{it.rounds}" for it in results))
    )
    lines.append(line("ended by itself", (it.ended_early for it in results)))
    lines.append("faults that hit")
    for kind in sorted({kind for it in results for kind in it.faults}):
        lines.append(line(f"  {kind}", (it.faults.get(kind, 0) for it in results)))
    lines += [f"{it.name}: {words}" for it in results for words in it.words]
    return "\n".join(lines)


def _cell(verdict: Verdict, key: str) -> str:
    value = getattr(verdict, key)
    if isinstance(value, dict):
        return ", ".join(f"{amount:+f} {it}" for it, amount in value.items()) or "0"
    return f"{value:.2f}" if isinstance(value, Decimal) else str(value)


def _text(value: Any) -> str:
    if isinstance(value, Decimal):
        return format(value, "f")
    raise TypeError(f"{value!r} is not for JSON")


def _say(text: str) -> None:
    sys.stdout.write(text + "\n")


if __name__ == "__main__":
    sys.exit(main())

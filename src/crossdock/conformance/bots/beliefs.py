"""Reads what a bot believes of its orders from where it keeps them."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Mapping
from contextlib import closing
from decimal import Decimal
from pathlib import Path
from typing import Any

from crossdock.conformance.bots.verdict import Belief
from crossdock.conformance.torture.judge import DONE, Judge
from crossdock.model import ZERO

_ORDERS = "SELECT ft_pair, order_id, filled, ft_is_open FROM orders"
_OPEN = "SELECT count(*) FROM trades WHERE is_open"


def of_freqtrade(database: Path) -> list[Belief]:
    """Read Freqtrade's SQLite database. `filled` is NULL until it was told a quantity.

    https://www.freqtrade.io/en/stable/trade-object/#order-object, read 2026-11-21.
    """
    with closing(_opened(database)) as connection:
        rows = connection.execute(_ORDERS).fetchall()
    return [
        Belief(
            symbol=symbol,
            name=name,
            filled=ZERO if filled is None else Decimal(repr(filled)),
            is_open=bool(is_open),
        )
        for symbol, name, filled, is_open in rows
    ]


def is_flat(database: Path) -> bool:
    """Tell whether Freqtrade believes that it holds nothing and waits for nothing."""
    with closing(_opened(database)) as connection:
        [count] = connection.execute(_OPEN).fetchone()
    return not count and not any(belief.is_open for belief in of_freqtrade(database))


def of_desk(
    truth: Mapping[str, Any], journal: list[Any], books: dict[str, str]
) -> tuple[list[Belief], list[str]]:
    """Read a desk's exported journal; returns also what the torture's judge finds wrong."""
    judge = Judge(truth, journal, books, 0)
    words: list[str] = judge.run()["words"]
    symbols = {
        order_id: record["request"]["instrument"].partition("@")[0]
        for order_id, record in judge.intents.items()
    }
    beliefs = [
        Belief(
            symbol=symbols[order_id],
            name=client,
            filled=_decimal(judge.followed[order_id].cumulative),
            is_open=judge.followed[order_id].status not in DONE,
        )
        for client, order_id in judge.client_of.items()
    ]
    return beliefs, words


def of_lines(lines: Iterable[str]) -> list[Belief]:
    """Read JSON lines like {"symbol": "BTC/USDT", "name": "17", "filled": "0.1", "is_open": false}.

    For any bot: `name` is the venue's id or the bot's own. Raises ValueError.
    """
    beliefs = []
    for number, line in enumerate(lines, 1):
        try:
            told = json.loads(line, parse_float=Decimal)
            beliefs.append(
                Belief(
                    symbol=str(told["symbol"]),
                    name=str(told["name"]),
                    filled=Decimal(told["filled"]),
                    is_open=bool(told["is_open"]),
                )
            )
        except (ArithmeticError, KeyError, TypeError, ValueError) as problem:
            raise ValueError(
                f"line {number}: {type(problem).__name__}: {problem}"
            ) from None
    return beliefs


def _opened(database: Path) -> sqlite3.Connection:
    return sqlite3.connect(f"{database.resolve().as_uri()}?mode=ro", uri=True, timeout=10)


def _decimal(exact: Any) -> Decimal:
    return Decimal(exact.numerator) / Decimal(exact.denominator)

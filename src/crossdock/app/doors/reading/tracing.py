"""One trading cycle told from the journal, found by any id in it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from crossdock.core.projection import describe
from crossdock.errors import DeskError
from crossdock.ports import Projection

_MOST = 10_000  # records of one id


def trace(projection: Projection, name: str) -> list[dict[str, Any]]:
    """Return the story of a correlation id, order id, client or venue order id.

    Raises DeskError when no record carries it.
    """
    orders = {name}
    correlations = {name}
    for named in projection.query("named", {"id": name}, limit=_MOST):
        for row in projection.query("history", {"sequence": named["sequence"]}, limit=1):
            if row["order_id"]:
                orders.add(str(row["order_id"]))
            if row["correlation"]:
                correlations.add(str(row["correlation"]))
    for each in tuple(orders):
        for row in projection.query("orders", {"order_id": each}, limit=1):
            if row["correlation"]:
                correlations.add(str(row["correlation"]))
    for each in tuple(correlations):
        for row in projection.query("orders", {"correlation": each}, limit=_MOST):
            orders.add(str(row["order_id"]))
    found: dict[int, Mapping[str, Any]] = {}
    for column, names in (("order_id", orders), ("correlation", correlations)):
        for each in names:
            for row in projection.query("history", {column: each}, limit=_MOST):
                found[int(row["sequence"] or 0)] = row
    if not found:
        raise DeskError(
            f"nothing in the journal carries the id {name!r}",
            code="unknown-id",
            hint="give a correlation, order, client order or venue order id",
        )
    story = []
    for sequence in sorted(found):
        record = json.loads(str(found[sequence]["payload"]))
        story.append(
            {
                "sequence": sequence,
                "at": found[sequence]["at"],
                "record": found[sequence]["record"],
                "words": describe(record),
            }
        )
    return story

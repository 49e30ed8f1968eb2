"""Exchanges of which only ccxt's own word is known."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.adapters.venues.ccxt.exchanges.studied import Studied
from crossdock.adapters.venues.ccxt.exchanges.ways import CancelEvery, FillPaging, Known
from crossdock.adapters.venues.ccxt.family.generic import CREDENTIALS


class Unstudied(Studied):
    """Asks for what every exchange has, symbol by symbol, and believes in no client id."""

    keys: Mapping[str, str] = {theirs: ours for theirs, (ours, _) in CREDENTIALS.items()}
    lookups = (Known.VENUE_ID, Known.OPEN_ORDERS)
    cancels_by_client_id = False
    open_orders_need_symbol = True
    cancel_every = CancelEvery.ONE_BY_ONE
    # Whichever end a page holds, reading back from its oldest row loses none: where an
    # exchange takes no end to read back from, a full page is an error and no silence.
    fills = FillPaging(needs_symbol=True, newest_first=True, lag_s=30.0)
    account_streams = ()


QUIRKS = Unstudied()

"""OKX Europe: OKX, with an account of its own.

https://my.okx.com/docs-v5/en/ (2026-11-21)
"""

from crossdock.adapters.venues.ccxt.exchanges.okx import Okx


class OkxSpot(Okx):
    market_types = ("spot",)


QUIRKS = OkxSpot()

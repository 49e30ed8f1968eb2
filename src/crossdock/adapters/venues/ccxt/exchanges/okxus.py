"""OKX United States: OKX, with an account of its own.

https://app.okx.com/docs-v5/en/ (2026-11-21)
"""

from crossdock.adapters.venues.ccxt.exchanges.myokx import OkxSpot

QUIRKS = OkxSpot()

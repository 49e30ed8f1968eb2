"""Accounts, cash, positions and P&L: exact, attributed, and able to take a fill back."""

from crossdock.core.ledger.books import Posting
from crossdock.core.ledger.entries import EXTERNAL
from crossdock.core.ledger.ledger import Ledger
from crossdock.core.ledger.money import Amounts
from crossdock.core.ledger.position_log import Attribution
from crossdock.core.ledger.rates import Rates
from crossdock.core.ledger.state import LedgerState
from crossdock.core.ledger.views import Equity, Pnl, Unrealized

__all__ = [
    "EXTERNAL",
    "Amounts",
    "Attribution",
    "Equity",
    "Ledger",
    "LedgerState",
    "Pnl",
    "Posting",
    "Rates",
    "Unrealized",
]

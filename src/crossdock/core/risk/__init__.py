"""The risk gate: checks, reservations, and the only maker of an approved order."""

from crossdock.core.risk._seal import Approved
from crossdock.core.risk.case import Authority, Working
from crossdock.core.risk.gate import Gate, NeedsApproval, Rehearsal
from crossdock.core.risk.limits import LimitBook, LimitOverride, Limits
from crossdock.core.risk.reservations import (
    NOTHING_OPEN,
    OpenExposure,
    Reservation,
    Reservations,
    reservation_of,
)
from crossdock.core.risk.set_limits import (
    NO_LIMIT,
    is_far,
    is_looser,
    limits_set,
    read_limit,
    value_of,
)
from crossdock.core.risk.view import (
    AccountFacts,
    Mark,
    RiskView,
    UnderlyingExposure,
    VenueTerms,
)

__all__ = [
    "NOTHING_OPEN",
    "NO_LIMIT",
    "AccountFacts",
    "Approved",
    "Authority",
    "Gate",
    "LimitBook",
    "LimitOverride",
    "Limits",
    "Mark",
    "NeedsApproval",
    "OpenExposure",
    "Rehearsal",
    "Reservation",
    "Reservations",
    "RiskView",
    "UnderlyingExposure",
    "VenueTerms",
    "Working",
    "is_far",
    "is_looser",
    "limits_set",
    "read_limit",
    "reservation_of",
    "value_of",
]

"""The matching engine of a venue: exact, synchronous, deterministic."""

from crossdock.sandbox.engine.records import (
    LegForm,
    Listener,
    OrderForm,
    PriceLevel,
    Refused,
    VenueEvent,
    VenueFill,
    VenueOrder,
    VenuePosition,
)
from crossdock.sandbox.engine.specs import (
    MarketSpec,
    PartialOco,
    SelfTradePrevention,
    VenueSpec,
)
from crossdock.sandbox.engine.tape import Tape
from crossdock.sandbox.engine.venue import Simulator, Venue

__all__ = [
    "LegForm",
    "Listener",
    "MarketSpec",
    "OrderForm",
    "PartialOco",
    "PriceLevel",
    "Refused",
    "SelfTradePrevention",
    "Simulator",
    "Tape",
    "Venue",
    "VenueEvent",
    "VenueFill",
    "VenueOrder",
    "VenuePosition",
    "VenueSpec",
]

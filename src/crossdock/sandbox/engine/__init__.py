"""The matching engine of a venue: exact, synchronous, deterministic."""

from crossdock.sandbox.engine.records import (
    Listener,
    OrderForm,
    PriceLevel,
    Refused,
    VenueEvent,
    VenueFill,
    VenueOrder,
    VenuePosition,
)
from crossdock.sandbox.engine.specs import MarketSpec, SelfTradePrevention, VenueSpec
from crossdock.sandbox.engine.tape import Tape
from crossdock.sandbox.engine.venue import Simulator, Venue

__all__ = [
    "Listener",
    "MarketSpec",
    "OrderForm",
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

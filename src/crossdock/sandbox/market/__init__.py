"""Who makes the sandbox's markets: invented participants, or a recording of real ones."""

from crossdock.sandbox.market.bars import Bars
from crossdock.sandbox.market.history import Candle, Past
from crossdock.sandbox.market.participants import Participants
from crossdock.sandbox.market.price_path import PricePath
from crossdock.sandbox.market.recorded import RecordedMarket
from crossdock.sandbox.market.recorded_spec import recorded_spec

__all__ = [
    "Bars",
    "Candle",
    "Participants",
    "Past",
    "PricePath",
    "RecordedMarket",
    "recorded_spec",
]

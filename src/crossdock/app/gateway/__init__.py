"""One account at one venue: its writes, its streams, its recovery."""

from crossdock.app.gateway.gateway import Gateway
from crossdock.app.gateway.options import GatewayOptions
from crossdock.app.gateway.watching import MarketWatch

__all__ = ["Gateway", "GatewayOptions", "MarketWatch"]

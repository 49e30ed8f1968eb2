"""How adapters talk to the outside: they describe, this does."""

from crossdock.toolkit.breaker import BreakerState, CircuitBreaker
from crossdock.toolkit.clock import CountedIds, LiveClock, LiveIds, ManualClock
from crossdock.toolkit.context import AdapterContext, Factory, read_settings
from crossdock.toolkit.exchange import HttpReply, HttpRequest, Refusal, Sign
from crossdock.toolkit.health import (
    HealthLimits,
    HealthRegistry,
    HealthState,
    Skew,
    StreamHealth,
    Verdict,
)
from crossdock.toolkit.http import HttpClient
from crossdock.toolkit.pool import CancelledInDoubt, CancelledUnsent, HttpPool
from crossdock.toolkit.purpose import Meter, Purpose, metered, purpose_of, serves, serving
from crossdock.toolkit.ratelimit import RateBudgets, RateLimiter
from crossdock.toolkit.recorder import CassettePlayer, Recorder, read_cassette
from crossdock.toolkit.retry import Backoff, repeat_read
from crossdock.toolkit.secrets import Masker, Secret, find_secret, read_secret
from crossdock.toolkit.usage import Quota, Usage, UsageRegistry
from crossdock.toolkit.websocket import WebSocketClient

__all__ = [
    "AdapterContext",
    "Backoff",
    "BreakerState",
    "CancelledInDoubt",
    "CancelledUnsent",
    "CassettePlayer",
    "CircuitBreaker",
    "CountedIds",
    "Factory",
    "HealthLimits",
    "HealthRegistry",
    "HealthState",
    "HttpClient",
    "HttpPool",
    "HttpReply",
    "HttpRequest",
    "LiveClock",
    "LiveIds",
    "ManualClock",
    "Masker",
    "Meter",
    "Purpose",
    "Quota",
    "RateBudgets",
    "RateLimiter",
    "Recorder",
    "Refusal",
    "Secret",
    "Sign",
    "Skew",
    "StreamHealth",
    "Usage",
    "UsageRegistry",
    "Verdict",
    "WebSocketClient",
    "find_secret",
    "metered",
    "purpose_of",
    "read_cassette",
    "read_secret",
    "read_settings",
    "repeat_read",
    "serves",
    "serving",
]

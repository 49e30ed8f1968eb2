"""The sandbox: the hostile exchange that comes with Crossdock, where nothing is real money."""

from crossdock.model import Contingency, OrderType, TimeInForce
from crossdock.ports import (
    Can,
    Evidence,
    IdCodec,
    Lookup,
    Manifest,
    RateLimit,
    Resend,
    Setting,
    Tier,
    Uniqueness,
)

_DOCS = "docs/reference/sandbox-protocol.md"
_TEN_YEARS_S = 10 * 365.25 * 86_400.0
_LONGEST_WINDOW_S = 2.0

MANIFEST = Manifest(
    id="sandbox",
    kind="venue",
    name="Sandbox",
    docs_url=_DOCS,
    factory="crossdock.adapters.venues.sandbox.venue:Sandbox",
    can=frozenset(
        {
            Can.INSTRUMENTS,
            Can.MARKET_STREAM,
            Can.BOOK_SNAPSHOT,
            Can.BAR_HISTORY,
            Can.SUBMIT,
            Can.REPLACE,
            Can.CANCEL_ALL,
            Can.ORDER_LOOKUP,
            Can.OPEN_ORDERS,
            Can.FILL_HISTORY,
            Can.ACCOUNT_HISTORY,
            Can.ACCOUNT_STREAM,
            Can.BALANCES,
            Can.POSITIONS,
            Can.SERVER_TIME,
        }
    ),
    order_types=frozenset(OrderType),
    times_in_force=frozenset(TimeInForce),
    contingencies=frozenset(Contingency),
    most_legs=2,
    reduce_only=True,
    evidence=Evidence(
        client_id=IdCodec.TEXT,
        client_id_length=36,
        lookup=Lookup.ANY_ORDER,
        uniqueness=Uniqueness.FOREVER,
        retention_s=_TEN_YEARS_S,
        # The window lies on both sides of our time: a venue whose clock is slow by a
        # whole window takes a write until two windows after it was stamped.
        arrival_horizon_s=2 * _LONGEST_WINDOW_S,
        visibility_lag_s=1.0,
        silence_s=2.0,
        resend=Resend.NEVER,
    ),
    settings={
        "url": Setting(help="The venue's address, as the sandbox prints it"),
        "key": Setting(help="The account's key"),
        "key_secret": Setting(help="The account's secret, which signs every call"),
        "order_entry": Setting(
            help="Send orders over a WebSocket (ws, faster) or by HTTP calls (rest)",
            default="ws",
            choices=("ws", "rest"),
        ),
        "window_ms": Setting(
            help="How long after it was sent the venue may accept a write, at most 2000",
            default="2000",
        ),
    },
    rate_limits=(
        RateLimit(scope="orders", calls=50, per_s=1.0, reserve=10),
        RateLimit(scope="reads", calls=50, per_s=1.0, reserve=10),
        RateLimit(scope="public", calls=500, per_s=1.0),
    ),
    rejection_codes=dict.fromkeys(
        (
            "bad_time",
            "bad_request",
            "unknown_symbol",
            "bad_tick",
            "bad_lot",
            "min_quantity",
            "min_notional",
            "max_quantity",
            "insufficient_funds",
            "would_cross",
            "fok_unfillable",
            "reduce_only",
            "stop_price",
            "unknown_order",
            "order_done",
        ),
        f"{_DOCS}#errors",
    ),
    tier=Tier.SANDBOXED,
    real_money=False,
)

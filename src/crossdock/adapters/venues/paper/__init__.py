"""The paper venue: orders are simulated against a real or a replayed market."""

from crossdock.model import OrderType, TimeInForce
from crossdock.ports import (
    Can,
    Evidence,
    IdCodec,
    Lookup,
    Manifest,
    Resend,
    Setting,
    Tier,
    Uniqueness,
)

_DOCS = "docs/reference/paper-venue.md"
_TEN_YEARS_S = 10 * 365.25 * 86_400.0

MANIFEST = Manifest(
    id="paper",
    kind="venue",
    name="Paper",
    docs_url=_DOCS,
    factory="crossdock.adapters.venues.paper.venue:Paper",
    # A book to ask for and a history of bars are the market's to give.
    can=frozenset(
        {
            Can.INSTRUMENTS,
            Can.MARKET_STREAM,
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
    reduce_only=True,
    evidence=Evidence(
        client_id=IdCodec.TEXT,
        client_id_length=36,
        lookup=Lookup.ANY_ORDER,
        uniqueness=Uniqueness.FOREVER,
        retention_s=_TEN_YEARS_S,
        arrival_horizon_s=10.0,  # the longest latency that may be set
        visibility_lag_s=0.0,
        silence_s=30.0,
        resend=Resend.NEVER,
    ),
    settings={
        "balances": Setting(
            help="What the account begins with; without effect once it has begun",
            default="10000 USDT",
        ),
        "maker_fee": Setting(
            help="Share of the notional that a resting order pays, like 0.0002, "
            "or the instrument's own rate",
            default="instrument",
        ),
        "taker_fee": Setting(
            help="Share of the notional that an order pays which takes, "
            "or the instrument's own rate",
            default="instrument",
        ),
        "fee_asset": Setting(
            help="What a spot fee is paid in: the quote asset, or what was received",
            default="quote",
            choices=("quote", "received"),
        ),
        "latency_ms": Setting(
            help="Milliseconds to the venue, and again back, at most 10000",
            default="0",
        ),
        "slippage_bps": Setting(
            help="Basis points by which market and stop orders fill worse on quotes, "
            "trades and bars",
            default="0",
        ),
        "queue": Setting(
            help="When a resting order fills: behind all that was displayed at its price "
            "before it (last), or as soon as its price is touched (touch)",
            default="last",
            choices=("last", "touch"),
        ),
        "bar_fill": Setting(
            help="Whether a bar fills a limit order whose price it touches, or only one "
            "that it trades through",
            default="touch",
            choices=("touch", "through"),
        ),
        "participation": Setting(
            help="The largest share of a public trade's quantity, or of a bar's volume, "
            "that orders here may fill; usual is all of a trade, and bars without a cap",
            default="usual",
        ),
        "keep_state": Setting(
            help="Whether the account survives a restart; no is for backtests",
            default="yes",
            choices=("yes", "no"),
        ),
    },
    rejection_codes=dict.fromkeys(
        (
            "bad_tick",
            "bad_lot",
            "min_quantity",
            "max_quantity",
            "min_notional",
            "bad_expiry",
            "not_offered",
            "insufficient_funds",
            "would_cross",
            "fok_unfillable",
            "reduce_only",
            "no_market",
            "unknown_order",
            "order_done",
            "below_filled",
        ),
        f"{_DOCS}#rejections",
    ),
    tier=Tier.SANDBOXED,
    real_money=False,
    needs_market=True,
)

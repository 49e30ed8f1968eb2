"""Deribit."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    EVERY_TYPE,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    TRADING,
    Exchange,
    refused,
)
from crossdock.model import ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://docs.deribit.com/"

EXCHANGES = (
    Exchange(
        id="deribit",
        name="Deribit",
        docs_url=_DOCS,
        can=DATA
        | TRADING
        | {
            Can.REPLACE,
            Can.SERVER_TIME,
            Can.TRADE_HISTORY,
            Can.POSITIONS,
            Can.TRANSFERS,
            Can.FUNDING_RATES,
            Can.FEE_RATES,
            Can.OPTION_CHAINS,
        },
        order_types={
            ContractKind.SPOT: PLAIN,
            ContractKind.LINEAR: EVERY_TYPE,
            ContractKind.INVERSE: EVERY_TYPE,
            ContractKind.OPTION: PLAIN,
        },
        times_in_force=(*PROMPT, TimeInForce.DAY),
        reduce_only=True,
        evidence=Evidence(
            # …/api-reference/trading/private-get_order_state_by_label: a label of at most 64
            # characters, which any number of orders may carry. …/articles/
            # accessing-historical-trades-orders (both 2026-11-21): recent orders for thirty
            # minutes, and "indefinitely" where `historical` is asked for, as it is here.
            client_id=IdCodec.TEXT,
            client_id_length=64,
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.NONE,
            retention_s=30 * DAY_S,
            # When a signed call comes too late is not documented where we could read, nor
            # how long an order stays invisible; conservative.
            arrival_horizon_s=120.0,
            visibility_lag_s=2.0,
            silence_s=5.0,
        ),
        keys={
            "key": "The client id",
            "key_secret": "The client secret",
        },
        environments=("live", "test"),
        # …/articles/rate-limits (2026-11-21): five orders a second and bursts of 20 for who
        # trades least; for the rest 500 credits a call, of 50 000 that refill by 10 000 a
        # second.
        rate_limits=(
            RateLimit(scope="orders", calls=20, per_s=4.0, reserve=5),
            RateLimit(scope="reads", calls=100, per_s=5.0, reserve=10),
            RateLimit(scope="public", calls=100, per_s=5.0, per_address=True),
        ),
        # The page has two lists. Its first and short one calls 10002 insufficient_funds and
        # 10009 invalid_argument; its complete one calls them qty_too_low and
        # not_enough_funds, as ccxt and Deribit's notes on its releases do, and is believed.
        rejections=refused(
            f"{_DOCS}articles/errors, its complete list",
            *("10002", "10003", "10004", "10005", "10006", "10007", "10009"),
            *("10010", "10011", "10012", "10020", "10021", "10022", "10023", "10024"),
            *("10025", "10026", "10027", "10029", "10032", "10034", "10035", "10036"),
            *("10043", "10044", "10045", "10046", "11008", "11030", "11036", "11038"),
            *("11039", "11041", "11044", "11045", "11048", "11054"),
        )
        | refused(f"{CCXT}/deribit.py", "10008"),  # gone from the page
        oddities=(
            "Amounts are dollars for inverse futures, and the base asset for the rest.",
            "Premiums of inverse options are in the base asset.",
            "A label is no id: any number of orders may carry the same one.",
            "Each currency has wallet, positions and history of its own.",
            "Limits are credits that refill; running out closes the session.",
        ),
        keys_url="https://www.deribit.com/account/BTC/api",
        keys_help=f"{NO_WITHDRAWAL} account:read, trade:read_write, wallet:read.",
    ),
)

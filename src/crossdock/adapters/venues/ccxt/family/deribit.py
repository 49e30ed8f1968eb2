"""Deribit."""

from crossdock.adapters.venues.ccxt.family.exchange import (
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
            client_id=IdCodec.TEXT,
            client_id_length=64,
            lookup=Lookup.ECHOED_TAG,  # a label, which any number of orders may carry
            uniqueness=Uniqueness.NONE,
            retention_s=30 * DAY_S,
            arrival_horizon_s=120.0,  # a signed time may be a minute off, either way
            visibility_lag_s=2.0,
            silence_s=5.0,
        ),
        keys={
            "key": "The client id",
            "key_secret": "The client secret",
        },
        environments=("live", "test"),
        rate_limits=(
            RateLimit(scope="orders", calls=20, per_s=4.0, reserve=5),
            RateLimit(scope="reads", calls=100, per_s=5.0, reserve=10),
        ),
        rejections=refused(
            f"{_DOCS}#rpc-error-codes",
            *("10002", "10003", "10004", "10005", "10006", "10007", "10008", "10009"),
            *("10010", "10011", "10012", "10020", "10021", "10022", "10023", "10024"),
            *("10025", "10026", "10027", "10029", "10032", "10034", "10035", "10036"),
            *("10043", "10044", "10045", "10046", "11008", "11030", "11036", "11038"),
            *("11039", "11041", "11044", "11045", "11048", "11054"),
        ),
        countries_refused=("US", "CA", "JP", "CU", "IR", "KP", "SY", "PA", "GU", "PR"),
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

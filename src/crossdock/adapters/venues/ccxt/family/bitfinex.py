"""Bitfinex."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    STOPS,
    TRADING,
    TRAILING,
    Exchange,
    refused,
    same,
)
from crossdock.model import Contingency, ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://docs.bitfinex.com/docs/introduction"

EXCHANGES = (
    Exchange(
        id="bitfinex",
        name="Bitfinex",
        docs_url=_DOCS,
        can=DATA
        | TRADING
        | {
            Can.REPLACE,
            Can.TRADE_HISTORY,
            Can.ACCOUNT_HISTORY,
            Can.POSITIONS,
            Can.FUNDING_RATES,
            Can.KEY_RIGHTS,
        },
        order_types=same(
            (*PLAIN, *STOPS, *TRAILING), ContractKind.SPOT, ContractKind.LINEAR
        ),
        times_in_force=(*PROMPT, TimeInForce.GTD),
        contingencies=(Contingency.OCO,),
        most_legs=1,
        reduce_only=True,
        evidence=Evidence(
            # https://docs.bitfinex.com/reference/ws-auth-input-order-new, as its readers
            # quote it (2026-11-21): cid is an int45 that "should be unique in the day (UTC)
            # (not enforced)".
            client_id=IdCodec.UINT32,
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.NONE,
            # …/reference/rest-auth-orders-history (2026-11-21): "up to 2 weeks in the past".
            retention_s=14 * DAY_S,
            # When a call comes too late is not documented where we could read; conservative.
            # No window is sent, but nonces must rise, and a later call ends an earlier one.
            arrival_horizon_s=120.0,
            visibility_lag_s=5.0,
            silence_s=8.0,
        ),
        keys=KEY_AND_SECRET,
        # https://docs.bitfinex.com/docs/requirements-and-limitations, as its readers quote it
        # (2026-11-21): "between 10 and 90 requests per minute" by endpoint, counted by
        # address, which is shut out for a minute otherwise.
        rate_limits=(
            RateLimit(scope="orders", calls=90, per_s=60.0, reserve=20),
            RateLimit(scope="reads", calls=45, per_s=60.0, reserve=10, per_address=True),
            RateLimit(scope="public", calls=30, per_s=60.0, per_address=True),
        ),
        rejections=refused(
            f"{CCXT}/bitfinex.py and its forerunner for version 1",
            "Invalid order: not enough exchange balance",
            "Invalid order: not enough tradable balance",
            "Invalid order: minimum size for",
            "Order not found",
            "symbol: invalid",
        )
        | refused(
            "https://docs.bitfinex.com/docs/abbreviations-glossary",
            "10020",  # request parameters error
            "nonce: small",
        ),
        oddities=(
            "Prices have five significant digits; a sixth is cut off silently.",
            "A client order id is an integer, and nothing keeps it from being used twice.",
            "Amounts are signed: a sell is negative.",
            "All refusals of orders carry one code, 10001; only the words tell which.",
            "The order stream names done orders with the reason in their status.",
        ),
        keys_url="https://setting.bitfinex.com/api",
        keys_help=f"{NO_WITHDRAWAL} Orders, wallets, positions: read and write.",
    ),
)

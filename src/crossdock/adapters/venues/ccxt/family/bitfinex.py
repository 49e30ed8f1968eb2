"""Bitfinex."""

from crossdock.adapters.venues.ccxt.family.exchange import (
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
            client_id=IdCodec.UINT32,  # cid: an integer of 45 bits
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.SESSION,  # within one day, UTC
            retention_s=14 * DAY_S,
            # No window is sent, but nonces must rise: a later call ends an earlier one.
            arrival_horizon_s=60.0,
            visibility_lag_s=5.0,
            silence_s=8.0,
        ),
        keys=KEY_AND_SECRET,
        rate_limits=(
            RateLimit(scope="orders", calls=90, per_s=60.0, reserve=20),
            RateLimit(scope="reads", calls=45, per_s=60.0, reserve=10, per_address=True),
            RateLimit(scope="public", calls=30, per_s=60.0, per_address=True),
        ),
        rejections=refused(
            "https://docs.bitfinex.com/docs/abbreviations-glossary",
            "Invalid order: not enough exchange balance",
            "Invalid order: not enough tradable balance",
            "Invalid order: minimum size for",
            "Invalid order: maximum size for",
            "Invalid order: reduce",
            "Invalid order: symbol",
            "Invalid price",
            "Invalid order.",
            "Order not found",
            "symbol: invalid",
            "amount: invalid",
            "price: invalid",
        ),
        countries_refused=(
            "US",
            "CA",
            "CU",
            "IR",
            "KP",
            "SY",
            "VE",
            "BD",
            "BO",
            "EC",
            "KG",
        ),
        oddities=(
            "Prices have five significant digits; a sixth is cut off silently.",
            "A client order id is an integer, and is forgotten at midnight UTC.",
            "Amounts are signed: a sell is negative.",
            "All refusals of orders carry one code, 10001; only the words tell which.",
            "The order stream names done orders with the reason in their status.",
        ),
        keys_url="https://setting.bitfinex.com/api",
        keys_help=f"{NO_WITHDRAWAL} Orders, wallets, positions: read and write.",
    ),
)

"""Bitstamp."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    TRADING,
    Exchange,
    refused,
    same,
)
from crossdock.model import ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://www.bitstamp.net/api/"

EXCHANGES = (
    Exchange(
        id="bitstamp",
        name="Bitstamp",
        docs_url=_DOCS,
        can=DATA | TRADING | {Can.ACCOUNT_HISTORY, Can.FEE_RATES},
        order_types=same(PLAIN, ContractKind.SPOT, ContractKind.LINEAR),
        times_in_force=(*PROMPT, TimeInForce.DAY, TimeInForce.GTD),
        evidence=Evidence(
            # Bitstamp's own OpenAPI text, in a stored copy (2026-11-21): order_status takes
            # client_order_id, tells done orders for 30 days; X-Auth-Timestamp may be 150 s
            # off, either way; an id has 180 characters at most and may come twice since
            # November 2023, though 400.019 is listed still. How long an order stays
            # invisible it does not say; conservative.
            client_id=IdCodec.TEXT,
            client_id_length=36,
            lookup=Lookup.ANY_ORDER,
            uniqueness=Uniqueness.NONE,
            retention_s=30 * DAY_S,
            arrival_horizon_s=300.0,
            visibility_lag_s=3.0,
            silence_s=8.0,
        ),
        keys=KEY_AND_SECRET,
        rate_limits=(
            RateLimit(scope="all", calls=400, per_s=1.0, reserve=40, per_address=True),
            RateLimit(scope="all", calls=10_000, per_s=600.0, reserve=500),
        ),
        rejections=refused(
            f"{_DOCS}#section/Response-codes",
            "400.003",  # market disabled
            "400.009",  # balance
            "400.020",  # order value too small
            "400.021",  # price out of range
            "400.024",  # more than one of optional parameters
            "400.026",  # amount malformed
            "400.032",  # expire_time in the past
            "400.037",  # order too large
            "400.038",  # amount too large
            "400.039",  # order value too large
            "400.041",  # price malformed
            "400.046",  # amount too low
            "404.002",  # no such order
            "404.003",  # no such pair
            "404.007",  # no such market
            "500.017",  # rejected by the matching engine
            "Order not found.",
            "Minimum order size is",
            "Price is more than",
            "You have only",
            "You need",
            "Check your account balance for details.",
        )
        | refused(f"{CCXT}/bitstamp.py", "Ensure that there are no more than"),
        countries_refused=("CU", "IR", "KP", "SY"),
        oddities=(
            "An order that is replaced gets a new id and a new place: no amend is offered.",
            "A client order id may be used again: it proves nothing against a second order.",
            "Order status tells neither the price nor the first amount of an order.",
            "No practice site: point `url` at a simulator.",
            (
                "A nonce is a random UUID, refused when it comes twice within 150 seconds, or "
                "300: the documentation says both."
            ),
        ),
        keys_url="https://www.bitstamp.net/settings/security/",
        keys_help=f"{NO_WITHDRAWAL} Account balance, user transactions, open orders, buy "
        "and sell orders.",
    ),
)

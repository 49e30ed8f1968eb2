"""Coinbase Advanced Trade, for everybody, and Coinbase Exchange, for institutions."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    TRADING,
    WITH_PASSPHRASE,
    Exchange,
    refused,
    same,
)
from crossdock.model import ContractKind, OrderType, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_ADVANCED = "https://docs.cdp.coinbase.com/coinbase-app/advanced-trade-apis"
_ORDERS = "https://docs.cdp.coinbase.com/api-reference/advanced-trade-api/rest-api/orders"
_EXCHANGE = "https://docs.cdp.coinbase.com/exchange"
_STOP_LIMITS = (*PLAIN, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)
_GOOD_TILL = (*PROMPT, TimeInForce.GTD)

_REJECTIONS = {
    **refused(
        f"{_ORDERS}/create-order, its failure reasons as clients made from it list them",
        "INSUFFICIENT_FUND",
        "INSUFFICIENT_FUNDS",
        "UNSUPPORTED_ORDER_CONFIGURATION",
        "INVALID_SIDE",
        "INVALID_PRODUCT_ID",
        "INVALID_SIZE_PRECISION",
        "INVALID_PRICE_PRECISION",
        "INVALID_LEDGER_BALANCE",
        "ORDER_ENTRY_DISABLED",
        "INELIGIBLE_PAIR",
        "UNTRADABLE_PRODUCT",
        "INVALID_LIMIT_PRICE_POST_ONLY",
        "INVALID_LIMIT_PRICE",
        "INVALID_NO_LIQUIDITY",
        "INVALID_REQUEST",
        "COMMANDER_REJECTED_NEW_ORDER",
        "PREVIEW_INVALID_ORDER_CONFIG",
        "PREVIEW_INVALID_PRODUCT_ID",
        "PREVIEW_INVALID_SIZE_PRECISION",
        "PREVIEW_INVALID_PRICE_PRECISION",
        "PREVIEW_INVALID_BASE_SIZE_TOO_SMALL",
        "PREVIEW_INVALID_BASE_SIZE_TOO_LARGE",
        "PREVIEW_INVALID_QUOTE_SIZE_TOO_SMALL",
        "PREVIEW_INVALID_QUOTE_SIZE_TOO_LARGE",
        "PREVIEW_INVALID_LIMIT_PRICE_POST_ONLY",
        "PREVIEW_INSUFFICIENT_FUND",
        "PREVIEW_STOP_PRICE_ABOVE_LAST_TRADE_PRICE",
        "PREVIEW_STOP_PRICE_BELOW_LAST_TRADE_PRICE",
    ),
    **refused(
        f"{_ORDERS}/cancel-orders, its failure reasons as clients made from it list them",
        "UNKNOWN_CANCEL_ORDER",
        "COMMANDER_REJECTED_CANCEL_ORDER",
        "INVALID_CANCEL_REQUEST",
        "INVALID_CANCEL_PRODUCT_ID",
        "NOT_ALLOWED_TO_CANCEL",
        "ORDER_IS_BEING_REPLACED",
        "ORDER_IS_FULLY_FILLED",
    ),
    **refused(
        f"{_ORDERS}/edit-order, its failure reasons as clients made from it list them",
        "COMMANDER_REJECTED_EDIT_ORDER",
        "CANNOT_EDIT_TO_BELOW_FILLED_SIZE",
        "ORDER_NOT_FOUND",
        "CALLER_ID_MISMATCH",
        "ONLY_LIMIT_ORDER_EDITS_SUPPORTED",
        "ONLY_OPEN_ORDERS_CAN_BE_EDITED",
        "INVALID_EDITED_SIZE",
        "INVALID_EDITED_PRICE",
        "INVALID_ORIGINAL_SIZE",
        "INVALID_ORIGINAL_PRICE",
        "EDIT_REQUEST_EQUAL_TO_ORIGINAL_REQUEST",
        "SIZE_IN_QUOTE_EDITS_NOT_ALLOWED",
        "ORDER_IS_ALREADY_BEING_REPLACED",
        "CANNOT_EDIT_ORDER_PENDING_CANCEL",
        "CANNOT_EDIT_TRIGGERED_ORDER",
        "EXCEEDED_MAX_ALLOWED_EDIT_REQUEST_COUNT",
        "INSUFFICIENT_TIME_TO_EDIT",
    ),
}

EXCHANGES = (
    Exchange(
        id="coinbase",
        name="Coinbase Advanced",
        docs_url=_ADVANCED,
        can=DATA
        | TRADING
        | {
            Can.REPLACE,
            Can.SERVER_TIME,
            Can.TRADE_HISTORY,
            Can.ACCOUNT_HISTORY,
            Can.POSITIONS,
            Can.FEE_RATES,
            Can.KEY_RIGHTS,
        },
        order_types=same(_STOP_LIMITS, ContractKind.SPOT, ContractKind.LINEAR),
        times_in_force=_GOOD_TILL,
        evidence=Evidence(
            # {_ORDERS}/create-order (2026-11-21): if the id "is not unique, the order will
            # not be created and the order corresponding with that ID will be returned".
            # ccxt 4.5.90 signs a call with a token that lives two minutes.
            client_id=IdCodec.UUID,
            lookup=Lookup.ECHOED_TAG,  # lists echo client_order_id, none is asked by it
            uniqueness=Uniqueness.FOREVER,
            # How long done orders are listed is not documented where we could read;
            # conservative. The same of how long an order stays invisible.
            retention_s=30 * DAY_S,
            arrival_horizon_s=120.0,
            visibility_lag_s=3.0,
            silence_s=8.0,
        ),
        keys={
            "key": "The key's name: organizations/…/apiKeys/…",
            "key_secret": "The key's private part, BEGIN and END lines included",
        },
        # https://docs.cdp.coinbase.com/coinbase-app/api-architecture/rate-limiting
        # (2026-11-21): 10,000 an hour for each key. The second is not documented where we
        # could read: nautilus_trader paces itself by 30 as well.
        rate_limits=(
            RateLimit(scope="all", calls=10_000, per_s=3600.0, reserve=1000),
            RateLimit(scope="orders", calls=30, per_s=1.0, reserve=5),
            RateLimit(scope="reads", calls=30, per_s=1.0, reserve=5),
            RateLimit(scope="public", calls=10, per_s=1.0, per_address=True),
        ),
        rejections=_REJECTIONS,
        oddities=(
            "A second order with an id that was used answers with the first one's fate.",
            "No practice site with prices: point `url` at a simulator.",
            "There are no stop-market orders; a stop has a limit price.",
            "Balances stream nowhere; they are asked for.",
            "Deposits and withdrawals are listed asset by asset: each that is held is asked for.",
        ),
        keys_url="https://portal.cdp.coinbase.com/access/api",
        keys_help=f"{NO_WITHDRAWAL} Choose ECDSA keys, View and Trade, and one portfolio; "
        "leave Transfer off.",
    ),
    Exchange(
        id="coinbaseexchange",
        name="Coinbase Exchange",
        docs_url=_EXCHANGE,
        can=DATA | TRADING | {Can.SERVER_TIME, Can.ACCOUNT_HISTORY, Can.FEE_RATES},
        order_types=same(_STOP_LIMITS, ContractKind.SPOT),
        times_in_force=PROMPT,
        evidence=Evidence(
            client_id=IdCodec.UUID,
            # https://docs.cdp.coinbase.com/api-reference/exchange-api/rest-api/orders/
            # cancel-an-order (2026-11-21): without a match, "its record may be purged"; and
            # its guide to authentication: a time may be thirty seconds off, either way.
            # Whether client_oid may come twice is not documented where we could read.
            lookup=Lookup.OPEN_ONLY,
            uniqueness=Uniqueness.NONE,
            retention_s=60.0,
            arrival_horizon_s=60.0,
            visibility_lag_s=3.0,
            silence_s=8.0,
        ),
        keys=WITH_PASSPHRASE,
        environments=("live", "test"),
        # https://docs.cdp.coinbase.com/exchange/rest-api/rate-limits (2026-11-21): 15 for all
        # private calls of a profile, 10 for fills.
        rate_limits=(
            RateLimit(scope="all", calls=15, per_s=1.0, reserve=4),
            RateLimit(scope="orders", calls=15, per_s=1.0, reserve=4),
            RateLimit(scope="reads", calls=10, per_s=1.0, reserve=3),
            RateLimit(scope="public", calls=10, per_s=1.0, per_address=True),
        ),
        rejections={
            **refused(
                f"{CCXT}/coinbaseexchange.py",
                "Insufficient funds",
                "Product not found",
                "Invalid order id",
                "NotFound",
                "order not found",
                "Order already done",
                "price too small",
                "price too precise",
                "size is too small",
                "Cancel only mode",
            ),
            **refused(
                "https://github.com/whittlem/pycryptobot/issues/126: POST /orders, status 400",
                "size is too accurate",
            ),
        },
        oddities=(
            "An order that ended without a fill can no longer be looked up.",
            "Fills are asked for one product at a time.",
        ),
        keys_url="https://exchange.coinbase.com/apikeys",
        keys_help=f"{NO_WITHDRAWAL} View and Trade, without Transfer.",
    ),
)

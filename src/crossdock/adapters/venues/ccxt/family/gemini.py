"""Gemini."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    DATA,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PROMPT,
    TRADING,
    Exchange,
    refused,
    same,
)
from crossdock.model import ContractKind, OrderType
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://docs.gemini.com/rest-api/"
_EEA = (
    *("AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE"),
    *("IT", "LV", "LT", "LU", "MT", "NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"),
    *("IS", "LI", "NO"),
)

EXCHANGES = (
    Exchange(
        id="gemini",
        name="Gemini",
        docs_url=_DOCS,
        can=DATA | TRADING | {Can.TRADE_HISTORY, Can.ACCOUNT_HISTORY, Can.FEE_RATES},
        order_types=same(
            (OrderType.LIMIT, OrderType.STOP_LIMIT), ContractKind.SPOT, ContractKind.LINEAR
        ),
        times_in_force=PROMPT,
        evidence=Evidence(
            client_id=IdCodec.TEXT,
            client_id_length=100,
            # https://developer.gemini.com/error-codes (2026-11-21): at most 100 characters.
            # That an id is kept from coming twice, or for how long it finds an order that
            # is done, is not documented where we could read; conservative.
            lookup=Lookup.ANY_ORDER,  # order/status takes client_order_id
            uniqueness=Uniqueness.NONE,
            retention_s=60.0,
            # …/authentication/api-key (2026-11-21): only a nonce in seconds has a window of
            # thirty of them. The one sent here need only rise: a later call ends an earlier.
            arrival_horizon_s=120.0,
            visibility_lag_s=3.0,
            silence_s=8.0,
        ),
        keys=KEY_AND_SECRET,
        environments=("live", "test"),
        # https://developer.gemini.com/rate-limit (2026-11-21): 600 private calls a minute,
        # shared out here among orders and reads, and 120 public ones.
        rate_limits=(
            RateLimit(scope="orders", calls=300, per_s=60.0, reserve=60),
            RateLimit(scope="reads", calls=300, per_s=60.0, reserve=60),
            RateLimit(scope="public", calls=120, per_s=60.0, per_address=True),
        ),
        rejections=refused(
            "https://developer.gemini.com/error-codes",
            "InsufficientFunds",
            "InvalidOrderType",
            "InvalidPrice",
            "InvalidQuantity",
            "InvalidSide",
            "InvalidSymbol",
            "MarketNotOpen",
            "MissingOrderField",
            "OrderNotFound",
            "ClientOrderIdTooLong",
            "ConflictingOptions",
            "InvalidStopPrice",
            "MissingPayloadKey",
            "UnsupportedOption",
        ),
        # Closed there on 2026-04-06, withdrawal only since 2026-03-05: https://
        # www.coinspeaker.com/gemini-slashes-staff-exits-europe-amid-crypto-downturn/
        countries_refused=("GB", "AU", *_EEA),
        oddities=(
            "There are no market orders: a limit order that is immediate or cancelled.",
            "Stops are stop-limits only.",
            "A post-only order that would cross is accepted and cancelled at once.",
            "The heartbeat of a session may cancel every order; keys are made without it.",
        ),
        keys_url="https://exchange.gemini.com/settings/api",
        keys_help=f"{NO_WITHDRAWAL} A key of one account (account-…) with the role Trading, "
        "without Requires Heartbeat.",
    ),
)

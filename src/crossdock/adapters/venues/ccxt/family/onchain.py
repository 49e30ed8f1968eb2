"""Exchanges whose accounts are wallets: dYdX and Hyperliquid."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    TRADING,
    Exchange,
    refused,
    same,
)
from crossdock.model import ContractKind, OrderType, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DYDX = "https://docs.dydx.xyz/"
_HYPERLIQUID = "https://hyperliquid.gitbook.io/hyperliquid-docs/for-developers/api"
_PRICED = (OrderType.LIMIT, OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED)

EXCHANGES = (
    Exchange(
        id="dydx",
        name="dYdX",
        docs_url=_DYDX,
        can=DATA | TRADING | {Can.SERVER_TIME, Can.POSITIONS, Can.ACCOUNT_HISTORY},
        order_types=same((OrderType.LIMIT,), ContractKind.LINEAR),
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC),
        reduce_only=True,
        evidence=Evidence(
            client_id=IdCodec.UINT32,
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.OPEN_ORDERS,  # with subaccount, market and order kind
            # How long done orders are listed, and how far the indexer trails the chain, is
            # not documented where we could read; conservative.
            retention_s=DAY_S,
            # https://github.com/dydxprotocol/v4-chain (2026-11-21): a node forgets what is
            # in no block after forty (protocol/cmd/dydxprotocold/cmd/config.go), each of
            # about a second; ccxt 4.5.90 lets a short-term order end after twenty.
            arrival_horizon_s=120.0,
            visibility_lag_s=5.0,
            silence_s=10.0,
        ),
        keys={
            "wallet": "The dYdX address: dydx1…",
            "wallet_key_secret": "The private key that signs, in hex",
        },
        environments=("live", "test"),
        # https://docs.dydx.exchange/api_integration-trading/rate_limits (2026-11-21): two
        # stateful orders in a block, twenty in a hundred blocks of about a second.
        rate_limits=(
            RateLimit(scope="orders", calls=20, per_s=100.0, reserve=5),
            RateLimit(scope="reads", calls=100, per_s=10.0, reserve=20, per_address=True),
        ),
        rejections=refused(
            "https://github.com/dydxprotocol/v4-chain/blob/main/protocol/x/clob/types/"
            "errors.go",
            "2000",  # fill or kill could not be filled
            "2001",  # reduce-only would increase
            "2002",  # reduce-only would change the side
            "2003",  # post-only would cross
            "2005",  # constraints of an isolated subaccount
            *("3000", "3001", "3002", "3003", "3004", "3006", "3007", "3010"),
            *("5001", "6000", "6001", "9003", "10001"),
        ),
        # https://docs.dydx.xyz/interaction/integration/integration-compliance (2026-11-21)
        countries_refused=("US", "CA", "CU", "IR", "KP", "MM", "SY"),
        oddities=(
            "An order accepted by a node is not yet in a block.",
            "Fills are read from the orders: there is no list of fills by time.",
            "The key signs everything the wallet can do, transfers included.",
            "A client id is a number below 2^32 and may be used again once it is done.",
        ),
        keys_url="https://dydx.trade/",
        keys_help="The wallet's own key can withdraw. Use a wallet that holds only what is "
        "traded with.",
    ),
    Exchange(
        id="hyperliquid",
        name="Hyperliquid",
        docs_url=_HYPERLIQUID,
        can=DATA
        | TRADING
        | {
            Can.SERVER_TIME,
            Can.POSITIONS,
            Can.ACCOUNT_HISTORY,
            Can.FUNDING_RATES,
            Can.FEE_RATES,
        },
        order_types={
            ContractKind.SPOT: (OrderType.LIMIT,),
            ContractKind.LINEAR: _PRICED,
            ContractKind.QUANTO: _PRICED,
        },
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC),
        reduce_only=True,
        evidence=Evidence(
            # …/api/exchange-endpoint, as its readers quote it (2026-11-21): cloid has 128
            # bits; of one that comes twice it says nothing. How long done orders are found
            # is not documented where we could read; conservative.
            client_id=IdCodec.HEX128,
            lookup=Lookup.ANY_ORDER,
            uniqueness=Uniqueness.NONE,
            retention_s=DAY_S,
            # …/api/nonces-and-api-wallets, likewise: a nonce may be two days old, and later
            # ones do not end it until they are a hundred. No expiry is sent: all that ends
            # a call is that a closed connection delivers nothing more.
            arrival_horizon_s=600.0,
            visibility_lag_s=3.0,
            silence_s=8.0,
        ),
        keys={
            "wallet": "The account's address: 0x…",
            "wallet_key_secret": "The private key of an API wallet, in hex",
        },
        environments=("live", "test"),
        # The weight: …/api/rate-limits-and-user-limits, as its readers quote it (2026-11-21).
        rate_limits=(
            RateLimit(scope="all", calls=1200, per_s=60.0, reserve=120, per_address=True),
            RateLimit(scope="orders", calls=100, per_s=10.0, reserve=20),
        ),
        rejections=refused(
            f"{CCXT}/hyperliquid.py",
            "Insufficient margin to place order.",
            "Insufficient spot balance asset",
            "Price must be divisible by tick size.",
            "Order must have minimum value of",
            "Reduce only order would increase position.",
            "Post only order would have immediately matched",
            "Order could not immediately match against any resting orders.",
            "Invalid TP/SL price.",
            "No liquidity available for market order.",
            "Order has invalid size",
            "Order has zero size.",
            "Order price cannot be more than 80% away from the reference price",
            "Order was never placed, already canceled, or filled.",
        ),
        oddities=(
            (
                "Every order has a price: market orders are limit orders that are immediate or "
                "cancelled, and are sent as such."
            ),
            "Prices have five significant digits, whole numbers excepted.",
            "A kPEPE is a thousand PEPE.",
            "An order that is modified gets a new id: no amend is offered.",
            "There is no call that cancels everything: open orders are cancelled one by one.",
        ),
        keys_url="https://app.hyperliquid.xyz/API",
        keys_help="Authorise an API wallet (agent): it can trade and cannot withdraw.",
    ),
)

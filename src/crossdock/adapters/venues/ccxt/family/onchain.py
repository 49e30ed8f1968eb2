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
            # …/indexer/packages/postgres/src/stores/order-table.ts (2026-11-21): the
            # indexer's id of an order is made of ours, so that it can be asked for.
            lookup=Lookup.ANY_ORDER,
            uniqueness=Uniqueness.OPEN_ORDERS,  # with subaccount, market and order kind
            # How long done orders are kept, and how far the indexer trails the chain, is
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
        # v4-chain, protocol/testing/genesis.sh (2026-11-21): two stateful orders in a block,
        # twenty in a hundred blocks of about a second. The chain's own votes may differ.
        rate_limits=(
            RateLimit(scope="orders", calls=20, per_s=100.0, reserve=5),
            RateLimit(scope="reads", calls=100, per_s=10.0, reserve=20, per_address=True),
        ),
        # A code counts in its codespace: those of the order book are clob's.
        rejections=refused(
            "https://github.com/dydxprotocol/v4-chain/blob/main/protocol/x/clob/types/"
            "errors.go",
            "clob:3",  # neither buy nor sell
            "clob:4",  # no quantity
            "clob:5",  # no good-til-block
            "clob:6",  # no price
            "clob:8",  # no such market
            *("clob:10", "clob:11"),  # good until a block that is past, or too far away
            "clob:12",  # price or quantity off its step
            "clob:29",  # a cancel that is good for a shorter time than its order
            *("clob:34", "clob:36"),  # not in the market's present status
            *("clob:44", "clob:48"),  # no such time in force, or not any more
            "clob:2000",  # fill or kill could not be filled
            "clob:2001",  # reduce-only would increase
            "clob:2002",  # reduce-only would change the side
            "clob:2003",  # post-only would cross
            "clob:2005",  # constraints of an isolated subaccount
            *(f"clob:{code}" for code in (3000, 3001, 3002, 3003, 3004, 3006, 3007, 3010)),
            *("clob:6000", "clob:6001", "clob:9003", "clob:10001", "clob:11000"),
        ),
        # https://docs.dydx.xyz/interaction/integration/integration-compliance (2026-11-21)
        countries_refused=("US", "CA", "CU", "IR", "KP", "MM", "SY"),
        oddities=(
            "An order accepted by a node is not yet in a block.",
            "An order ends after 94 days: the chain takes none for longer than 95.",
            "Orders that only reduce have to be immediate or cancelled.",
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
            # bits; of one that comes twice they find nothing there. How long done orders are
            # found is not documented where we could read; conservative.
            client_id=IdCodec.HEX128,
            lookup=Lookup.ANY_ORDER,
            uniqueness=Uniqueness.NONE,
            retention_s=DAY_S,
            # …/api/nonces-and-api-wallets (2026-11-21): the hundred highest nonces of a
            # wallet are kept, and later ones do not end it until they are a hundred; as its
            # readers quote it, a nonce may be two days old. No expiry is sent: all that
            # ends a call is that a closed connection delivers nothing more.
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
            f"{_HYPERLIQUID}/error-responses",
            "Insufficient margin to place order.",
            "Price must be divisible by tick size.",
            "Order must have minimum value of",
            "Reduce only order would increase position.",
            "Post only order would have immediately matched",
            "Order could not immediately match against any resting orders.",
            "Invalid TP/SL price.",
        )
        | refused(
            f"{CCXT}/hyperliquid.py",
            "Insufficient spot balance asset",
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

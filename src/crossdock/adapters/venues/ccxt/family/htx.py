"""HTX, which was Huobi until 2023-09-13."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PROMPT,
    TRADING,
    Exchange,
    refused,
)
from crossdock.model import ContractKind, OrderType
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://huobiapi.github.io/docs/spot/v1/en/"
EXCHANGES = (
    Exchange(
        id="htx",
        name="HTX",
        docs_url=_DOCS,
        can=DATA
        | TRADING
        | {
            Can.SERVER_TIME,
            Can.ACCOUNT_HISTORY,
        },
        order_types={
            ContractKind.SPOT: (
                OrderType.LIMIT,
                OrderType.STOP_LIMIT,
                OrderType.LIMIT_IF_TOUCHED,
            ),
        },
        times_in_force=PROMPT,
        evidence=Evidence(
            client_id=IdCodec.TEXT,
            client_id_length=64,
            lookup=Lookup.ANY_ORDER,
            # https://github.com/huobiapi/docs, branch v1_en of 2021-06-23 (2026-11-21): 64
            # characters; no longer verified; it finds a done order for two hours
            # from when that was made, and any other for eight; a signed time is good for
            # five minutes. How long an order stays invisible is not documented there;
            # conservative.
            uniqueness=Uniqueness.NONE,
            retention_s=7200.0,
            arrival_horizon_s=600.0,
            visibility_lag_s=3.0,
            silence_s=5.0,
        ),
        keys=KEY_AND_SECRET,
        # The same text: 100 in two seconds for orders, 50 for most lists of them.
        rate_limits=(
            RateLimit(scope="orders", calls=100, per_s=2.0, reserve=20),
            RateLimit(scope="reads", calls=50, per_s=2.0, reserve=10),
            RateLimit(scope="public", calls=100, per_s=10.0, per_address=True),
        ),
        rejections=refused(
            f"{CCXT}/htx.py",
            "account-frozen-balance-insufficient-error",
            "order-limitorder-amount-min-error",
            "order-limitorder-amount-max-error",
            "order-marketorder-amount-min-error",
            "order-limitorder-price-min-error",
            "order-limitorder-price-max-error",
            "order-limitorder-price-buy-min-error",
            "order-limitorder-price-buy-max-error",
            "order-limitorder-price-sell-min-error",
            "order-limitorder-price-sell-max-error",
            "order-value-min-error",
            "order-invalid-price",
            "order-orderprice-precision-error",
            "order-holding-limit-failed",
            "order-stop-order-hit-trigger",
            "order-orderstate-error",
            "order-queryorder-invalid",
            "base-record-invalid",
            "base-symbol-error",
            "base-symbol-trade-disabled",
            "symbol trade not open now",
            "invalid-amount",
        )
        | refused(
            "https://github.com/huobiapi/docs, branch v1_en of 2021",
            "account-balance-insufficient-error",
            "order-orderamount-precision-error",
        ),
        oddities=(
            (
                "Spot only here. Contracts have an interface of their own, whose open orders "
                "and streams were never proven: they are not offered."
            ),
            (
                "A market buy says how much money to spend, not how much to buy: orders "
                "at market are not offered. Send a limit order that is immediate or "
                "cancelled."
            ),
            (
                "A client order id is never checked for being unique. It finds a done order for "
                "two hours from when that was made, and an open one for eight."
            ),
            "Stops are stop-limits with a direction.",
            "A stop that waits, and its end before it triggered, is not told on the stream.",
            "No practice site: point `url` at a simulator.",
        ),
        keys_url="https://www.htx.com/en-us/apikey/",
        keys_help=f"{NO_WITHDRAWAL} Read-only and Trade.",
    ),
)

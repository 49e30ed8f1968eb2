"""KuCoin spot, and its futures exchange."""

from dataclasses import replace

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    NO_WITHDRAWAL,
    PLAIN,
    PROMPT,
    STOPS,
    TOUCHED,
    TRADING,
    WITH_PASSPHRASE,
    Exchange,
    refused,
    same,
)
from crossdock.model import ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Uniqueness

_DOCS = "https://www.kucoin.com/docs-new/introduction"
_TYPES = (*PLAIN, *STOPS, *TOUCHED)
_PUBLIC = RateLimit(scope="public", calls=2000, per_s=30.0, per_address=True)

_SPOT = Exchange(
    id="kucoin",
    name="KuCoin",
    docs_url=_DOCS,
    can=DATA
    | TRADING
    | {
        Can.SERVER_TIME,
        Can.ACCOUNT_HISTORY,
        Can.BORROWING,
        Can.TRANSFERS,
        Can.SUB_ACCOUNTS,
        Can.FEE_RATES,
        Can.KEY_RIGHTS,
    },
    order_types=same(_TYPES, ContractKind.SPOT),
    times_in_force=PROMPT,
    evidence=Evidence(
        # https://github.com/Kucoin/kucoin-universal-sdk, spec/rest (2026-11-21): 40 letters,
        # digits, hyphens, underscores, asked not to come twice; whether a second one is
        # refused it leaves open. How long done orders are found by it, and how long one
        # stays invisible, is not documented where we could read; conservative.
        client_id=IdCodec.TEXT,
        client_id_length=40,
        lookup=Lookup.ANY_ORDER,
        uniqueness=Uniqueness.NONE,
        retention_s=DAY_S,
        # ccxt 4.5.90 on 400002, and KuCoin's older documentation: KC-API-TIMESTAMP may
        # differ by five seconds, either way.
        arrival_horizon_s=10.0,
        visibility_lag_s=3.0,
        silence_s=5.0,
    ),
    keys=WITH_PASSPHRASE,
    # https://www.kucoin.com/docs-new/rate-limit (2026-11-21): the lowest level, VIP0.
    rate_limits=(
        RateLimit(scope="all", calls=4000, per_s=30.0, reserve=400),
        _PUBLIC,
    ),
    rejections=refused(
        f"{CCXT}/kucoin.py",
        "200004",  # the balance does not suffice
        "400100",  # the order does not exist or may not be cancelled; a wrong parameter
        "400330",  # the price is out of bounds
        "400350",  # at most a number of stops
        "400370",  # at most a price
        "400600",  # an order type or market that is not open
        "400760",  # the size or price does not fit its step
        "600100",  # funds
        "600101",  # too small
        "100001",  # no such order
        "130103",
        "130308",
        "130309",
        "130311",
        "130312",
        "130313",
        "130314",
        "210014",
        "210021",
        "260100",
    )
    | refused(
        "https://github.com/Kucoin/kucoin-api-docs of June 2023",
        "900001",  # no such market
    ),
    oddities=(
        "An order that is modified is cancelled and made anew: no amend is offered.",
        "Stops live apart until they trigger, under ids of their own.",
        "Fills are listed for at most seven days a question.",
        "No practice site: point `url` at a simulator.",
    ),
    keys_url="https://www.kucoin.com/account/api",
    keys_help=f"{NO_WITHDRAWAL} General and Spot Trading; Margin where it is wanted.",
)

EXCHANGES = (
    _SPOT,
    replace(
        _SPOT,
        id="kucoinfutures",
        name="KuCoin Futures",
        can=DATA
        | TRADING
        | {
            Can.SERVER_TIME,
            Can.ACCOUNT_HISTORY,
            Can.POSITIONS,
            Can.LEVERAGE,
            Can.MARGIN_MODE,
            Can.TRANSFERS,
            Can.FUNDING_RATES,
            Can.FEE_RATES,
            Can.KEY_RIGHTS,
        },
        order_types=same(_TYPES, ContractKind.LINEAR, ContractKind.INVERSE),
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC),
        reduce_only=True,
        rate_limits=(replace(_SPOT.rate_limits[0], calls=2000, reserve=200), _PUBLIC),
        rejections=refused(
            f"{CCXT}/kucoin.py",
            "300000",  # a wrong parameter of an order
            "300003",  # the balance does not suffice
            "300009",  # no position to close
            "300011",  # the price is too high
            "300012",  # the price is too low
            "330005",  # the position mode differs
            "330008",  # the margin does not suffice
            "330012",
            "100001",
            "100004",  # no order to cancel
            "400100",
            "400760",
        ),
        oddities=(
            "Quantities are contracts (lots) whose size differs from one to another.",
            "Stops live apart until they trigger.",
            "Fills are listed for at most seven days a question.",
            "No practice site: point `url` at a simulator.",
        ),
        keys_help=f"{NO_WITHDRAWAL} General and Futures Trading.",
    ),
)

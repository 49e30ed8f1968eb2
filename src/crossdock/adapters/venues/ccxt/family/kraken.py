"""Kraken spot, and its futures exchange."""

from crossdock.adapters.venues.ccxt.family.exchange import (
    CCXT,
    DATA,
    DAY_S,
    EVERY_TYPE,
    KEY_AND_SECRET,
    NO_WITHDRAWAL,
    PLAIN,
    STOPS,
    TOUCHED,
    TRADING,
    Exchange,
    refused,
    same,
)
from crossdock.model import Contingency, ContractKind, TimeInForce
from crossdock.ports import Can, Evidence, IdCodec, Lookup, RateLimit, Setting, Uniqueness

_SPOT = "https://docs.kraken.com/exchange/api-reference"
_FUTURES = "https://docs.kraken.com/exchange/guides/futures/rest"
_REFUSED = (
    *("AF", "BY", "CD", "CG", "CU", "IR", "IQ", "JP", "KP", "LY", "RU", "SD", "SS"),
    *("SY", "TJ"),
)
"""An older copy of https://support.kraken.com/hc/articles/360001368823, and for BY, JP, RU,
SD and SS what https://datawallet.com/crypto/kraken-countries quotes of Kraken's list of
prohibited regions (2026-11-21). The list itself could not be opened."""

EXCHANGES = (
    Exchange(
        id="kraken",
        name="Kraken",
        docs_url=_SPOT,
        can=DATA
        | TRADING
        | {
            Can.REPLACE,
            Can.SERVER_TIME,
            Can.TRADE_HISTORY,
            Can.ACCOUNT_HISTORY,
            Can.FEE_RATES,
            Can.EARN,
            Can.KEY_RIGHTS,
        },
        order_types=same(EVERY_TYPE, ContractKind.SPOT),
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC, TimeInForce.GTD),
        contingencies=(Contingency.OTO,),
        most_legs=1,
        evidence=Evidence(
            # https://docs.kraken.com/exchange/guides/general/clordid (2026-11-21): a UUID,
            # or free text of 18 characters; unique among open orders.
            client_id=IdCodec.UUID,
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.OPEN_ORDERS,
            # How long done orders are listed is not documented where we could read, nor how
            # long one stays invisible; conservative.
            retention_s=30 * DAY_S,
            # …/api/docs/rest-api/add-order and …/guides/spot-errors (2026-11-21): an order
            # ends with its deadline, "default or specified", of a minute at most.
            arrival_horizon_s=60.0,
            visibility_lag_s=5.0,
            silence_s=8.0,
        ),
        keys={
            "key": "The API key",
            "key_secret": "The private key, which signs every call",
        },
        settings={
            "otp_password_secret": Setting(
                help="The password of the key's two-factor authentication, where it has one",
                default="",
            ),
            "otp_setup_key_secret": Setting(
                help="In its place, the setup key its authenticator app was given",
                default="",
            ),
        },
        # https://docs.kraken.com/exchange/guides/rest/ratelimits (2026-11-21): a counter of
        # 20 that falls by one in two seconds, at the level Intermediate, of which histories
        # take two (and five seconds are spared for calls that arrive unevenly); and
        # …/guides/general/ratelimits: the engine's own, 60 for each pair at the lowest.
        rate_limits=(
            RateLimit(scope="orders", calls=60, per_s=60.0, reserve=20),
            # Cancels are not counted here, only the look-ups behind them are.
            RateLimit(scope="reads", calls=20, per_s=45.0, reserve=2),
            RateLimit(scope="public", calls=1, per_s=1.0, per_address=True),
        ),
        rejections=refused(
            "https://docs.kraken.com/api/docs/guides/spot-errors",
            "EOrder:Insufficient funds",
            "EOrder:Insufficient margin",
            "EOrder:Order minimum not met",
            "EOrder:Cost minimum not met",
            "EOrder:Tick size check failed",
            "EOrder:Invalid price",
            "EOrder:Reduce only:Non-PC",
            "EOrder:Reduce only:No position exists",
            "EOrder:Unknown position",
            "EOrder:Orders limit exceeded",
            "EOrder:Positions limit exceeded",
            "EOrder:Margin allowance exceeded",
            "EOrder:Margin level too low",
            "EOrder:Margin position size exceeded",
            "EGeneral:Invalid arguments",
            "EService:Market in cancel_only mode",
            "EService:Market in post_only mode",
            "EService:Deadline elapsed",
        )
        | refused(
            f"{CCXT}/kraken.py",
            "EOrder:Invalid price:Invalid price argument",
            "EOrder:Unknown order",
            "EGeneral:Invalid arguments:price",
            "EQuery:Invalid asset pair",
        )
        # In no list of Kraken's that we could read: other clients quote or expect them.
        | refused(
            "https://docs.rs/kraapi and other clients of the API",
            "price can only be specified up to",
            "EOrder:Post only order",
            "EGeneral:Invalid arguments:volume",
            "EGeneral:Invalid arguments:volume minimum not met",
            "EGeneral:Invalid arguments:ordertype",
            "EQuery:Unknown asset pair",
        ),
        countries_refused=_REFUSED,
        oddities=(
            "Every call carries a nonce that must rise: one key serves one process.",
            "The rate is a counter that decays; lists of trades cost double.",
            "BTC is XBT in the exchange's own ids.",
            "Margin is a property of an order (leverage), not of an account.",
            "No practice site for spot: point `url` at a simulator.",
            (
                "A key may ask for a second factor at every call: give the password in "
                "`otp_password_secret`, or in `otp_setup_key_secret` what its authenticator "
                "app was set up with."
            ),
        ),
        keys_url="https://pro.kraken.com/app/settings/api",
        keys_help=f"{NO_WITHDRAWAL} Query funds, query open and closed orders, create and "
        "cancel orders; for streams, access WebSockets.",
    ),
    Exchange(
        id="krakenfutures",
        name="Kraken Futures",
        docs_url=_FUTURES,
        can=DATA
        | TRADING
        | {
            Can.REPLACE,
            Can.POSITIONS,
            Can.LEVERAGE,
            Can.FUNDING_RATES,
        },
        order_types=same(
            (*PLAIN, *STOPS, *TOUCHED), ContractKind.LINEAR, ContractKind.INVERSE
        ),
        times_in_force=(TimeInForce.GTC, TimeInForce.IOC),
        reduce_only=True,
        evidence=Evidence(
            # https://docs.kraken.com/api/docs/futures-api/trading/send-order (2026-11-21): at
            # most 100 characters, and "must be globally unique". No processBefore is sent:
            # when a call comes too late is not documented where we could read, nor how far
            # back the history of orders goes; conservative.
            client_id=IdCodec.TEXT,
            client_id_length=100,
            lookup=Lookup.ECHOED_TAG,
            uniqueness=Uniqueness.OPEN_ORDERS,
            retention_s=DAY_S,
            arrival_horizon_s=120.0,
            visibility_lag_s=5.0,
            silence_s=5.0,
        ),
        keys=KEY_AND_SECRET,
        environments=("live", "test"),
        # https://docs.kraken.com/exchange/guides/futures/ratelimits (2026-11-21): 500 in ten
        # seconds, of which an order costs 10, a list of fills 2 or 25, a cancel of
        # everything 25; histories have a hundred in ten minutes.
        rate_limits=(
            RateLimit(scope="derivatives", calls=500, per_s=10.0, reserve=100),
            RateLimit(scope="history", calls=100, per_s=600.0, reserve=20),
        ),
        rejections=refused(
            "https://docs.kraken.com/api/docs/futures-api/trading/send-order",
            "insufficientAvailableFunds",
            "insufficientFunds",
            "invalidPrice",
            "invalidSize",
            "invalidOrderType",
            "invalidSide",
            "invalidArgument",
            "requiredArgumentMissing",
            "marketSuspended",
            "marketInactive",
            "marketIsPostOnly",
            "postWouldExecute",
            "iocWouldNotExecute",
            "wouldNotReducePosition",
            "wouldCauseLiquidation",
            "outsidePriceCollar",
            "maxPositionViolation",
            "tooManySmallOrders",
            "tooManyOrders",
            "selfFill",
            "clientOrderIdTooLong",
            "clientOrderIdTooBig",
            "clientOrderIdInvalid",
            "wouldIncreasePriceDislocation",
            "wouldProcessAfterSpecifiedTime",
            "fixedLeverageTooHigh",
            "cannotEditTriggerPriceOfTrailingStop",
            "cannotEditLimitPriceOfTrailingStop",
            "notFound",
            "orderForEditNotFound",
            "orderForEditNotAStop",
            "filled",  # a cancel that came too late
        )
        | refused(f"{CCXT}/krakenfutures.py", "INSUFFICIENT_MARGIN", "contractNotFound"),
        countries_refused=_REFUSED,
        oddities=(
            "One contract of an inverse perpetual is one dollar; of a PF one, one coin.",
            "A post-only order that would cross is answered with postWouldExecute.",
            "Looked up by their ids, orders vanish five seconds after they ended.",
        ),
        keys_url="https://futures.kraken.com/trade/settings/api",
        keys_help=f"{NO_WITHDRAWAL} General API full access, withdrawals without access.",
    ),
)

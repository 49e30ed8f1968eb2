"""What is declared of each exchange holds together, and agrees with the installed ccxt."""

import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import ccxt
import ccxt.pro
import msgspec
import pytest

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.exchanges import quirks_of
from crossdock.adapters.venues.ccxt.family import (
    exchanges,
    generic,
    order_types_of,
    studied,
)
from crossdock.model import ContractKind, OrderType, TimeInForce
from crossdock.ports import Can, IdCodec, Lookup, Tier

MANIFESTS = {each.id: each for each in family(Path())}
STUDIED = sorted(studied())
NAMED = (
    *("binance", "binanceusdm", "binancecoinm", "coinbase", "coinbaseexchange", "kraken"),
    *("krakenfutures", "bitstamp", "bitfinex", "gemini", "htx", "okx", "bybit", "kucoin"),
    *("kucoinfutures", "deribit", "dydx", "hyperliquid"),
)
INSIDE = ("binanceoptions",)  # what ccxt has inside another exchange
OURS = {"binanceoptions": {"fetchOptionChain"}}  # what its quirks put in place of ccxt's
COUSINS = ("binanceus", "bybiteu", "myokx", "okxus")
LENGTHS = {
    "binance": 36,
    "binanceoptions": 36,
    "bitstamp": 36,
    "bybit": 36,
    "gemini": 100,
    "htx": 64,
    "kucoin": 40,
    "okx": 32,
}
CODECS = {
    "coinbase": IdCodec.UUID,
    "kraken": IdCodec.UUID,
    "bitfinex": IdCodec.UINT32,
    "dydx": IdCodec.UINT32,
    "hyperliquid": IdCodec.HEX128,
    "deribit": IdCodec.TEXT,
}


def test_the_family_is_every_exchange_of_ccxt_without_those_of_other_adapters():
    assert set(MANIFESTS) == {*ccxt.exchanges, *INSIDE} - set(generic.ELSEWHERE)
    assert set(STUDIED) == {*NAMED, *COUSINS, *INSIDE}


def of_ccxt(module, name):
    return getattr(module, quirks_of(name).ccxt_id or name)()


def test_listing_the_family_imports_nothing_of_ccxt():
    script = (
        "import sys\n"
        "from pathlib import Path\n"
        "from crossdock.adapters.venues.ccxt import family\n"
        "assert list(family(Path()))\n"
        "print(sorted(name for name in sys.modules if name.partition('.')[0] == 'ccxt'))\n"
    )
    ran = subprocess.run(
        (sys.executable, "-c", script), capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "[]"


def test_the_file_of_exchanges_nobody_studied_agrees_with_the_installed_ccxt():
    rows = generic.rows_of(ccxt, ccxt.pro)
    text = (Path(generic.__file__).with_name(generic.FILE)).read_bytes()
    kept = msgspec.json.decode(text, type=generic.Rows)
    assert kept.ccxt == ccxt.__version__
    assert {row.id: row for row in kept.rows} == {row.id: row for row in rows.rows}
    assert text == generic.encoded(rows)


@pytest.mark.parametrize("name", sorted(set(MANIFESTS) - set(STUDIED)))
def test_an_exchange_nobody_studied_is_believed_nothing(name):
    manifest = MANIFESTS[name]
    assert manifest.tier is Tier.REPLAYED
    assert not manifest.rejection_codes
    assert Can.REPLACE not in manifest.can
    if manifest.evidence is not None:
        assert manifest.evidence.lookup is Lookup.NONE
        assert manifest.evidence.client_id is IdCodec.NONE


@pytest.mark.parametrize("name", STUDIED)
def test_what_is_declared_is_in_ccxt_too(name):
    has = of_ccxt(ccxt.pro, name).has
    can = MANIFESTS[name].can
    needed = {
        Can.SERVER_TIME: ("fetchTime",),
        Can.BAR_HISTORY: ("fetchOHLCV",),
        Can.TRADE_HISTORY: ("fetchTrades",),
        Can.REPLACE: ("editOrder",),
        Can.BALANCES: ("fetchBalance",),
        Can.POSITIONS: ("fetchPositions",),
        Can.MARGIN_MODE: ("setMarginMode",),
        Can.LEVERAGE: ("setLeverage",),
        Can.TRANSFERS: ("transfer", "fetchTransfers"),
        Can.BORROWING: ("borrowCrossMargin", "repayCrossMargin", "fetchBorrowInterest"),
        Can.OPTION_CHAINS: ("fetchOptionChain",),
        Can.FUNDING_RATES: ("fetchFundingRateHistory",),
    }
    for ability, methods in needed.items():
        if ability in can:
            for method in set(methods) - OURS.get(name, set()):
                assert has.get(method) is True, (ability, method)
    if Can.FEE_RATES in can:
        assert has.get("fetchTradingFee") is True or has.get("fetchTradingFees") is True
    if Can.ACCOUNT_HISTORY in can:
        assert quirks_of(name).events


@pytest.mark.parametrize("name", STUDIED)
def test_order_types_are_in_the_features_of_ccxt_or_said_by_our_quirks(name):
    exchange = of_ccxt(ccxt, name)
    spoken = {
        # In no feature, though an order of ccxt says them: see the quirks' sources.
        "coinbaseexchange": {OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED},
        "krakenfutures": {OrderType.MARKET_IF_TOUCHED, OrderType.LIMIT_IF_TOUCHED},
        "htx": {OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED},
        "hyperliquid": {OrderType.STOP_LIMIT, OrderType.LIMIT_IF_TOUCHED},
        "deribit": set(OrderType),
        # trailingDelta, which features leave out
        "binance": {OrderType.TRAILING_STOP},
        "binanceus": {OrderType.TRAILING_STOP},
    }.get(name, set())
    for kind, types in studied()[name].order_types.items():
        if kind in (ContractKind.OPTION, ContractKind.QUANTO):
            continue
        market = "spot" if kind is ContractKind.SPOT else "swap"
        sub = None if kind is ContractKind.SPOT else kind.value
        told = exchange.feature_value_by_type(market, sub, "createOrder") or {}
        for each in set(types) - {OrderType.MARKET, OrderType.LIMIT} - spoken:
            asked = {
                OrderType.STOP: ("stopLossPrice", "triggerPrice"),
                OrderType.STOP_LIMIT: ("stopLossPrice", "triggerPrice"),
                OrderType.MARKET_IF_TOUCHED: ("takeProfitPrice", "triggerPrice"),
                OrderType.LIMIT_IF_TOUCHED: ("takeProfitPrice", "triggerPrice"),
                OrderType.TRAILING_STOP: ("trailing",),
            }[each]
            assert not told or any(told.get(it) for it in asked), (kind, each)


@pytest.mark.parametrize("name", STUDIED)
def test_a_studied_exchange_tells_its_sources_its_keys_and_its_oddities(name):
    manifest = MANIFESTS[name]
    assert manifest.requires == ("ccxt",)
    assert manifest.docs_url.startswith("https://")
    assert manifest.keys_url.startswith("https://")
    assert "withdraw" in manifest.keys_help
    assert manifest.oddities
    assert all(len(it) == 2 and it.isupper() for it in manifest.countries_refused)
    for source in manifest.rejection_codes.values():
        assert source.startswith("https://")
        assert source.endswith(("(2026-11-21)", "(2026-11-22)"))
    assert find_spec(f"crossdock.adapters.venues.ccxt.exchanges.{name}") is not None


@pytest.mark.parametrize("name", STUDIED)
def test_every_key_ccxt_needs_has_a_setting_and_every_secret_is_called_one(name):
    manifest = MANIFESTS[name]
    exchange = of_ccxt(ccxt, name)
    keys = quirks_of(name).keys
    for credential, is_needed in exchange.requiredCredentials.items():
        if is_needed:
            assert keys[credential] in manifest.settings
    for credential in ("secret", "password", "privateKey"):
        if credential in keys:
            assert keys[credential].endswith("_secret")
    places = manifest.settings["environment"].choices
    if name not in INSIDE:  # a practice site may be the other part's alone
        assert ("test" in places) == bool(exchange.urls.get("test"))


@pytest.mark.parametrize("name", STUDIED)
def test_client_ids_have_the_form_the_exchange_documents(name):
    evidence = MANIFESTS[name].evidence
    if name in CODECS:
        assert evidence.client_id is CODECS[name]
    if name in LENGTHS:
        assert evidence.client_id is IdCodec.TEXT
        assert evidence.client_id_length == LENGTHS[name]


@pytest.mark.parametrize("name", STUDIED)
def test_a_code_that_says_an_id_is_taken_is_no_proof_of_a_refusal(name):
    taken = set(quirks_of(name).duplicate_codes)
    assert not taken & set(MANIFESTS[name].rejection_codes)


@pytest.mark.parametrize("name", STUDIED)
def test_legs_are_declared_with_the_pair_they_form(name):
    manifest = MANIFESTS[name]
    assert bool(manifest.contingencies) == (manifest.most_legs > 0)


def test_an_exchange_that_does_not_say_what_it_takes_leaves_it_to_its_manifest():
    assert order_types_of("nowhere", ContractKind.SPOT) is None
    assert order_types_of("okx", ContractKind.QUANTO) is None
    assert all(it.times_in_force for it in exchanges().values() if it.order_types)


def test_good_till_date_is_declared_only_where_its_end_can_be_said():
    said = {name for name in STUDIED if TimeInForce.GTD in MANIFESTS[name].times_in_force}
    assert said == {
        *("binanceusdm", "binancecoinm", "coinbase", "kraken", "bitstamp", "bitfinex"),
    }

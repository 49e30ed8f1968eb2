"""What a request of ccxt's takes from our budget, by endpoint and by who it is counted for."""

from pathlib import Path

import pytest

from crossdock.adapters.venues.ccxt import family
from crossdock.adapters.venues.ccxt.exchanges.contract import is_public
from crossdock.adapters.venues.ccxt.exchanges.ways import Cost
from crossdock.adapters.venues.ccxt.session import quirks_of
from crossdock.adapters.venues.ccxt.wire.driver import load_ccxt
from crossdock.toolkit.rateline import room_of

FAMILY = {it.id: it for it in family(Path())}
LIMITED_IN_PUBLIC = [
    name
    for name, manifest in FAMILY.items()
    if any(limit.scope == "public" for limit in manifest.rate_limits)
]
WEIGHTS = [
    ("kraken", "POST", "private", "TradesHistory", False, "reads", 2),
    ("kraken", "POST", "private", "Ledgers", False, "reads", 2),
    ("kraken", "POST", "private", "BalanceEx", False, "reads", 1),
    ("kraken", "POST", "private", "AddOrder", True, "orders", 1),
    ("kraken", "GET", "public", "AssetPairs", False, "public", 1),
    ("binance", "GET", "private", "myTrades", False, "all", 20),
    ("binance", "GET", "private", "account", False, "all", 20),
    ("binance", "GET", "public", "exchangeInfo", False, "all", 20),
    ("binance", "POST", "private", "order", True, "orders", 1),
    ("binance", "GET", "sapi", "capital/withdraw/history", False, "uid", 18_000),
    ("binance", "GET", "sapi", "capital/deposit/hisrec", False, "sapi", 1),
    ("binance", "GET", "sapi", "margin/capital-flow", False, "sapi", 100),
    ("krakenfutures", "GET", "private", "fills", False, "derivatives", 25),
    ("krakenfutures", "GET", "public", "instruments", False, "public", 1),
    ("coinbase", "GET", "v3/private", "brokerage/accounts", False, "reads", 1),
    ("coinbase", "GET", "v3/public", "brokerage/time", False, "public", 1),
]


def weight_of(exchange, api, method, path):
    """Return the cost ccxt gives an endpoint."""
    driver = load_ccxt(exchange)()
    found = driver.describe()["api"]
    for part in api.split("/"):
        found = found[part]
    told = found[method.lower()][path]
    return float(told["cost"] if isinstance(told, dict) else told)


@pytest.mark.parametrize(
    ("exchange", "method", "api", "path", "is_write", "scope", "weight"), WEIGHTS
)
def test_an_endpoint_costs_what_its_exchange_says(
    exchange, method, api, path, is_write, scope, weight
):
    cost = quirks_of(exchange).cost(
        method,
        path,
        api=api,
        is_write=is_write,
        weight=weight_of(exchange, api, method, path) or 1.0,
    )
    assert cost == Cost(scope=scope, weight=weight)
    for limit in FAMILY[exchange].rate_limits:
        if limit.scope == scope:
            assert weight <= min(room_of(limit.calls, limit.reserve))


@pytest.mark.parametrize("exchange", LIMITED_IN_PUBLIC)
def test_where_public_calls_have_a_limit_they_are_charged_to_it(exchange):
    cost = quirks_of(exchange).cost("GET", "x", api="public", is_write=False, weight=1.0)
    assert cost.scope == "public"


@pytest.mark.parametrize(
    ("api", "public"),
    [
        ("public", True),
        ("v3/public", True),
        ("fapiPublic", True),
        ("webExchange", True),
        ("zendesk", True),
        ("private", False),
        ("v1/private", False),
        ("sapi", False),
        ("indexer", False),
    ],
)
def test_an_api_is_public_by_its_name(api, public):
    assert is_public(api) is public

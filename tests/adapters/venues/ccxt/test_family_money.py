"""What keys may do, who is beneath an account and what idle assets earn, as each tells it."""

import asyncio
from decimal import Decimal
from types import SimpleNamespace

import pytest

from crossdock.adapters.venues.ccxt.exchanges import quirks_of
from crossdock.model import Asset, EarnHolding, EarnKind, EarnOffer, MovementKind, Right

D = Decimal
CONTEXT = SimpleNamespace(account="main")


class Told:
    """Answers each endpoint with what it was given, and notes what it was asked."""

    def __init__(self, **replies):
        self.replies = replies
        self.asked = []

    def __getattr__(self, name):
        if name not in self.replies:
            raise AttributeError(name)

        async def ask(params=None):
            self.asked.append((name, params))
            reply = self.replies[name]
            return reply.pop(0) if isinstance(reply, list) else reply

        return ask

    def safe_currency_code(self, name):
        return {"XXBT": "BTC"}.get(name, name)

    def uuid(self):
        return "an-id"


RIGHTS = {
    "binance": (
        "sapi_get_account_apirestrictions",
        {
            "enableReading": True,
            "enableSpotAndMarginTrading": True,
            "enableWithdrawals": True,
            "permitsUniversalTransfer": False,
            "ipRestrict": True,
        },
        {Right.READ, Right.TRADE, Right.WITHDRAW},
        True,
    ),
    "binanceusdm": (
        "sapi_get_account_apirestrictions",
        {"enableReading": "true", "enableFutures": "true", "enableWithdrawals": "false"},
        {Right.READ, Right.TRADE},
        False,
    ),
    "coinbase": (
        "v3_private_get_brokerage_key_permissions",
        {"can_view": True, "can_trade": True, "can_transfer": True},
        {Right.READ, Right.TRADE, Right.TRANSFER, Right.WITHDRAW},
        None,
    ),
    "okx": (
        "private_get_account_config",
        {"data": [{"perm": "read_only,trade", "ip": ""}]},
        {Right.READ, Right.TRADE, Right.TRANSFER},
        False,
    ),
    "bybit": (
        "private_get_v5_user_query_api",
        {
            "result": {
                "readOnly": 0,
                "permissions": {"Spot": ["SpotTrade"], "Wallet": ["Withdraw"]},
                "ips": ["1.2.3.4"],
            }
        },
        {Right.READ, Right.TRADE, Right.WITHDRAW},
        True,
    ),
    "kucoin": (
        "private_get_user_api_key",
        {"data": {"permission": "General,Spot,Withdrawal", "ipWhitelist": "1.2.3.4"}},
        {Right.READ, Right.TRADE, Right.WITHDRAW},
        True,
    ),
    "bitfinex": (
        "private_post_auth_r_permissions",
        {"rows": [["orders", 1, 1], ["wallets", 1, 0], ["withdraw", 1, 1]]},
        {Right.READ, Right.TRADE, Right.WITHDRAW},
        None,
    ),
}


@pytest.mark.parametrize("name", RIGHTS)
def test_a_key_that_may_withdraw_is_told_from_one_that_may_not(name):
    endpoint, reply, rights, bound = RIGHTS[name]
    reply = [reply["rows"]] if "rows" in reply else reply
    found = asyncio.run(quirks_of(name).key_rights(Told(**{endpoint: reply}), CONTEXT))
    assert found.rights == rights
    assert found.is_address_bound is bound


SUBS = {
    "binance": (
        "sapi_get_sub_account_list",
        {"subAccounts": [{"email": "a@b.c", "subUserId": 7, "isFreeze": True}]},
        ("a@b.c", "7", True),
    ),
    "okx": (
        "private_get_users_subaccount_list",
        {"data": [{"subAcct": "desk", "uid": "7", "enable": True}]},
        ("desk", "7", False),
    ),
    "bybit": (
        "private_get_v5_user_query_sub_members",
        {"result": {"subMembers": [{"username": "desk", "uid": 7, "status": 2}]}},
        ("desk", "7", True),
    ),
    "kucoin": (
        "private_get_sub_user",
        {"data": [{"subName": "desk", "userId": "7"}]},
        ("desk", "7", False),
    ),
}


@pytest.mark.parametrize("name", SUBS)
def test_accounts_beneath_an_account_are_listed(name):
    endpoint, reply, expected = SUBS[name]
    (found,) = asyncio.run(quirks_of(name).sub_accounts(Told(**{endpoint: reply}), CONTEXT))
    assert (found.name, found.venue_id, found.is_frozen) == expected


OFFERS = {
    "binance": (
        "sapi_get_simple_earn_flexible_list",
        {
            "rows": [
                {
                    "productId": "BTC001",
                    "asset": "BTC",
                    "latestAnnualPercentageRate": "0.035",
                    "minPurchaseAmount": "0.01",
                    "canPurchase": True,
                    "isSoldOut": False,
                }
            ]
        },
        EarnOffer(
            offer_id="BTC001",
            kind=EarnKind.SAVINGS,
            asset=Asset("BTC"),
            rate=D("0.035"),
            min_amount=D("0.01"),
        ),
    ),
    "okx": (
        "public_get_finance_savings_lending_rate_summary",
        {"data": [{"ccy": "BTC", "estRate": "0.035"}]},
        EarnOffer(
            offer_id="savings:BTC",
            kind=EarnKind.SAVINGS,
            asset=Asset("BTC"),
            rate=D("0.035"),
        ),
    ),
    "bybit": (
        "public_get_v5_earn_product",
        {
            "result": {
                "list": [
                    {
                        "productId": 430,
                        "coin": "BTC",
                        "estimateApr": "3.5%",
                        "minStakeAmount": "0.01",
                        "maxStakeAmount": "",
                        "status": "Available",
                    }
                ]
            }
        },
        EarnOffer(
            offer_id="430",
            kind=EarnKind.SAVINGS,
            asset=Asset("BTC"),
            rate=D("0.035"),
            min_amount=D("0.01"),
        ),
    ),
    "kraken": (
        "private_post_earn_strategies",
        {
            "result": {
                "items": [
                    {
                        "id": "ESRFUO3",
                        "asset": "XXBT",
                        "apr_estimate": {"low": "3.5", "high": "5"},
                        "user_min_allocation": "0.01",
                        "lock_type": {"type": "bonded", "unbonding_period": 86400},
                        "can_allocate": True,
                    }
                ]
            }
        },
        EarnOffer(
            offer_id="ESRFUO3",
            kind=EarnKind.STAKING,
            asset=Asset("BTC"),
            rate=D("0.035"),
            min_amount=D("0.01"),
            lock_s=86400,
        ),
    ),
}


@pytest.mark.parametrize("name", OFFERS)
def test_an_offer_is_read_with_its_rate_as_a_fraction_a_year(name):
    endpoint, reply, expected = OFFERS[name]
    offers = asyncio.run(
        quirks_of(name).earn_offers(Told(**{endpoint: reply}), CONTEXT, None)
    )
    assert list(offers) == [expected]


HOLDINGS = {
    "binance": (
        "sapi_get_simple_earn_flexible_position",
        {
            "rows": [
                {
                    "productId": "BTC001",
                    "asset": "BTC",
                    "totalAmount": "1.5",
                    "cumulativeTotalRewards": "0.1",
                }
            ]
        },
    ),
    "okx": (
        "private_get_finance_savings_balance",
        {"data": [{"ccy": "BTC", "amt": "1.5", "earnings": "0.1"}]},
    ),
    "bybit": (
        "private_get_v5_earn_position",
        {
            "result": {
                "list": [
                    {"productId": 430, "coin": "BTC", "amount": "1.5", "totalPnl": "0.1"},
                    {"productId": 431, "coin": "BTC", "amount": "0", "totalPnl": ""},
                ]
            }
        },
    ),
    "kraken": (
        "private_post_earn_allocations",
        {
            "result": {
                "items": [
                    {
                        "strategy_id": "ESRFUO3",
                        "native_asset": "XXBT",
                        "amount_allocated": {"total": {"native": "1.5"}},
                        "total_rewarded": {"native": "0.1"},
                    }
                ]
            }
        },
    ),
}


@pytest.mark.parametrize("name", HOLDINGS)
def test_what_was_left_to_earn_is_read_exactly(name):
    endpoint, reply = HOLDINGS[name]
    (held,) = asyncio.run(quirks_of(name).earn_holdings(Told(**{endpoint: reply}), CONTEXT))
    assert (held.asset, held.amount, held.earned) == ("BTC", D("1.5"), D("0.1"))
    assert held.offer_id == OFFERS[name][2].offer_id


MOVES = {
    "binance": (
        "sapi_post_simple_earn_flexible_subscribe",
        {"purchaseId": 40607, "success": True},
        "sapi_post_simple_earn_flexible_redeem",
        {"redeemId": 40607, "success": True},
        ("40607", True),
    ),
    "okx": (
        "private_post_finance_savings_purchase_redempt",
        {"code": "0"},
        "private_post_finance_savings_purchase_redempt",
        {"code": "0"},
        ("", True),
    ),
    "bybit": (
        "private_post_v5_earn_place_order",
        {"result": {"orderId": "40607"}},
        "private_post_v5_earn_place_order",
        {"result": {"orderId": "40607"}},
        ("40607", False),
    ),
    "kraken": (
        "private_post_earn_allocate",
        {"result": True},
        "private_post_earn_deallocate",
        {"result": True},
        ("", False),
    ),
}


@pytest.mark.parametrize("name", MOVES)
def test_money_is_asked_to_move_once_and_told_by_its_own_id(name):
    subscribe, put, redeem, taken, (number, is_done) = MOVES[name]
    offer = OFFERS[name][2]
    holding = EarnHolding(
        account=CONTEXT.account,
        offer_id=offer.offer_id,
        kind=offer.kind,
        asset=offer.asset,
        amount=D("1.5"),
    )
    quirks = quirks_of(name)
    for endpoint, reply, kind, move, what in (
        (subscribe, put, MovementKind.EARN_SUBSCRIBE, quirks.earn_subscribe, offer),
        (redeem, taken, MovementKind.EARN_REDEEM, quirks.earn_redeem, holding),
    ):
        exchange = Told(**{endpoint: reply})
        moved = asyncio.run(move(exchange, CONTEXT, what, "1.5"))
        assert [asked for asked, _ in exchange.asked] == [endpoint]
        assert "1.5" in exchange.asked[0][1].values()
        assert (moved.kind, moved.amount, moved.asset) == (kind, D("1.5"), "BTC")
        assert (moved.movement_id, moved.is_done) == (number, is_done)


def test_offers_are_read_over_every_page():
    row = OFFERS["binance"][1]["rows"][0]
    pages = [{"rows": [row] * 100}, {"rows": [row]}]
    exchange = Told(sapi_get_simple_earn_flexible_list=pages)
    offers = asyncio.run(quirks_of("binance").earn_offers(exchange, CONTEXT, Asset("BTC")))
    assert len(offers) == 101
    assert [params["current"] for _, params in exchange.asked] == [1, 2]

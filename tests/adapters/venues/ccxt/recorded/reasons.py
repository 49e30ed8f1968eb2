"""Why a recorded case has no place in our ports."""

from __future__ import annotations


class NotOurs(Exception):
    """A recorded case that our ports have no words for; the message says why."""


_UNSPOKEN = {
    "createMarketBuyOrderWithCost": "a market order for a sum of money",
    "createMarketOrderWithCost": "a market order for a sum of money",
    "createMarketSellOrderWithCost": "a market order for a sum of money",
    "createOrders": "several orders in one call",
    "editOrders": "several orders in one call",
    "cancelOrders": "several orders in one call",
    "cancelOrdersForSymbols": "several orders in one call",
    "editOrder": "our amend reads the order before it, which a recorded call does not tell",
    "editOrderWithClientOrderId": "amends name the venue's id",
    "cancelAllOrdersAfter": "a dead man's switch",
    "closePosition": "positions are closed by orders",
    "withdraw": "nothing is ever withdrawn",
    "setPositionMode": "hedge mode is the account's own setting",
    "fetchStatus": "maintenance shows in replies",
}
_TOPICS = {
    "Convert": "conversions at a quote",
    "Ticker": "quotes come from books and streams",
    "BidsAsks": "quotes come from books and streams",
    "LastPrices": "quotes come from books and streams",
    "Price": "quotes come from books and streams",
    "Margin": "margin of one position",
    "DepositAddress": "deposits are made by people",
    "DepositWithdrawFee": "deposits are made by people",
    "TransactionFee": "deposits are made by people",
    "Currenc": "assets come with the markets",
    "OpenInterest": "open interest",
    "Liquidation": "liquidations of others",
    "LongShort": "sentiment of others",
    "ADL": "rank in a deleveraging",
    "LeverageTier": "tiers of leverage",
    "Settlement": "history of settlements",
    "PositionsHistory": "history of positions is the ledger's own",
    "PositionHistory": "history of positions is the ledger's own",
    "BorrowRateHistor": "history of borrow rates",
    "Volatility": "volatility indices",
    "Account": "accounts are settings",
}


def reason_of(method: str) -> str:
    """Return why a method of ccxt has no place in our ports."""
    if method in _UNSPOKEN:
        return _UNSPOKEN[method]
    for topic, reason in _TOPICS.items():
        if topic in method:
            return reason
    return "no such operation in our ports"

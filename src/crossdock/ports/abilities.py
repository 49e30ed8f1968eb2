"""The Protocol that stands for each capability."""

from __future__ import annotations

from collections.abc import Mapping

from crossdock.ports import alert, financing, reference, venue
from crossdock.ports.manifest import Can

PROTOCOL_OF: Mapping[Can, type] = {
    Can.INSTRUMENTS: venue.Instruments,
    Can.MARKET_STREAM: venue.MarketStream,
    Can.BOOK_SNAPSHOT: venue.BookSnapshot,
    Can.SUBMIT: venue.Submit,
    Can.REPLACE: venue.Replace,
    Can.CANCEL_ALL: venue.CancelAll,
    Can.ORDER_LOOKUP: venue.OrderLookup,
    Can.OPEN_ORDERS: venue.OpenOrders,
    Can.FILL_HISTORY: venue.FillHistory,
    Can.ACCOUNT_HISTORY: venue.AccountHistory,
    Can.BALANCES: venue.Balances,
    Can.POSITIONS: venue.Positions,
    Can.ACCOUNT_STREAM: venue.AccountStream,
    Can.SERVER_TIME: venue.ServerTime,
    Can.BAR_HISTORY: venue.BarHistory,
    Can.QUOTE_HISTORY: reference.QuoteHistory,
    Can.TRADE_HISTORY: reference.TradeHistory,
    Can.LEVERAGE: financing.LeverageSetting,
    Can.MARGIN_MODE: financing.MarginModeSetting,
    Can.BORROWING: financing.Borrowing,
    Can.TRANSFERS: financing.Transfers,
    Can.SUB_ACCOUNTS: financing.SubAccounts,
    Can.EARN: financing.Earn,
    Can.FUNDING_RATES: financing.FundingRates,
    Can.FEE_RATES: financing.FeeSchedule,
    Can.OPTION_CHAINS: reference.OptionChains,
    Can.KEY_RIGHTS: reference.KeyRightsRead,
    Can.ACCOUNT_FACTS: reference.AccountFactsRead,
    Can.CALENDAR: reference.Calendar,
    Can.AUCTIONS: reference.Auctions,
    Can.NOTIFY: alert.Notifier,
}

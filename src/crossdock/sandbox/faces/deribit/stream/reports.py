"""Channels of an account: user.orders, user.trades and user.portfolio.

https://docs.deribit.com/articles/notifications and ccxt 4.5.90, pro/deribit.py, read
2026-11-21.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from crossdock.model import FillKind
from crossdock.sandbox.faces.deribit.names import ANY, kind_of
from crossdock.sandbox.faces.deribit.refusals import invalid
from crossdock.sandbox.faces.deribit.stream.market import message
from crossdock.sandbox.stream.news import AccountNews, BalancesChanged, Filled, OrderChanged

if TYPE_CHECKING:
    from crossdock.sandbox.faces.deribit.face import DeribitFace

_KINDS = (ANY, "future", "spot")


class Reports:
    """Words an account's news."""

    def __init__(self, face: DeribitFace) -> None:
        self._face = face

    def check(self, channel: str) -> str:
        """Return a channel that there is. Raises Refusal."""
        names = self._face.names
        match channel.split("."):
            case ["user", "portfolio", currency]:
                if currency in names.currencies:
                    return channel
            case ["user", "orders" | "trades", name, "raw"]:
                names.find(name)
                return channel
            case ["user", "orders" | "trades", kind, currency, "raw"]:
                if kind in _KINDS and currency in (ANY, *names.currencies):
                    return channel
            case _:
                pass
        raise invalid("channels", f"unsupported channel {channel}")

    def of(self, account: str, news: AccountNews) -> Iterator[tuple[str, bytes]]:
        words = self._face.words
        if isinstance(news, OrderChanged):
            if not news.order.is_pending:
                row = words.order(news.order)
                for channel in self._channels("orders", news.order.symbol):
                    yield channel, message(channel, row)
        elif isinstance(news, BalancesChanged):
            for currency, _, _ in news.rows:
                yield f"user.portfolio.{currency}", self.portfolio(account, currency)
        elif isinstance(news, Filled) and news.fill.kind is FillKind.REPORTED:
            trades = [words.trade(account, news.fill)]
            for channel in self._channels("trades", news.fill.symbol):
                yield channel, message(channel, trades)

    def portfolio(self, account: str, currency: str) -> bytes:
        """Return what an account has of a currency, as its channel tells it."""
        summary = self._face.words.summary(account, currency)
        return message(f"user.portfolio.{currency}", summary)

    def _channels(self, what: str, symbol: str) -> Iterator[str]:
        """Return every channel that tells of a market."""
        names = self._face.names
        yield f"user.{what}.{names.id(symbol)}.raw"
        for kind in (ANY, kind_of(names.market(symbol))):
            for currency in (ANY, names.currency(symbol)):
                yield f"user.{what}.{kind}.{currency}.raw"

"""Order books: one venue's, and several venues' seen as one."""

from crossdock.core.book.consolidated import ConsolidatedBook, VenueLevel
from crossdock.core.book.depth import FillCost
from crossdock.core.book.order_book import OrderBook

__all__ = ["ConsolidatedBook", "FillCost", "OrderBook", "VenueLevel"]

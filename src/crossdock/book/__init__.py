"""Order books: one venue's, and several venues' seen as one."""

from crossdock.book.consolidated import ConsolidatedBook, VenueLevel
from crossdock.book.depth import FillCost
from crossdock.book.order_book import OrderBook

__all__ = ["ConsolidatedBook", "FillCost", "OrderBook", "VenueLevel"]

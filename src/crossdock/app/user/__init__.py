"""The desk in a script's or a notebook's hands."""

from crossdock.app.user.blocking import BlockingBook, BlockingDesk, BlockingOrder
from crossdock.app.user.book import BookView
from crossdock.app.user.desk import UserDesk
from crossdock.app.user.opening import DeskOpening
from crossdock.app.user.order import Number, OrderHandle
from crossdock.app.user.rows import Facts, Rows

__all__ = [
    "BlockingBook",
    "BlockingDesk",
    "BlockingOrder",
    "BookView",
    "DeskOpening",
    "Facts",
    "Number",
    "OrderHandle",
    "Rows",
    "UserDesk",
]

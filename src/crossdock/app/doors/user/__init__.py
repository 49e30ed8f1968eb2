"""The desk in a script's or a notebook's hands."""

from crossdock.app.doors.user.account import UserAccount
from crossdock.app.doors.user.blocking import BlockingBook, BlockingDesk, BlockingOrder
from crossdock.app.doors.user.blocking_account import BlockingAccount
from crossdock.app.doors.user.book import BookView
from crossdock.app.doors.user.desk import UserDesk
from crossdock.app.doors.user.opening import DeskOpening
from crossdock.app.doors.user.order import Number, OrderHandle
from crossdock.app.doors.user.rows import Facts, Rows

__all__ = [
    "BlockingAccount",
    "BlockingBook",
    "BlockingDesk",
    "BlockingOrder",
    "BookView",
    "DeskOpening",
    "Facts",
    "Number",
    "OrderHandle",
    "Rows",
    "UserAccount",
    "UserDesk",
]

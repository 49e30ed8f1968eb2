"""The desk's state as the risk gate reads it."""

from crossdock.app.desk.risk_view.view import FRESH_NS, DeskView

__all__ = ["FRESH_NS", "DeskView"]

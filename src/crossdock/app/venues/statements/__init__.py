"""Exports that venues gave their customers, read as fills: for closed ones all there is."""

from crossdock.app.venues.statements.reading import (
    STATEMENTS,
    Statement,
    layouts_of,
    read_statement,
)

__all__ = ["STATEMENTS", "Statement", "layouts_of", "read_statement"]

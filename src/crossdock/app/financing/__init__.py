"""What an account does and knows besides trading: money moved, margin, rates, rights."""

from crossdock.app.financing.account import Financing

__all__ = ["Financing"]

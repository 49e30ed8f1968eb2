"""What the account has, and the arithmetic of it."""

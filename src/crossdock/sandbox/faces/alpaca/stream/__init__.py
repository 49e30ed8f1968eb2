"""The WebSockets: the account's stream and those of market data."""

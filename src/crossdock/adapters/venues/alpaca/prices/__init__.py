"""Market data: past and live prices, auctions, options and books."""

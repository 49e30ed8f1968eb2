"""What the Market Data API answers."""

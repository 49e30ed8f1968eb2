"""What Binance's two futures exchanges say alike; no face of its own."""

"""What all of Binance's exchanges say alike; no face of its own."""

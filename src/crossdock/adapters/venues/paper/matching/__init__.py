"""How orders meet a market."""

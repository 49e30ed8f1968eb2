"""ccxt made to speak through our wire: sent once, within our budget, by our clock."""

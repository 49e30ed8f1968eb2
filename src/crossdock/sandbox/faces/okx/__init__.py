"""OKX, version 5: spot and perpetual swaps."""

"""The face of Alpaca."""

"""What Kraken can be asked."""

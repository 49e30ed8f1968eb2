"""What the desk knows of markets: books, bars, charts."""

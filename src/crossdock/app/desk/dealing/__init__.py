"""The way from a wish to an order: of strategies, of people, of signals, of a kill."""

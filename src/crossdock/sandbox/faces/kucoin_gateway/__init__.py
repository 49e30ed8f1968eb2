"""What KuCoin's exchanges have in common: keys, limits, errors, tokens, WebSockets."""

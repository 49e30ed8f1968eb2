"""The hostile exchange: it judges an adapter, so it shares nothing with one but the model."""

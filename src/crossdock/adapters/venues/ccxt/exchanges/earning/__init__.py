"""What idle assets earn, through each exchange's own endpoints: ccxt has no unified way."""

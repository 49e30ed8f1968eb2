"""The dashboard for servers without a browser. Its modules need the extra `terminal`."""

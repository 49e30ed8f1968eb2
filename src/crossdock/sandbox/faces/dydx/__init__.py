"""dYdX v4: the indexer's REST and WebSocket, and a node's way in for transactions."""

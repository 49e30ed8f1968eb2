"""Live push by Socket.IO: to each client the newest it can use, at the rate it can use."""

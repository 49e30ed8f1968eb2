"""How a running desk is reached: a socket, who may use it, and what it answers."""

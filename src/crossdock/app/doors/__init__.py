"""What the desk is reached by: its control socket, its operations, the user in Python."""

"""What people watch: the live screen, its keys, and `status` as text."""

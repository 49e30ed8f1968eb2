"""What the desk is worth, and how it measures itself."""

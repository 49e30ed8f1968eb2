"""What can be asked over REST."""

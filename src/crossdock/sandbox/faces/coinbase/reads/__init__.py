"""What is asked of the venue and changes nothing."""

"""Orders: how they are asked for, kept together and told."""

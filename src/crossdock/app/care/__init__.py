"""Finding out what is wrong, and telling it to somebody who can help."""

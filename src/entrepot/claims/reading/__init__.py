"""Claims read from sentences."""

"""Claims of texts: read, and checked against data."""

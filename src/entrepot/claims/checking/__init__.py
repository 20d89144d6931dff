"""Claims checked against data and the record."""

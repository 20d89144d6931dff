"""Every table, given or computed, declared once."""

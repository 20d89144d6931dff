"""Thin doors: options, one call, an exit status."""

"""The trade world of the facts."""

"""Draws, ranges and what they say of an answer."""

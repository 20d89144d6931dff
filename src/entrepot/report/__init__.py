"""Saved runs as a page anybody can read. Reads runs only, computes no result."""

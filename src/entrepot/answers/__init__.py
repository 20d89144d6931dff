"""Answers as saved: runs, tables and the origin of their numbers."""

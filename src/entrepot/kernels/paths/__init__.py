"""Shortest paths and least-cost detours."""

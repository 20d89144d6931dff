"""Gravity equations: data, formula, estimation, inference."""

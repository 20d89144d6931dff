"""Poisson regression with absorbed fixed effects, and its parts."""

"""Congested assignment: bushes, Newton steps, certificate."""

"""A world of flows and trade on a day: baseline, changes, draws."""

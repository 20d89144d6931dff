"""How freight costs, tariffs and frictions decide who buys from whom."""

"""Many sectors in general equilibrium, in exact changes."""

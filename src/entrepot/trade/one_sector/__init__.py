"""One sector: structural gravity and partial equilibrium."""

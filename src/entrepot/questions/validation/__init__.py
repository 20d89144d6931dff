"""How well the model meets published figures."""

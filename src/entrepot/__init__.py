"""entrepot says what a freight corridor is worth."""

__version__ = "0.1.0"

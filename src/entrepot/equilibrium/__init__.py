"""The one room where flows and trade meet."""

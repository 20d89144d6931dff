"""What stands between two economies."""

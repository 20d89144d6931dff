"""What changes of trade costs do."""

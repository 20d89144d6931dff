"""What promises do, alone, together and in draws."""

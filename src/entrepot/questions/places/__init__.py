"""Where an hour or a dollar saved brings most."""

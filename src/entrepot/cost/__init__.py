"""What a step costs: arrays in arc order, every part kept."""

"""Congested assignment on a network of one's own: readers, the call of the kernel, writers."""

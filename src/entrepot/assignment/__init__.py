"""Congested assignment on networks of files (TNTP, GMNS, OMX)."""

"""Arrays in, small frozen results out: NumPy, SciPy and Numba, no tables and no names."""

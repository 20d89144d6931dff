"""Sums of products in a fixed order."""

from __future__ import annotations

import math
import os
import subprocess
import sys

import numpy as np
import pytest

from entrepot.kernels.arrays import dot

SCRIPT = """
import numpy as np
from entrepot.kernels.arrays import dot
random = np.random.default_rng(1)
for n in (9, 1_000, 12_345, 150_277):
    a, b = random.normal(size=(2, n)) * 10.0 ** random.integers(-6, 6, n)
    print(dot(a, b).hex())
"""


@pytest.mark.parametrize("n", [0, 1, 7, 1000, 12_345])
def test_it_is_the_sum_of_products(n: int) -> None:
    a, b = np.random.default_rng(n).normal(size=(2, n))
    assert dot(a, b) == pytest.approx(math.fsum(a * b), rel=1e-12, abs=1e-12)


def test_threads_of_blas_change_no_bit() -> None:
    said = {
        subprocess.run(
            [sys.executable, "-c", SCRIPT],
            env={**os.environ, "OPENBLAS_NUM_THREADS": threads},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for threads in ("1", "2")
    }
    assert len(said) == 1

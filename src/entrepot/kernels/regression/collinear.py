"""Which columns of a least-squares problem are independent, earlier ones first."""

from __future__ import annotations

import numpy as np

from entrepot.kernels.arrays import BoolArray, FloatArray

# Share of a column's own sum of squares that earlier columns must leave for it to count.
COLLINEAR = 1e-10


def independent(cross: FloatArray, usable: BoolArray) -> BoolArray:
    """(k,) columns that no combination of earlier ones gives.

    cross : (k, k) weighted products of the columns, effects taken out
    usable : (k,) columns to consider at all
    """
    kept = usable.copy()
    size = cross.diagonal()
    left = cross.copy()
    for j in range(len(kept)):
        if kept[j] and left[j, j] <= COLLINEAR * size[j]:
            kept[j] = False
        if kept[j]:
            left[j + 1 :, j:] -= np.outer(left[j, j + 1 :], left[j, j:] / left[j, j])
    return kept

"""Records of jobs compared to the bit, without the code that writes them."""

from __future__ import annotations

from dataclasses import fields, is_dataclass
from typing import Any

import numpy as np
import pandas as pd
from pandas.testing import assert_frame_equal


def classes_in(value: Any) -> set[type]:
    """Classes that a record is made of beside plain data."""
    if isinstance(value, dict):
        value = (*value.keys(), *value.values())
    if isinstance(value, tuple | list | frozenset):
        return {kind for part in value for kind in classes_in(part)}
    if is_dataclass(value) and not isinstance(value, type):
        return {type(value)} | classes_in([getattr(value, f.name) for f in fields(value)])
    return set()


def assert_same(a: Any, b: Any) -> None:
    """Without the code that wrote them."""
    assert type(a) is type(b)
    if isinstance(a, pd.DataFrame):
        assert_frame_equal(a, b, check_exact=True, check_column_type="exact")
    elif isinstance(a, np.ndarray):
        assert (a.dtype, a.shape, a.tobytes()) == (b.dtype, b.shape, b.tobytes())
    elif isinstance(a, dict):
        assert list(a) == list(b)
        for k in a:
            assert_same(a[k], b[k])
    elif isinstance(a, tuple | list):
        assert len(a) == len(b)
        for one, two in zip(a, b, strict=True):
            assert_same(one, two)
    elif is_dataclass(a):
        for f in fields(a):
            assert_same(getattr(a, f.name), getattr(b, f.name))
    elif isinstance(a, float):
        assert a.hex() == b.hex()
    else:
        assert a == b

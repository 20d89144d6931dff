"""Plain data come back as they were written, and nothing else is made of any bytes."""

from __future__ import annotations

import hashlib
import json
import math
import pickle
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pandas.testing import assert_frame_equal

from entrepot.answers.plain import MAGIC, DamagedError, NotPlainError, decode, encode, fits


@dataclass(frozen=True, slots=True, eq=False)
class Point:
    name: str
    at: np.ndarray
    next: Point | None = None


class Pair(NamedTuple):
    left: Any
    right: Any


CLASSES: dict[str, type] = {"Point": Point, "Pair": Pair}


def same(a: Any, b: Any) -> bool:
    """Equal in value and type, to the bit."""
    if type(a) is not type(b):
        return False
    if a is b:
        return True
    if isinstance(a, float):
        return a.hex() == b.hex()
    if isinstance(a, np.ndarray):
        if a.dtype == object:
            return a.shape == b.shape and all(map(same, a.ravel(), b.ravel()))
        layout = (a.dtype, a.shape, a.flags.f_contiguous, a.flags.c_contiguous)
        return a.tobytes() == b.tobytes() and layout == (
            b.dtype, b.shape, b.flags.f_contiguous, b.flags.c_contiguous
        )  # fmt: skip
    if isinstance(a, np.generic):
        return a.dtype == b.dtype and a.tobytes() == b.tobytes()
    if isinstance(a, pd.DataFrame):
        assert_frame_equal(a, b, check_exact=True, check_column_type="exact")
        assert type(a.index) is type(b.index)
        return all(
            map(same, a.astype(object).to_numpy().ravel(), b.astype(object).to_numpy().ravel())
        )
    if isinstance(a, Point):
        return a.name == b.name and same(a.at, b.at) and same(a.next, b.next)
    if isinstance(a, dict):
        return len(a) == len(b) and all(
            same(k, m) and same(v, w) for (k, v), (m, w) in zip(a.items(), b.items(), strict=True)
        )
    if isinstance(a, tuple | list):
        return len(a) == len(b) and all(map(same, a, b))
    return bool(a == b)


SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters()),
    st.dates(),
    st.builds(np.float64, st.floats()),
    st.builds(np.float32, st.floats(width=32)),
    st.builds(np.int16, st.integers(-(2**15), 2**15 - 1)),
    st.builds(np.bool_, st.booleans()),
    st.builds(np.str_, st.text(st.characters(exclude_characters="\0", codec="utf-8"))),
)
KEYS = st.recursive(
    st.one_of(st.none(), st.booleans(), st.integers(), st.text(), st.floats(allow_nan=False)),
    lambda inner: st.one_of(st.tuples(inner, inner), st.frozensets(inner, max_size=3)),
    max_leaves=4,
)
ARRAYS = hnp.arrays(
    st.sampled_from(["<f8", ">f8", "<f4", "<i8", "|u1", "<u4", "|b1", "<c16", "<U3", "<M8[ns]"]),
    hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=4),
)
PLAIN = st.recursive(
    st.one_of(SCALARS, ARRAYS, ARRAYS.map(np.asfortranarray)),
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(KEYS, inner, max_size=4),
        st.builds(Point, st.text(), ARRAYS),
        st.builds(Pair, inner, inner),
    ),
    max_leaves=12,
)


@given(PLAIN)
def test_plain_data_come_back_to_the_bit(value: Any) -> None:
    data = encode(value, CLASSES)
    back = decode(data, CLASSES)
    assert same(value, back)
    assert encode(back, CLASSES) == data


@given(st.sets(KEYS, max_size=5))
def test_sets_come_back(items: set[Any]) -> None:
    back = decode(encode(frozenset(items)))
    assert isinstance(back, frozenset)
    assert back == items


COLUMNS = {
    "number": np.array([0.0, -0.0, math.nan]),
    "small": np.array([1.5, math.inf, -math.inf], dtype=np.float32),
    "count": np.array([1, 2, -3]),
    "flag": np.array([True, False, True]),
    "day": np.array(["2026-01-01", "NaT", "1999-12-31"], dtype="<M8[s]"),
    "object": pd.Series([None, ("a", "b"), 2.5], dtype=object),
    "words": pd.Series(["a", "", "ü"], dtype=object),
    "gap": pd.Series([date(2026, 6, 30), math.nan, pd.NA], dtype=object),
    "texts": pd.Series(["x", None, "y"], dtype="string"),
    "inferred": pd.Series(["x", "z", "y"]),
    "whole": pd.Series([1, None, 3], dtype="Int64"),
    "maybe": pd.Series([True, None, False], dtype="boolean"),
    "masked": pd.Series([1.5, None, math.inf], dtype="Float64"),
}


@pytest.mark.parametrize("index", ["range", "texts", "named", "twice"])
def test_frames_come_back(index: str) -> None:
    frame = pd.DataFrame(COLUMNS)
    if index == "texts":
        frame.index = pd.Index(["a", "b", "c"])
    elif index == "named":
        frame.index = pd.Index([3, 1, 2], name="id")
    elif index == "twice":
        frame = frame.set_axis(["same"] * len(COLUMNS), axis=1)
    back = decode(encode(frame))
    assert same(frame, back)
    assert list(back.dtypes) == list(frame.dtypes)
    back.iloc[0, 0] = 5.0  # can be changed like any other


@pytest.mark.parametrize("frame", [pd.DataFrame(), pd.DataFrame(COLUMNS).iloc[:0]])
def test_empty_frames_come_back(frame: pd.DataFrame) -> None:
    assert same(frame, decode(encode(frame)))


@pytest.mark.parametrize(
    "value",
    [object(), len, {1, 2}, b"bytes", 1j, int, Point("a", np.zeros(1)), np.array([object()]),
     pd.Series([1]), np.ma.array([1]), np.zeros(1, dtype=[("a", "f8")])],
)  # fmt: skip
def test_what_is_not_plain_is_refused(value: Any) -> None:
    with pytest.raises(NotPlainError):
        encode(value)


def test_a_value_that_holds_itself_is_refused() -> None:
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(NotPlainError):
        encode(loop)


def test_arrays_that_come_back_can_be_written() -> None:
    back = decode(encode(np.zeros(3)))
    back[0] = 1.0
    assert back[0] == 1.0


SOUND = encode({"a": np.arange(4.0), "b": ("x", 1, None)})


@given(st.integers(0, len(SOUND) - 1), st.integers(1, 255), st.integers(0, len(SOUND)))
def test_changed_and_cut_bytes_are_found_out(at: int, flip: int, cut: int) -> None:
    changed = bytearray(SOUND)
    changed[at] ^= flip
    for data in (bytes(changed), SOUND[:cut], SOUND + SOUND[:cut]):
        if data != SOUND:
            with pytest.raises(DamagedError):
                decode(data)


def forged(header: Any, raw: bytes = b"") -> bytes:
    """A file whose checksum is right, with any header."""
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    body = len(text).to_bytes(8, "little") + text + raw
    return MAGIC + hashlib.sha256(body).digest() + body


def header(value: Any, *arrays: Any) -> dict[str, Any]:
    return {"value": value, "arrays": list(arrays)}


HOSTILE = {
    "not JSON": forged(b"{"),
    "deep JSON": forged(b'{"arrays":[],"value":' + b"[" * 100_000 + b"]" * 100_000 + b"}"),
    "deep value": forged(header(json.loads('["tuple",' * 60 + "1" + "]" * 60))),
    "list": forged([1, 2]),
    "no value": forged({"arrays": []}),
    "no arrays": forged({"value": 1}),
    "unknown tag": forged(header(["eval", "1"])),
    "empty list": forged(header([])),
    "tag of a list": forged(header([["tuple"]])),
    "unknown class": forged(header(["object", "os.system", "true"])),
    "fields missing": forged(header(["object", "Point", "a"])),
    "too many fields": forged(header(["object", "Pair", 1, 2, 3])),
    "object array": forged(header(["array", 0], ["|O", [1], False]), b"\0" * 8),
    "named type": forged(header(["array", 0], ["float64", [1], False]), b"\0" * 8),
    "structured type": forged(header(["array", 0], [[["a", "<f8"]], [1], False]), b"\0" * 8),
    "huge array": forged(header(["array", 0], ["<f8", [2**40, 2**40], False]), b"\0" * 8),
    "huge empty array": forged(header(["array", 0], ["<f8", [0, 2**62, 2**62], False])),
    "huge item": forged(header(["array", 0], ["<U999999999", [1], False])),
    "negative shape": forged(header(["array", 0], ["<f8", [-1], False]), b"\0" * 8),
    "shape of words": forged(header(["array", 0], ["<f8", ["1"], False]), b"\0" * 8),
    "array not there": forged(header(["array", 1], ["<f8", [1], False]), b"\0" * 8),
    "array before the first": forged(header(["array", -1], ["<f8", [1], False]), b"\0" * 8),
    "bytes left over": forged(header(1), b"\0"),
    "key that cannot be one": forged(header(["dict", ["list"], 1])),
    "key without a value": forged(header(["dict", 1])),
    "long number": forged(b'{"arrays":[],"value":' + b"9" * 100_000 + b"}"),
    "number without a tag": forged(b'{"arrays":[],"value":1e999}'),
    "table": forged(header({"__reduce__": 1})),
    "frame of what is not a column": forged(header(["frame", ["range", None, 0, 1, 1], ["range", None, 0, 1, 1], ["tuple", 1]])),
    "frame of huge range": forged(header(["frame", ["range", None, 0, 2**62, 1], ["range", None, 0, 1, 1], ["array", 0]], ["<f8", [1], False]), b"\0" * 8),
    "pickle": pickle.dumps((1, 2)),
    "nothing": b"",
    "magic alone": MAGIC,
    "length beyond the file": MAGIC + hashlib.sha256(b"\xff" * 8).digest() + b"\xff" * 8,
}  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused(name: str) -> None:
    with pytest.raises(DamagedError):
        decode(HOSTILE[name], CLASSES)


@pytest.mark.parametrize(
    ("value", "hint", "right"),
    [
        (1, float, True),
        (np.float64(1), float, True),
        ("1", float, False),
        (None, Point | None, True),
        (Point("a", np.zeros(1)), Point | None, True),
        (Point(1, np.zeros(1)), Point, False),  # type: ignore[arg-type]
        (Point("a", np.zeros(1), Point("b", [0])), Point, False),  # type: ignore[arg-type]
        (("a", "b"), tuple[str, ...], True),
        (("a", 1), tuple[str, ...], False),
        ([1], tuple[str, ...], False),
        ({("a", 0.5): 1}, dict[tuple[str, float], int], True),
        ({("a",): 1}, dict[tuple[str, float], int], False),
        ({"a": None}, Mapping[str, tuple[str, ...] | None], True),
        (frozenset({1}), frozenset[str], False),
        (object(), Any, True),
    ],
)
def test_values_are_held_against_annotations(value: Any, hint: Any, right: bool) -> None:
    assert fits(value, hint) is right

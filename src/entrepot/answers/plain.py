"""Plain data as bytes and back, exact to the bit, in a form that cannot run code.

Plain are None, bool, int, float, str, date, tuple, list, dict, frozenset, numpy arrays and scalars
of numbers, texts and times, pandas frames of these, and the dataclasses and named tuples of a list
that the caller gives. A file is one line of magic, a checksum, the length of a header, the header
in JSON, and the raw arrays one after another. Reading makes nothing but what is named above: what a
file says chooses among classes of the list and can name no others.
"""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable, Mapping
from dataclasses import fields, is_dataclass
from datetime import date
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints

import numpy as np
import pandas as pd
from numpy.typing import NDArray

MAGIC = b"entrepot plain data 1\n"
DEEPEST = 40
DTYPE = re.compile(r"[<>|=][biufcSUMm][1-9]\d{0,8}(\[[1-9]?\d{0,3}[A-Za-z]{1,2}\])?")
# Whole numbers that every reader of JSON keeps.
SMALL_INT = 2**53
Classes = Mapping[str, type]


class NotPlainError(TypeError):
    """A value that has no place in plain data."""


class DamagedError(ValueError):
    """Bytes that are not whole plain data."""


def encode(value: object, classes: Classes | None = None) -> bytes:
    """Plain data as bytes; `classes` by the names they go under."""
    writer = _Writer(classes or {})
    tree = writer.tree(value, 0)
    header = json.dumps(
        {
            "value": tree,
            "arrays": [[a.dtype.str, list(a.shape), _is_fortran(a)] for a in writer.arrays],
        },
        separators=(",", ":"),
        allow_nan=False,
    ).encode()
    raw = [a.tobytes(order="F" if _is_fortran(a) else "C") for a in writer.arrays]
    body = b"".join([len(header).to_bytes(8, "little"), header, *raw])
    return MAGIC + hashlib.sha256(body).digest() + body


def decode(data: bytes, classes: Classes | None = None) -> Any:
    """What `encode` was given. DamagedError for any other bytes."""
    start = len(MAGIC) + 32
    body = data[start:]
    if data[: len(MAGIC)] != MAGIC or hashlib.sha256(body).digest() != data[len(MAGIC) : start]:
        raise DamagedError("not a whole file of plain data")
    length = int.from_bytes(body[:8], "little")
    try:
        header = json.loads(body[8 : 8 + length])
        arrays = _arrays(header["arrays"], body[8 + length :])
        return _Reader(classes or {}, arrays).value(header["value"], 0)
    except DamagedError:
        raise
    except Exception as error:  # a changed file can be wrong in any place
        raise DamagedError(f"{type(error).__name__}: {error}") from None


def _is_fortran(array: NDArray[Any]) -> bool:
    return bool(array.flags.f_contiguous and not array.flags.c_contiguous)


def _arrays(declared: list[Any], raw: bytes) -> list[NDArray[Any]]:
    """Arrays one after another; they must fill the bytes that are there."""
    out, at = [], 0
    for name, shape, fortran in declared:
        if not isinstance(name, str) or not DTYPE.fullmatch(name):
            raise DamagedError(f"array of type {name!r}")
        if not all(type(n) is int and n >= 0 for n in shape):
            raise DamagedError(f"array of shape {shape!r}")
        dtype = np.dtype(name)
        size = math.prod(shape) * dtype.itemsize
        if size > len(raw) - at:
            raise DamagedError("arrays longer than the file")
        flat = np.frombuffer(raw, dtype, math.prod(shape), at) if size else np.empty(0, dtype)
        out.append(flat.reshape(shape, order="F" if fortran is True else "C").copy(order="K"))
        at += size
    if at != len(raw):
        raise DamagedError("bytes after the last array")
    return out


class _Writer:
    """Turns values into what JSON can hold, and sets arrays aside."""

    def __init__(self, classes: Classes) -> None:
        self.names = {kind: name for name, kind in classes.items()}
        self.arrays: list[NDArray[Any]] = []

    def tree(self, value: Any, depth: int) -> Any:
        """JSON of a value: null, true, false, small whole numbers, texts, or [tag, parts...]."""
        if depth > DEEPEST:
            raise NotPlainError(f"Nested deeper than {DEEPEST}.")
        kind, inner = type(value), depth + 1
        if value is None or kind is bool:
            return value
        if kind is int:
            return value if abs(value) < SMALL_INT else ["int", hex(value)]
        if kind is str:
            # Halves of surrogate pairs would be joined on the way.
            halves = any("\ud800" <= c <= "\udfff" for c in value)
            return ["text", *map(ord, value)] if halves else value
        if kind is float:
            return ["float", value.hex()]
        if kind is tuple or kind is list:
            return [kind.__name__, *(self.tree(v, inner) for v in value)]
        if kind is dict:
            return ["dict", *(self.tree(part, inner) for item in value.items() for part in item)]
        if kind is frozenset:
            return ["frozenset", *sorted((self.tree(v, inner) for v in value), key=json.dumps)]
        if kind is date:
            return ["date", value.isoformat()]
        if value is pd.NA:
            return ["missing"]
        if kind is np.ndarray:
            return self._array(value, inner)
        if isinstance(value, np.generic):
            return ["scalar", self._aside(np.asarray(value))]
        if kind is pd.DataFrame:
            return self._frame(value, inner)
        if kind in self.names:
            parts = [getattr(value, name) for name in parts_of(kind)]
            return ["object", self.names[kind], *(self.tree(p, inner) for p in parts)]
        raise NotPlainError(f"{kind.__module__}.{kind.__qualname__} is not plain data.")

    def _aside(self, array: NDArray[Any]) -> int:
        if not DTYPE.fullmatch(array.dtype.str):
            raise NotPlainError(f"Arrays of {array.dtype} are not plain data.")
        self.arrays.append(array)
        return len(self.arrays) - 1

    def _array(self, array: NDArray[Any], depth: int) -> Any:
        if array.dtype == object:
            return ["objects", list(array.shape), *(self.tree(v, depth) for v in array.ravel())]
        return ["array", self._aside(array)]

    def _frame(self, frame: pd.DataFrame, depth: int) -> Any:
        if frame.attrs:
            raise NotPlainError("A frame with attributes is not plain data.")
        columns = [self._column(frame.iloc[:, k], depth) for k in range(frame.shape[1])]
        return [
            "frame",
            self._index(frame.index, depth),
            self._index(frame.columns, depth),
            *columns,
        ]

    def _index(self, index: pd.Index, depth: int) -> Any:
        name = self.tree(index.name, depth)
        if type(index) is pd.RangeIndex:
            return ["range", name, index.start, index.stop, index.step]
        if type(index) is not pd.Index:
            raise NotPlainError(f"{type(index).__name__} is not plain data.")
        return ["index", name, self._column(index, depth)]

    def _column(self, values_of: Any, depth: int) -> Any:
        dtype, column = values_of.dtype, values_of.array
        if isinstance(dtype, np.dtype):
            return self._array(values_of.to_numpy(), depth)
        gone = np.asarray(column.isna())
        if isinstance(dtype, pd.StringDtype):
            texts = [
                None if g else self.tree(str(v), depth) for v, g in zip(column, gone, strict=True)
            ]
            is_na = getattr(dtype, "na_value", pd.NA) is pd.NA
            return ["strings", dtype.storage, is_na, *texts]
        for kind in MASKED:
            if type(column) is kind:
                numpy_type = dtype.numpy_dtype
                values = column.to_numpy(dtype=numpy_type, na_value=numpy_type.type(0))
                return ["masked", self._aside(values), self._aside(gone)]
        raise NotPlainError(f"A column of {dtype} is not plain data.")


MASKED = {
    pd.arrays.IntegerArray: "iu",
    pd.arrays.BooleanArray: "b",
    pd.arrays.FloatingArray: "f",
}


def parts_of(kind: type) -> tuple[str, ...]:
    """Names of the fields of a dataclass or named tuple."""
    if is_dataclass(kind):
        return tuple(f.name for f in fields(kind))
    return tuple(kind._fields)  # type: ignore[attr-defined]


class _Reader:
    """Makes values again from their JSON."""

    def __init__(self, classes: Classes, arrays: list[NDArray[Any]]) -> None:
        self.classes, self.arrays = classes, arrays
        self.makers: dict[str, Callable[[list[Any], int], Any]] = {
            "int": lambda p, _: int(p[0], 16),
            "text": lambda p, _: "".join(map(chr, p)),
            "float": lambda p, _: float.fromhex(p[0]),
            "tuple": lambda p, d: tuple(self.value(v, d) for v in p),
            "list": lambda p, d: [self.value(v, d) for v in p],
            "dict": self._dict,
            "frozenset": lambda p, d: frozenset(self.value(v, d) for v in p),
            "date": lambda p, _: date.fromisoformat(p[0]),
            "missing": lambda _p, _d: pd.NA,
            "array": lambda p, _: self.arrays[_at(p[0])],
            "scalar": lambda p, _: self.arrays[_at(p[0])][()],
            "objects": lambda p, d: self._objects(p[0], p[1:], d),
            "frame": self._frame,
            "object": self._object,
        }

    def value(self, tree: Any, depth: int) -> Any:
        if depth > DEEPEST:
            raise DamagedError("nested too deeply")
        if not isinstance(tree, list):
            if isinstance(tree, float | dict):
                raise DamagedError("a number or a table without a tag")
            return tree
        return self.makers[tree[0]](tree[1:], depth + 1)

    def _dict(self, parts: list[Any], depth: int) -> dict[Any, Any]:
        flat = [self.value(p, depth) for p in parts]
        return dict(zip(flat[::2], flat[1::2], strict=True))

    def _objects(self, shape: list[int], parts: list[Any], depth: int) -> NDArray[Any]:
        out = np.empty(len(parts), dtype=object)
        for k, part in enumerate(parts):
            out[k] = self.value(part, depth)
        return out.reshape(shape)

    def _object(self, parts: list[Any], depth: int) -> Any:
        kind = self.classes[parts[0]]
        if len(parts) - 1 != len(parts_of(kind)):
            raise DamagedError(f"{parts[0]} with {len(parts) - 1} fields")
        return kind(*(self.value(p, depth) for p in parts[1:]))

    def _frame(self, parts: list[Any], depth: int) -> pd.DataFrame:
        index, columns = (self._index(p, depth) for p in parts[:2])
        columns_of = [self._column(p, depth) for p in parts[2:]]
        # With its type said, a column of objects is not taken for one of texts.
        data = {k: pd.Series(c, index=index, dtype=c.dtype) for k, c in enumerate(columns_of)}
        frame = pd.DataFrame(data, index=index, columns=range(len(data)))
        frame.columns = columns
        return frame

    def _index(self, parts: list[Any], depth: int) -> pd.Index:
        name = self.value(parts[1], depth)
        if parts[0] == "range":
            return pd.RangeIndex(*map(_whole, parts[2:]), name=name)
        values = self._column(parts[2], depth)
        dtype = values.dtype if isinstance(values, np.ndarray) else None
        return pd.Index(values, name=name, dtype=dtype, tupleize_cols=False)

    def _column(self, parts: list[Any], depth: int) -> Any:
        if parts[0] == "strings":
            texts = [None if p is None else self.value(p, depth) for p in parts[3:]]
            if parts[2] is True:
                return pd.array(texts, dtype=pd.StringDtype(parts[1]))
            return pd.array(texts, dtype=pd.StringDtype(parts[1], na_value=np.nan))
        if parts[0] == "masked":
            values, gone = self.arrays[_at(parts[1])], self.arrays[_at(parts[2])]
            kind = next(k for k, letters in MASKED.items() if values.dtype.kind in letters)
            return kind(values, gone)
        if parts[0] not in ("array", "objects"):
            raise DamagedError(f"a column of {parts[0]!r}")
        return self.value(parts, depth)


def _whole(value: Any) -> int:
    if type(value) is not int:
        raise DamagedError(f"{value!r} is not a whole number")
    return value


def _at(value: Any) -> int:
    if _whole(value) < 0:
        raise DamagedError("an array before the first")
    return int(value)


def fits(value: object, hint: Any) -> bool:
    """Whether a value is what an annotation says, down to the fields of dataclasses."""
    if hint is Any:
        return True
    origin, args = get_origin(hint), get_args(hint)
    if origin in (Union, UnionType):
        return any(fits(value, a) for a in args)
    if hint is None or hint is NoneType:
        return value is None
    if hint is float:
        return isinstance(value, float | int | np.floating | np.integer)
    if hint is int or hint is bool:
        return isinstance(value, (int, np.integer) if hint is int else (bool, np.bool_))
    if origin is tuple:
        if not isinstance(value, tuple):
            return False
        if len(args) == 2 and args[1] is Ellipsis:
            return all(fits(v, args[0]) for v in value)
        return len(value) == len(args) and all(map(fits, value, args))
    if origin in (list, frozenset):
        return isinstance(value, origin) and all(fits(v, args[0]) for v in value)
    if origin in (dict, Mapping):
        return isinstance(value, dict) and all(
            fits(k, args[0]) and fits(v, args[1]) for k, v in value.items()
        )
    kind = origin or hint
    if not isinstance(kind, type) or not isinstance(value, kind):
        return False
    if not is_dataclass(kind):
        return True
    return all(fits(getattr(value, n), h) for n, h in get_type_hints(kind).items())

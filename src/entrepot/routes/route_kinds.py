"""What makes routes different in kind, read off many paths at once.

The same as `Namer.traits`, `Namer.kind` and `Namer.name`, path by path. Each item that a row of
corridors.csv needs or bars is a bit; a place or a haul has the bits of the items it meets, and a path
those of all it passes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numba import njit
from numpy.typing import NDArray

from entrepot.kernels.arrays import BoolArray, FloatArray, IntArray
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import MODE_CODE, MODES
from entrepot.routes.corridors import CARRIES, LAND

if TYPE_CHECKING:
    from collections.abc import Sequence

    from entrepot.network.graph import Network
    from entrepot.routes.corridors import Namer

BitArray = NDArray[np.uint64]
OTHER = -1
WORD = 64


@short_repr
@dataclass(frozen=True, slots=True)
class Kinds:
    """Of R paths.

    row      : (R,) position in namer.rows of the first corridor whose needs are met, or OTHER
    back     : (R,) whether the path doubles back
    carrying : (R,) modes with a fair share of the length, as bits in the order of MODES
    """

    row: IntArray
    back: BoolArray
    carrying: IntArray


@short_repr
@dataclass(frozen=True, slots=True)
class KindReader:
    """Corridors of a network as bits; n_word words of 64 bits.

    country     : (n_place,) jurisdictions as numbers
    by_place    : (n_place, n_word) items a place meets
    by_arc      : (n_arc, n_word) items a haul meets
    needs, bars : (n_row, n_word) items a corridor needs, and items it must not meet
    """

    namer: Namer
    country: IntArray
    by_place: BitArray
    by_arc: BitArray
    needs: BitArray
    bars: BitArray

    @classmethod
    def of(cls, namer: Namer) -> KindReader:
        net = namer.network
        items: dict[frozenset[str], int] = {}
        for row in namer.rows:
            for item in (*row.requires, row.excludes):
                items.setdefault(item, len(items))
        n_word = len(items) // WORD + 1
        by_place = np.zeros((len(net.place_id), n_word), dtype=np.uint64)
        by_arc = np.zeros((net.n_arc, n_word), dtype=np.uint64)
        for item, bit in items.items():
            word, value = bit // WORD, np.uint64(1 << bit % WORD)
            by_place[_places(net, item), word] |= value
            by_arc[_hauls(net, item), word] |= value
        needs = np.zeros((len(namer.rows), n_word), dtype=np.uint64)
        bars = np.zeros_like(needs)
        for i, row in enumerate(namer.rows):
            for item in row.requires:
                needs[i, items[item] // WORD] |= np.uint64(1 << items[item] % WORD)
            bit = items[row.excludes]
            bars[i, bit // WORD] |= np.uint64(1 << bit % WORD)
        numbers = {c: i for i, c in enumerate(dict.fromkeys(net.place_country))}
        country = np.array([numbers[c] for c in net.place_country], dtype=np.int64)
        return cls(namer, country, by_place, by_arc, needs, bars)

    def read(self, start: IntArray, arcs: IntArray) -> Kinds:
        """Kinds of paths; arcs of path r are arcs[start[r]] .. arcs[start[r + 1] - 1]."""
        net = self.namer.network
        n = len(start) - 1
        row, back = np.empty(n, dtype=np.int64), np.empty(n, dtype=bool)
        carrying = np.empty(n, dtype=np.int64)
        land = np.array([m in LAND for m in MODES])
        _read(
            start, arcs, net.tail, net.head, net.vertex_place, net.mode, net.km, self.country,
            land, CARRIES, self.by_place, self.by_arc, self.needs, self.bars, row, back, carrying,
        )  # fmt: skip
        return Kinds(row, back, carrying)

    def kinds(self, paths: Sequence[tuple[int, ...]]) -> tuple[list[tuple[str, ...]], list[bool]]:
        """`Namer.kind` of each path, and whether it doubles back."""
        start = np.array([0, *map(len, paths)], dtype=np.int64).cumsum()
        found = self.read(start, np.array([a for p in paths for a in p], dtype=np.int64))
        kinds: list[tuple[str, ...]] = []
        for path, row, bits in zip(paths, found.row.tolist(), found.carrying.tolist(), strict=True):
            if row == OTHER:  # named by the jurisdictions it passes
                kinds.append(self.namer.kind(self.namer.traits(path)))
                continue
            own = self.namer.rows[row]
            carrying = (m for i, m in enumerate(MODES) if bits >> i & 1)
            kinds.append((own.family, own.corridor_id, *carrying))
        return kinds, found.back.tolist()


def _places(net: Network, item: frozenset[str]) -> BoolArray:
    """(n_place,) whether a place is one of the tokens, or in one of them."""
    return np.array(
        [p in item or c in item for p, c in zip(net.place_id, net.place_country, strict=True)],
        dtype=bool,
    )


def _hauls(net: Network, item: frozenset[str]) -> BoolArray:
    """(n_arc,) whether an arc moves goods by a mode or on a basin that is one of the tokens."""
    out = np.zeros(net.n_arc, dtype=bool)
    area = np.array(net.area)
    for token in item:
        what, _, name = token.partition(":")
        if what == "mode" and name in MODE_CODE:
            out |= net.mode == MODE_CODE[name]
        elif what == "basin":
            out |= (net.mode == MODE_CODE["sea"]) & (area == name)
    return out & (net.km > 0)


@njit(cache=True, nogil=True)
def _read(
    start: IntArray,
    arcs: IntArray,
    tail: NDArray[np.int32],
    head: NDArray[np.int32],
    at: NDArray[np.int32],
    mode: NDArray[np.int32],
    km: FloatArray,
    country: IntArray,
    land: BoolArray,
    carries: float,
    by_place: BitArray,
    by_arc: BitArray,
    needs: BitArray,
    bars: BitArray,
    row: IntArray,
    back: BoolArray,
    carrying: IntArray,
) -> None:
    n_word, n_mode = by_place.shape[1], len(land)
    met = np.zeros(n_word, dtype=np.uint64)
    length = np.zeros(n_mode)
    seen_place = np.full(len(by_place), -1)
    seen_country = np.full(len(by_place), -1)
    for r in range(len(start) - 1):
        met[:] = 0
        length[:] = 0.0
        place, jurisdiction = -1, -1
        twice, left_before, at_sea = False, False, False
        for k in range(start[r] - 1, start[r + 1]):
            if k < start[r]:
                if start[r] == start[r + 1]:
                    break
                here = at[tail[arcs[start[r]]]]
            else:
                arc = arcs[k]
                here = at[head[arc]]
                if km[arc] > 0:
                    length[mode[arc]] += km[arc]
                    at_sea |= not land[mode[arc]]
                for w in range(n_word):
                    met[w] |= by_arc[arc, w]
            if here < 0 or here == place:
                continue
            place = here
            twice |= seen_place[place] == r
            seen_place[place] = r
            for w in range(n_word):
                met[w] |= by_place[place, w]
            if country[place] != jurisdiction:
                jurisdiction = country[place]
                left_before |= seen_country[jurisdiction] == r
                seen_country[jurisdiction] = r
        back[r] = twice or (left_before and at_sea)
        whole, bits = length.sum(), 0
        for m in range(n_mode):
            if whole > 0 and length[m] / whole >= carries:
                bits |= 1 << m
        carrying[r] = bits
        row[r] = -1
        for i in range(len(needs)):
            fits = True
            for w in range(n_word):
                if met[w] & needs[i, w] != needs[i, w] or met[w] & bars[i, w] != 0:
                    fits = False
            if fits:
                row[r] = i
                break

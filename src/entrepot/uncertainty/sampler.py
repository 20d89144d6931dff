"""Random numbers by the name of their source; no other module makes any.

Names, not positions, tie a draw to its source of error. So two answers that share a seed, a source
and a number of draws share the draws (common random numbers), whatever else is drawn.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.special import ndtri

from entrepot.kernels.arrays import FloatArray

# Of all answers that are not asked for another seed or number.
SEED = 20251211
N_DRAW = 1024
# Normals of a uniform nearer to zero or one than this would be of no use.
EDGE = 1e-9


@dataclass(frozen=True, slots=True)
class Sampler:
    """Draws of sources of error. Equal seed, source and number of draws give equal draws.

    Each source is spread evenly over its range, in an order of its own (a Latin hypercube).
    """

    seed: int = SEED
    n: int = N_DRAW
    _made: dict[str, FloatArray] = field(default_factory=dict, repr=False, compare=False)

    def uniform(self, source: str) -> FloatArray:
        """(n,) uniform draws on (0, 1), one in each of n strata."""
        text = hashlib.sha256(f"{self.seed}/{source}".encode()).digest()
        rng = np.random.default_rng(int.from_bytes(text[:8], "big"))
        strata = (np.arange(self.n) + rng.random(self.n)) / self.n
        return np.asarray(np.clip(rng.permutation(strata), EDGE, 1 - EDGE))

    def uniforms(self, sources: Sequence[str]) -> FloatArray:
        """(n_source, n) uniform draws."""
        out = np.empty((len(sources), self.n))
        for row, source in zip(out, sources, strict=True):
            row[:] = self.uniform(source)
        return out

    def normal(self, source: str) -> FloatArray:
        """(n,) standard normals; they are kept, and cannot be written to."""
        self.normals((source,))
        return self._made[source]

    def normals(self, sources: Sequence[str]) -> FloatArray:
        """(n_source, n) standard normals, as `normal` draws them one by one."""
        new = [s for s in dict.fromkeys(sources) if s not in self._made]
        if new:
            drawn = np.asarray(ndtri(self.uniforms(new)))
            drawn.setflags(write=False)
            self._made.update(zip(new, drawn, strict=True))
        return np.array([self._made[s] for s in sources]).reshape(-1, self.n)

    def correlated(self, common: str, source: str, correlation: float) -> FloatArray:
        """(n,) standard normals that share a common factor with others."""
        return joined(self.normal(common), self.normal(source), correlation)


def joined(common: FloatArray, own: FloatArray, correlation: float) -> FloatArray:
    """Standard normals of a common factor and a part of their own, arrays that broadcast.

    correlation : of two that share the factor
    """
    return np.asarray(np.sqrt(correlation) * common + np.sqrt(1.0 - correlation) * own)

"""What happened to promises of the same class: shares kept, delays, and prospects from them.

The classes are rows of delivery_base_rates.csv that carry a state. A share kept of k in n gives
a probability through Jeffreys' prior: P10, P50 and P90 of Beta(k + 1/2, n - k + 1/2). Promises
still open count as not kept, so the estimate leans to the low side. Delays are the percentiles of
the slips of the class; those of open promises are slips so far, so they too lean to the low side.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from entrepot.facts.world import World
from entrepot.uncertainty.ranges import Range

ALL = "region: all works"
REGION = "region: "
ADMINISTRATIVE = "region: administrative promise"
DELIVERED = "delivered"
SLIP = "schedule slip"


@dataclass(frozen=True, slots=True)
class ReferenceClass:
    """A class of promises.

    kept, n : promises kept, and all with a known state
    slips   : years late of those with dates, open ones so far
    """

    name: str
    kept: int
    n: int
    slips: tuple[float, ...]

    @property
    def probability(self) -> Range[float]:
        """P10, P50, P90 of the share kept."""
        from scipy.stats import beta

        a, b = self.kept + 0.5, self.n - self.kept + 0.5
        return Range(*(round(float(beta.ppf(q, a, b)), 2) for q in (0.1, 0.5, 0.9)))

    @property
    def delay(self) -> Range[float]:
        """P10, P50, P90 of the slips, not below zero; zeros where no slip is known."""
        if not self.slips:
            return Range(0.0, 0.0, 0.0)
        values = np.percentile(np.maximum(self.slips, 0.0), (10, 50, 90))
        return Range(*(round(float(v), 1) for v in values))


def reference_class(world: World, name: str) -> ReferenceClass:
    """A class by its name; 'region: all works' is all works of the region together."""
    table = world.table("delivery_base_rates")
    own = table[table["state"] != ""]
    if name == ALL:
        works = own["metric"].str.startswith(SLIP)
        of_region = own["reference_class"].str.startswith(REGION)
        own = own[works & of_region & (own["reference_class"] != ADMINISTRATIVE)]
    else:
        own = own[own["reference_class"] == name]
    slips = own.loc[own["metric"].str.startswith(SLIP), "mean"].dropna()
    kept = int((own["state"] == DELIVERED).sum())
    return ReferenceClass(name, kept, len(own), tuple(float(v) for v in slips))


def class_names(world: World) -> tuple[str, ...]:
    """Names of all classes whose rows carry a state."""
    table = world.table("delivery_base_rates")
    names = dict.fromkeys(table.loc[table["state"] != "", "reference_class"])
    return (ALL, *names)

"""What carriage between two economies takes, over all their hubs and routes, part by part.

The mean over pairs of hubs (their weights in zone_hubs.csv) and over routes (their shares), draw
by draw, so that the percentiles are those of the whole and not sums of percentiles.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from entrepot.errors import UsageError
from entrepot.facts.places import describe_place
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.network.graph import ArcKind
from entrepot.routes.choice import shares_of
from entrepot.routes.evaluate import sample
from entrepot.routes.find import find_routes
from entrepot.routes.query import RouteQuery

if TYPE_CHECKING:
    from entrepot.cost.cargo import Cargo
    from entrepot.routes.query import RouteSet
    from entrepot.routes.session import Session


@short_repr
@dataclass(frozen=True, slots=True)
class Carriage:
    """Draws of what a tonne takes from one economy to another; (n,) each.

    freight_usd  : USD/t for haulage, handling, tolls, insurance
    border_usd   : USD/t of fees at borders
    moving_hours : under way, in terminals, waiting for ships
    border_hours : at land borders
    reached      : weight of the pairs of hubs that the goods can go between
    """

    cargo: Cargo
    freight_usd: FloatArray
    border_usd: FloatArray
    moving_hours: FloatArray
    border_hours: FloatArray
    reached: float


def carriage(
    session: Session, origin: str, destination: str, commodity: str | None, on: str | None
) -> Carriage | None:
    """Carriage of a commodity between two economies under the rules of a date.

    None where no pair of hubs can be reached; pairs that cannot are left out and the others'
    weights scaled up.
    """
    start, end = (describe_place(session.world, place) for place in (origin, destination))
    if start.country == end.country:
        raise UsageError(f"Carriage is between two economies, not inside {start.country}.")
    parts: list[tuple[float, FloatArray]] = []
    cargo = session.pricing(commodity, None, on).cargo
    for a, wa in zip(start.nodes, start.weights, strict=True):
        for b, wb in zip(end.nodes, end.weights, strict=True):
            routes = find_routes(session.world, RouteQuery(a, b, commodity, on=on), session=session)
            if routes.candidates:
                parts.append((wa * wb, _mean(routes)))
    if not parts:
        return None
    reached = sum(weight for weight, _ in parts)
    mean = np.sum([weight / reached * draws for weight, draws in parts], axis=0)
    freight, border, moving, waiting = mean
    return Carriage(cargo, freight, border, moving, waiting, reached)


def _mean(routes: RouteSet) -> FloatArray:
    """(4, n): freight and border USD/t, moving and border hours, over the routes."""
    pricing, network = routes.pricing, routes.session.network
    total = np.zeros((4, pricing.draws.time.sampler.n))
    shares, _ = shares_of(routes)
    for share, candidate in zip(shares, routes.candidates, strict=True):
        at_border = [int(network.kind[a] == ArcKind.BORDER) for a in candidate.path]
        drawn = sample(
            pricing.costs, pricing.draws, candidate.path, candidate.effect, at_border, legs=2
        )
        total += share * np.stack([*drawn.usd, *drawn.hours])
    return total

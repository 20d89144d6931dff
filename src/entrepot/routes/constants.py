"""Constants of corridors: what keeps goods off routes that their cost does not know.

A constant k of corridor_constants.csv takes exp(-k) from the odds of the routes it is about, as a
choice weight of a rule does: as a cost it is k C0 / mu. A route that several constants are about
takes all of them. They are estimated on corridor_counts.csv by `questions/validation/calibration.py`, and stay in
counterfactuals.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from entrepot.kernels.arrays import FloatArray
from entrepot.routes.passing import Passing, vehicles

if TYPE_CHECKING:
    from entrepot.facts.world import World
    from entrepot.kernels.choice.route_choice import RouteSets
    from entrepot.network.graph import Network
    from entrepot.routes.cargo_class import CargoClass
    from entrepot.routes.hubs import HubPairs
    from entrepot.routes.session import Session

DISPERSION = "route_dispersion"


def kept_off(
    world: World,
    network: Network,
    sets: RouteSets,
    pairs: HubPairs,
    classes: tuple[CargoClass, ...],
) -> tuple[FloatArray, ...]:
    """(C,) of (R,) log odds that routes lose; classes that lose the same share an array."""
    rows = list(world.table("corridor_constants").itertuples(index=False))
    some = [(Passing.of_row(world, r), float(r.log_odds)) for r in rows if r.log_odds != 0]
    by_vehicle = vehicles(world)
    meant = np.array([p.classes(classes, by_vehicle) for p, _ in some], dtype=bool)
    meant = meant.reshape(len(some), len(classes))
    routes = [p.routes(network, sets, pairs) for p, _ in some]
    made: dict[bytes, FloatArray] = {}
    for c in range(len(classes)):
        key = meant[:, c].tobytes()
        if key not in made:
            total = np.zeros(sets.n_route)
            for k, (_, log_odds) in enumerate(some):
                if meant[k, c]:
                    total[routes[k]] += log_odds
            made[key] = total
    return tuple(made[meant[:, c].tobytes()] for c in range(len(classes)))


def dispersions(session: Session, classes: tuple[CargoClass, ...]) -> tuple[float, ...]:
    """(C,) mu of each class: route_dispersion_<vehicle class> of parameters.csv, else the general one."""
    table = session.world.table("parameters")
    value = dict(zip(table["parameter"], table["value"], strict=True))
    by_vehicle = vehicles(session.world)
    return tuple(
        float(value.get(f"{DISPERSION}_{by_vehicle[c.unit]}", session.dispersion)) for c in classes
    )

"""Congested assignment on any network."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from entrepot.answers.answer import Answer


def assign_traffic(
    network: pd.DataFrame | Path | str,
    trips: pd.DataFrame | Path | str,
    *,
    matrix: str | None = None,
    gap: float = 1e-10,
    toll_factor: float = 0.0,
    distance_factor: float = 0.0,
    iterations: int = 1000,
    threads: int | None = None,
    start: Path | str | None = None,
    save: Path | str | None = None,
) -> Answer:
    """Assign trips to a congested network: user equilibrium, with its certificate.

    network     : links as a data frame (from, to, capacity, free_flow_time; b, power, length,
                  toll), a TNTP file, or a folder with node.csv and link.csv in GMNS
    trips       : pairs as a data frame (from, to, trips), a TNTP file, or an OMX file with GMNS
    matrix      : which one of the OMX file
    gap         : relative gap to reach, within so many iterations
    toll_factor : time that a unit of toll is worth; distance_factor: that a unit of length is
    start, save : files of the links each origin uses, to start from and to write
    Units of time, length and trips are those of the data. Threads change no result.
    Tables: assignment (objective, certificate, trips loaded), volumes (by link, and
    its cost there), disconnected
    and history. The status is "converged" or "not converged".
    Raises BadInputError with all faults of the network and the trips.

    >>> import pandas as pd
    >>> links = pd.DataFrame({"from": ["a", "a", "c"], "to": ["b", "c", "b"],
    ...                       "free_flow_time": [1.0, 1.0, 1.0], "capacity": [1.0, 9.0, 9.0]})
    >>> trips = pd.DataFrame({"from": ["a"], "to": ["b"], "trips": [4.0]})
    >>> ep.assign_traffic(links, trips).to_frame("volumes")["volume"].round(1).tolist()
    [1.6, 2.4, 2.4]
    """
    from entrepot.answers.answer import make_answer
    from entrepot.assignment.assign import AssignmentSettings, assign_road, save_uses
    from entrepot.assignment.tables import assignment_tables, read_road

    road, table = read_road(network, trips, matrix)
    warm = None if start is None else Path(start)
    settings = AssignmentSettings(gap, toll_factor, distance_factor, iterations, threads, warm)
    result = assign_road(road, table, settings)
    if save is not None:
        save_uses(result, Path(save))
    status = "converged" if result.found.converged else "not converged"
    return make_answer(
        "assignment", assignment_tables(result), status=status, notes=(result.status,)
    )

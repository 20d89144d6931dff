"""Estimate the constants of corridors, and what they are worth on counts not used.

python scripts/calibrate_flows.py

Prints the constants with their standard errors, the same with a dispersion of their own for boxes,
bulk and trucks, and each count modelled with it and without it. With --write the constants of
corridor_constants.csv are replaced. Takes some minutes.
"""

from __future__ import annotations

import csv
import sys
from pathlib import Path

import numpy as np

import entrepot
from entrepot.facts.load import load_world
from entrepot.flows.flow_model import FlowModel
from entrepot.questions.validation.calibration import (
    Calibration,
    Estimate,
    mean_log_error,
)
from entrepot.questions.validation.flow_validation import base_tonnes, calibration_day
from entrepot.routes.session import Session

TABLE = Path(entrepot.__file__).parent / "data/eurasia/corridor_constants.csv"


def main() -> None:
    session = Session.open(load_world())
    model, tonnes = FlowModel.of(session, calibration_day(session)), base_tonnes(session)
    world = session.world
    counts = [c for c in world.table("corridor_counts").itertuples(index=False)
              if c.use == "calibration"]  # fmt: skip
    constants = list(world.table("corridor_constants").itertuples(index=False))
    observed = np.array([c.value_mt for c in counts]) * 1e6
    none = Calibration(model, tonnes, counts, [], by_group=False)
    free = none.modelled(np.zeros(0), np.zeros(0))
    print(f"no constants: mean factor {mean_log_error(free, observed):.2f}")
    for by_group in (True, False):
        calibration = Calibration(model, tonnes, counts, constants, by_group=by_group)
        found = calibration.fit()
        apart = calibration.left_out(found)
        print(f"\nmu {'by group' if by_group else 'general'}: sum of squares {found.fit:.2f}")
        for name, mu, error in zip(found.groups, found.mu, found.error_mu, strict=True):
            print(f"  mu {name:12} {mu:6.2f}  (ln error {error:.2f})")
        for row, value, error in zip(constants, found.log_odds, found.error, strict=True):
            print(f"  {row.constant_id:20} {value:6.2f}  (error {error:.2f})")
        for count, with_it, without in zip(counts, found.modelled, apart, strict=True):
            print(f"  {count.count_id:20} observed {count.value_mt:7.2f}  "
                  f"modelled {with_it / 1e6:7.2f}  left out {without / 1e6:7.2f}")  # fmt: skip
        print(f"  mean factor {mean_log_error(found.modelled, observed):.2f}, "
              f"left out {mean_log_error(apart, observed):.2f}")  # fmt: skip
    if "--write" in sys.argv[1:]:
        write(found)


def write(found: Estimate) -> None:
    """Put the estimates into the table of facts."""
    with TABLE.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row, value, error in zip(rows, found.log_odds, found.error, strict=True):
        row["log_odds"], row["low"], row["high"] = (
            f"{v:.2f}" for v in (value, value - 2 * error, value + 2 * error)
        )
    with TABLE.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


if __name__ == "__main__":
    main()

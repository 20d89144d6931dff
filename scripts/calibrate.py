"""How the two factors of calibration were chosen, and what they are worth on rows not used.

python scripts/calibrate.py

Prints the error on days over a grid of factors, then the error of rows left out of the choice: the
core rows are cut into five parts, the factors chosen on four (least mean absolute log error) and
judged on the fifth, twenty times over.
"""

from __future__ import annotations

import numpy as np

from entrepot.facts.change import Change, apply
from entrepot.facts.load import load_world
from entrepot.questions.validation.validation import validate
from entrepot.routes.session import Session

SPEEDS = ("1", "1.1", "1.2", "1.25", "1.3")
DWELLS = ("0.75", "0.85", "0.95", "1")
FOLDS, ROUNDS = 5, 20


def main() -> None:
    world = load_world()
    ratios: dict[tuple[str, str], np.ndarray] = {}
    print("speed  dwell  median error  mean error  bias  in P10-P90")
    for speed in SPEEDS:
        for dwell in DWELLS:
            changes = [
                Change("parameters", "speed_factor", "value", "set", speed),
                Change("parameters", "dwell_factor", "value", "set", dwell),
            ]
            result = validate(Session.open(apply(world, changes)), free=False)
            days = result.summary["days"]
            print(
                f"{speed:>5}  {dwell:>5}  {days['median_abs_error']:12.3f}  "
                f"{days['mean_abs_error']:10.3f}  {days['bias']:4.2f}  {days['coverage']:10.2f}"
            )
            rows = result.rows
            rows = rows[(rows["status"] == "scored") & rows["published_days"].notna()]
            ratio = rows["days_p50"] / rows["published_days"]
            ratios[speed, dwell] = ratio.to_numpy(dtype=float)
    median, mean, bias = left_out(ratios)
    print(f"\nrows left out: median error {median:.3f}, mean error {mean:.3f}, bias {bias:.2f}")


def left_out(ratios: dict[tuple[str, str], np.ndarray]) -> tuple[float, float, float]:
    """Median and mean absolute error and bias of rows judged with factors chosen on others."""
    n = len(next(iter(ratios.values())))
    rng = np.random.default_rng(0)
    results = []
    for _ in range(ROUNDS):
        order, judged = rng.permutation(n), np.zeros(n)
        for fold in range(FOLDS):
            out = order[fold::FOLDS]
            rest = np.setdiff1d(order, out)
            best = min(ratios, key=lambda g: float(np.abs(np.log(ratios[g][rest])).mean()))
            judged[out] = ratios[best][out]
        size = np.abs(judged - 1)
        results.append((np.median(size), size.mean(), np.exp(np.log(judged).mean())))
    median, mean, bias = np.mean(results, axis=0)
    return float(median), float(mean), float(bias)


if __name__ == "__main__":
    main()

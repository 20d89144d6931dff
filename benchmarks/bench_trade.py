"""The trade equilibrium in exact changes: seconds, steps and memory by size, beside other routes.

    python benchmarks/bench_trade.py [--plot docs/trade_growth.svg]

Made-up worlds with inputs, tariffs and imbalances. The peers solve the same equations in the same
process: the excess-demand iteration that published replications use, with the same fast map, and
scipy's general root finder on all wages, prices and spending at once.
"""

from __future__ import annotations

import argparse
import sys
import time
import tracemalloc
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from scipy.optimize import root

from entrepot.report.charts.svg import (
    COLOURS,
    line,
    tag,
    text,
)
from entrepot.trade.exact.baseline import Baseline, start_of
from entrepot.trade.exact.counterfactual import Counterfactual, counterfactual
from entrepot.trade.exact.markets import Frame, MarketProblem, State, evaluate
from entrepot.trade.exact.shock import read_shock
from entrepot.trade.exact.solve import numeraire

SIZES = ((31, 40), (60, 20), (77, 45), (141, 65))
COUNTRIES = ((20, 20), (40, 20), (80, 20), (160, 20))
SECTORS = ((40, 10), (40, 20), (40, 40), (40, 80))
ROUNDS = 4
TOLERANCE = 1e-10
# Of the usual iteration: its speed, slower where that runs away, and steps it is given.
SPEEDS, MOST = (0.5, 0.2, 0.1, 0.05), 1000
FOR_SCIPY = ((8, 5), (20, 15))
AGREE = 1e-7
PLOT = Path("docs/trade_growth.svg")


@dataclass(frozen=True, slots=True)
class Timed:
    """Quickest of some runs."""

    seconds: float
    result: Any


def quickest(run: Callable[[], Any], rounds: int = ROUNDS) -> Timed:
    best, result = np.inf, None
    for _ in range(rounds):
        start = time.perf_counter()
        result = run()
        best = min(best, time.perf_counter() - start)
    return Timed(best, result)


def made_up(n: int, j: int, seed: int = 1) -> dict[str, np.ndarray]:
    """Flows of a gravity-like world [sector, importer, exporter], a tenth of the pairs empty.

    Final spending is given and flows follow from it, so that trade is not in balance.
    """
    draw, own = np.random.default_rng(seed), np.arange(n)
    size, place = np.exp(draw.normal(0.0, 1.5, n)), draw.uniform(0.0, 1.0, (n, 2))
    away = np.hypot(*(place[:, None] - place[None]).transpose(2, 0, 1)) + 0.05
    weight = size * away**-1.2 * np.exp(draw.normal(0.0, 1.0, (j, n, n)))
    weight[draw.random((j, n, n)) < 0.1] = 0.0
    weight[:, own, own] = 0.0
    open_to_trade = draw.uniform(0.05, 0.6, n)
    weight[:, own, own] = weight.sum(axis=2) * (1 - open_to_trade) / open_to_trade + 1e-9
    share = weight / weight.sum(axis=2, keepdims=True)
    tariff = draw.uniform(0.0, 0.25, (j, n, n))
    tariff[:, own, own] = 0.0
    added = draw.uniform(0.25, 0.7, (j, n))
    inputs = draw.dirichlet(np.full(j, 0.3), (n, j)).transpose(0, 2, 1) * (1 - added.T)[:, None]
    taste, spent = draw.dirichlet(np.full(j, 0.8), n).T, size
    for _ in range(60):
        spending = taste * spent
        for _ in range(60):
            flows = share * spending[:, :, None] / (1 + tariff)
            bought = np.matmul(inputs, flows.sum(axis=1).T[:, :, None])[:, :, 0].T
            new = taste * spent + bought
            settled = np.abs(new - spending).max() < 1e-13 * new.max()
            spending = new
            if settled:
                break
        earned = np.sum(added * flows.sum(axis=1), axis=0) + np.sum(tariff * flows, axis=(0, 2))
        gap = np.abs(earned / spent - 1).max()
        if gap < 0.2:
            break
        spent = earned * spent.sum() / earned.sum()
    return {
        "flows": flows,
        "tariff": tariff,
        "elasticity": np.exp(draw.uniform(np.log(2.0), np.log(10.0), j)),
        "value_added_share": added,
        "input_share": inputs,
    }


def cheaper(n: int) -> np.ndarray:
    """A tenth off all costs of trade between countries."""
    cost = np.full((n, n), 0.9)
    np.fill_diagonal(cost, 1.0)
    return cost


@dataclass(frozen=True, slots=True)
class Row:
    """One size: seconds, steps, residual, memory in MiB."""

    n: int
    j: int
    baseline: float
    tariffs: Timed
    costs: Timed
    warm: Timed
    memory: float
    usual: Timed | None


def measure(n: int, j: int, *, peers: bool = True) -> Row:
    print(f"{n} countries, {j} sectors", file=sys.stderr, flush=True)
    given = made_up(n, j)
    read = quickest(lambda: Baseline.from_flows(**given))
    base: Baseline = read.result
    free = np.zeros_like(base.tariff)
    tariffs = quickest(lambda: counterfactual(base, tariff_new=free))
    costs = quickest(lambda: counterfactual(base, cost_hat=cheaper(n)))
    start = costs.result.state
    near = cheaper(n) ** 1.02
    warm = quickest(lambda: counterfactual(base, cost_hat=near, start=start))
    usual = None
    for speed in SPEEDS if peers else ():
        usual = quickest(lambda speed=speed: excess_demand(base, free, speed), 1)
        if usual.result.residual < TOLERANCE:
            check(tariffs.result, usual.result.wage)
            break
    return Row(n, j, read.seconds, tariffs, costs, warm, memory(base, free), usual)


def check(found: Counterfactual, wage: np.ndarray) -> None:
    gap = float(np.abs(found.wage_hat / wage - 1).max())
    if not gap < AGREE:
        raise SystemExit(f"The usual iteration finds other wages, by {gap:g}.")


def memory(base: Baseline, tariff: np.ndarray) -> float:
    """MiB that a counterfactual adds at its peak."""
    tracemalloc.start()
    counterfactual(base, tariff_new=tariff)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak / 2**20


def opened(base: Baseline, tariff: np.ndarray) -> MarketProblem:
    return read_shock(base, None, tariff, None)[0].problem(base)


@dataclass(frozen=True, slots=True)
class Usual:
    """Where the excess-demand iteration ended."""

    wage: np.ndarray
    speed: float
    steps: int
    residual: float


def excess_demand(base: Baseline, tariff: np.ndarray, speed: float) -> Usual:
    """w <- w (1 + speed * excess demand), with prices and spending found closely each time."""
    problem, state, error = opened(base, tariff), start_of(base), np.inf
    frame = Frame.of(problem)
    for step in range(MOST):
        with np.errstate(all="ignore"):
            point = evaluate(frame, state, 1e-12)
        error = point.error
        lost = not np.isfinite(error) or (step > 200 and error > 0.1)
        if error < TOLERANCE or lost:
            return Usual(np.exp(state.log_wage), speed, step + 1, error)
        grown = 1 + speed * np.expm1(point.excess)
        state.log_wage = numeraire(problem, state.log_wage + np.log(np.maximum(grown, 0.1)))
    return Usual(np.exp(state.log_wage), speed, MOST, error)


def all_at_once(base: Baseline, tariff: np.ndarray) -> tuple[np.ndarray, float]:
    """Wages by scipy.optimize.root on ln wages, ln prices and ln spending together."""
    problem = opened(base, tariff)
    n, cells = base.income.size, base.spending.size
    keep = base.spending > 0
    size = np.where(keep, base.spending, 1.0)
    kappa = np.exp(problem.log_kappa) if problem.log_kappa is not None else 1.0

    def parts(unknown: np.ndarray) -> State:
        log_wage = unknown[:n]
        log_price, log_spent = unknown[n:].reshape(2, *size.shape)
        return State(log_wage, log_price, np.where(keep, np.exp(log_spent) * size, 0.0))

    def residual(unknown: np.ndarray) -> np.ndarray:
        state = parts(unknown)
        cost = problem.value_added * state.log_wage
        cost = cost + np.einsum("kn,nkj->jn", state.log_price, problem.inputs)
        terms = base.share * (kappa * np.exp(cost)[:, None, :]) ** -problem.theta[:, None, None]
        reach = terms.sum(axis=2)
        share = terms / np.where(reach > 0, reach, 1.0)[:, :, None]
        flows = share * state.spending[:, :, None] * (1.0 if problem.kept is None else problem.kept)
        output = flows.sum(axis=1)
        wages = np.exp(state.log_wage) * problem.labour
        earned = wages + state.spending.sum(axis=0) - flows.sum(axis=(0, 2))
        wanted = problem.absorption * earned
        income = wanted * earned.sum() / wanted.sum()
        bought = problem.final * income + np.einsum("nkj,jn->kn", problem.inputs, output)
        market = np.log(np.sum(problem.value_added * output, axis=0) / wages)
        # One market follows from the others; in its place the numeraire.
        market[0] = np.log(wages.sum() / problem.labour.sum())
        price = -np.log(np.where(reach > 0, reach, 1.0)) / problem.theta[:, None]
        goods = np.where(keep, np.log(np.where(keep, bought / state.spending, 1.0)), unknown[-cells:].reshape(size.shape))  # fmt: skip
        return np.concatenate((market, (state.log_price - price).ravel(), goods.ravel()))

    found = root(residual, np.zeros(n + 2 * cells), tol=1e-12)
    return np.exp(found.x[:n]), float(np.abs(found.fun).max())


def beside_scipy(n: int, j: int) -> str:
    """A sentence on the size that a general solver still manages."""
    base = Baseline.from_flows(**made_up(n, j))
    free = np.zeros_like(base.tariff)
    ours = quickest(lambda: counterfactual(base, tariff_new=free))
    theirs = quickest(lambda: all_at_once(base, free), 1)
    wage, error = theirs.result
    unknowns = n + 2 * n * j
    if error < 1e-8:
        check(ours.result, wage)
    return (
        f"`scipy.optimize.root` on all {unknowns} unknowns of {n} countries and {j} sectors took "
        f"{theirs.seconds:.2g} s to a residual of {error:.0e}; entrepot {ours.seconds:.2g} s to "
        f"{ours.result.residual:.0e}."
    )


def usual(timed: Timed | None) -> str:
    if timed is None:
        return "—"
    end: Usual = timed.result
    if end.residual < TOLERANCE:
        return f"{timed.seconds:.2g} s, {end.steps} steps, speed {end.speed:g}"
    return f"not there at any speed (residual {end.residual:.0e})"


def table(rows: list[Row]) -> str:
    lines = [
        "| countries × sectors | reading | tariffs to zero | steps | costs −10 % | steps "
        "| warm start | steps | largest residual | MiB | excess-demand iteration |",
        "|---|" + "---:|" * 9 + "---|",
    ]
    for row in rows:
        runs = (row.tariffs, row.costs, row.warm)
        cells = [f"{run.seconds:.2g} s | {run.result.iterations}" for run in runs]
        worst = max(run.result.residual for run in runs)
        if not all(run.result.converged for run in runs):
            raise SystemExit(f"{row.n} countries, {row.j} sectors: not converged.")
        lines.append(
            f"| {row.n} × {row.j} | {row.baseline:.2g} s | {' | '.join(cells)} | {worst:.0e} "
            f"| {row.memory:.0f} | {usual(row.usual)} |"
        )
    return "\n".join(lines)


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """Slope of ln seconds over ln size."""
    return float(np.polyfit(np.log(sizes), np.log(seconds), 1)[0])


def plot(path: Path, series: dict[str, tuple[list[int], list[float]]]) -> None:
    """Seconds over size on log scales, as plain SVG."""
    width, height, left, right, top, bottom = 640, 360, 60, 20, 30, 50
    sizes = np.concatenate([xs for xs, _ in series.values()])
    times = np.concatenate([ys for _, ys in series.values()])
    low, high = np.floor(np.log10(times.min())), np.ceil(np.log10(times.max()))
    first, last = np.log(sizes.min()), np.log(sizes.max())

    def at(size: float, seconds: float) -> tuple[float, float]:
        x = left + (np.log(size) - first) / (last - first) * (width - left - right)
        y = top + (high - np.log10(seconds)) / (high - low) * (height - top - bottom)
        return float(x), float(y)

    parts = [tag("rect", width=width, height=height, fill="#ffffff")]
    for power in np.arange(low, high + 1):
        y = at(float(sizes.min()), 10**power)[1]
        parts += [line((left, y), (width - right, y)), text(left - 6, y + 4, f"{10**power:g} s", anchor="end")]  # fmt: skip
    for size in sorted(set(sizes.tolist())):
        x = at(size, 10**low)[0]
        parts.append(text(x, height - bottom + 18, int(size), anchor="middle"))
    parts.append(text((left + width) / 2, height - 10, "countries or sectors", anchor="middle"))
    for place, (name, (xs, ys)) in enumerate(series.items()):
        points = [at(x, y) for x, y in zip(xs, ys, strict=True)]
        colour = COLOURS[place]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
        parts.append(tag("polyline", points=way, fill="none", stroke=colour, stroke_width=2))
        parts += [tag("circle", cx=x, cy=y, r=3.0, fill=colour) for x, y in points]
        parts.append(text(left + 10, top + 14 + 18 * place, name, fill=colour))
    head = {"xmlns": "http://www.w3.org/2000/svg", "viewBox": f"0 0 {width} {height}"}
    path.write_text(
        tag("svg", "".join(parts), **head, role="img", font_family="sans-serif") + "\n",
        encoding="utf-8",
    )


def growth(path: Path | None) -> str:
    """How seconds grow with countries at twenty sectors, and with sectors at forty countries."""
    series, words = {}, []
    for name, at, sizes in (("countries", 0, COUNTRIES), ("sectors", 1, SECTORS)):
        rows = [measure(*size, peers=False) for size in sizes]
        xs = [size[at] for size in sizes]
        ys = [row.tariffs.seconds for row in rows]
        fixed = f"{sizes[0][1 - at]} {'sectors' if at == 0 else 'countries'}"
        series[f"{name}, at {fixed}"] = (xs, ys)
        shown = ", ".join(f"{x}: {y:.2g} s" for x, y in zip(xs, ys, strict=True))
        words.append(f"With {name}, at {fixed}: power {exponent(xs, ys):.1f} ({shown}).")
    if path is not None:
        plot(path, series)
    return "\n".join(f"- {sentence}" for sentence in words)


def main(path: Path | None = None) -> str:
    """A passage of Markdown; draws the growth where a path is given."""
    rows = [measure(*size) for size in SIZES]
    return "\n\n".join(
        (
            f"Residual asked: {TOLERANCE:.0e} log points in every labour market. Warm starts begin "
            "at the result for costs −10 % and solve for 2 % more of it. The excess-demand "
            "iteration, w ← w (1 + speed × excess demand), evaluates the same map with "
            f"{MOST} steps at most; of the speeds {', '.join(f'{s:g}' for s in SPEEDS)} the first "
            "that gets there counts, and earlier tries are not timed.",
            table(rows),
            " ".join(beside_scipy(*size) for size in FOR_SCIPY),
            "Growth of the seconds for tariffs to zero:",
            growth(path),
        )
    )


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--plot", type=Path, help=f"where to draw the growth, such as {PLOT}")
    print(main(parser.parse_args().plot))

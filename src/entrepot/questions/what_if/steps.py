"""A what-if of trade: other duties, trade costs or payment frictions, and who gains and loses.

Changes are written as on the command line and read at one place:

    tariff    IRN:KAZ:cereals=0      importer : exporter : good; a level, or -50% of the present
    cost      KAZ-IRN=-10%           both ways; 'KAZ>IRN=-10%' for one direction, exporter first
    friction  KAZ-IRN=5%             as a part of the value; a level, or -50% of the present

Economies are alpha-3 codes, groups of zone_groups.csv, or * for all; :good may follow any pair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from entrepot.errors import UnknownNameError, UsageError
from entrepot.kernels.arrays import FloatArray
from entrepot.trade.world.trade_world import TradeWorld
from entrepot.uncertainty.ranges import Range

KINDS = ("tariff", "cost", "friction")
FORMS = {
    "tariff": "IMPORTER:EXPORTER[:GOOD]=RATE, such as IRN:KAZ:cereals=0 or IRN:EAEU=-50%",
    "cost": "A-B[:GOOD]=CHANGE, such as KAZ-IRN=-10%, or 'A>B=-10%' for one direction",
    "friction": "A-B[:GOOD]=SHARE, such as KAZ-IRN=5% or KAZ-IRN=-50%",
}
_NUMBER = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(%?)")
MOST = 1000.0


@dataclass(frozen=True, slots=True)
class Step:
    """One change.

    cells    : (importers, exporters) as positions, pairs of arrays
    sectors  : positions of the sectors it holds for
    value    : new level, or change of the present level as a share
    relative : which of the two
    """

    kind: str
    text: str
    cells: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...]
    sectors: tuple[int, ...]
    value: float
    relative: bool


@dataclass(frozen=True, slots=True)
class Wedges:
    """What stands between before and after. (J, N, N) each; cost_hat is new over old."""

    cost_hat: FloatArray
    old_tariff: FloatArray
    new_tariff: FloatArray


def read_steps(trade: TradeWorld, asked: Mapping[str, Sequence[str]]) -> tuple[Step, ...]:
    """All changes of a call, kind by kind; every fault is told in one message."""
    steps, faults = [], []
    for kind, texts in asked.items():
        for text in texts:
            try:
                steps.append(read_step(trade, kind, text))
            except UsageError as error:
                told = str(error)
                faults.append(told if told.startswith("--") else f"--{kind} {text}: {told}")
    faults += [told for step in steps if (told := _no_duty(trade, step))]
    if faults:
        raise UsageError("\n".join(faults))
    return tuple(steps)


def _no_duty(trade: TradeWorld, step: Step) -> str:
    """Why a duty cannot fall: none of those named is in the facts."""
    if step.kind != "tariff" or (not step.relative and step.value > 0):
        return ""
    if any(trade.tariff_known[np.ix_(buyers, sellers)].any() for buyers, sellers in step.cells):
        return ""
    return (
        f"--tariff {step.text}: no duty of these economies is in the facts on {trade.on}; what there is "
        "lies in the unexplained trade cost. Ask with --cost instead."
    )


def read_step(trade: TradeWorld, kind: str, text: str) -> Step:
    """Read one change. Raises UsageError or UnknownNameError with what is wrong."""
    pair, equals, amount = text.partition("=")
    if not equals:
        raise UsageError(f"--{kind} {text}: there is no '='. Expected {FORMS[kind]}.")
    value, relative = _amount(kind, text, amount.strip())
    pieces = [p.strip() for p in pair.split(":")]
    if kind == "tariff":
        if len(pieces) not in (2, 3):
            raise UsageError(f"--{kind} {text}: expected {FORMS[kind]}.")
        buyers, sellers = (_places(trade, p) for p in pieces[:2])
        cells: tuple[tuple[tuple[int, ...], tuple[int, ...]], ...] = ((buyers, sellers),)
        goods = pieces[2] if len(pieces) == 3 else "*"
    else:
        if len(pieces) not in (1, 2):
            raise UsageError(f"--{kind} {text}: expected {FORMS[kind]}.")
        goods = pieces[1] if len(pieces) == 2 else "*"
        mark = ">" if ">" in pieces[0] else "-"
        first, found, second = (p.strip() for p in pieces[0].partition(mark))
        if not found:
            raise UsageError(f"--{kind} {text}: expected {FORMS[kind]}.")
        a, b = _places(trade, first), _places(trade, second)
        cells = ((b, a),) if mark == ">" else ((b, a), (a, b))
    if all(set(buyers) == set(sellers) and len(buyers) == 1 for buyers, sellers in cells):
        raise UsageError(f"--{kind} {text}: a country does not trade with itself across a border.")
    every = tuple(range(len(trade.sectors)))
    sectors = every if goods == "*" else (trade.folding.position(goods),)
    return Step(kind, text, cells, sectors, value, relative)


def _places(trade: TradeWorld, name: str) -> tuple[int, ...]:
    upper = name.upper()
    found = trade.places.positions(upper)
    if found:
        return found
    raise UnknownNameError(
        name, "economy or group of economies", [*trade.known(), *trade.places.groups]
    )


def _amount(kind: str, text: str, amount: str) -> tuple[float, bool]:
    match = _NUMBER.fullmatch(amount)
    if match is None:
        raise UsageError(f"--{kind} {text}: '{amount}' is no number. Expected {FORMS[kind]}.")
    sign, digits, percent = match.groups()
    value = float(digits) / (100 if percent else 1)
    if value > MOST:
        raise UsageError(f"--{kind} {text}: more than {100 * MOST:,.0f} % is no change of trade.")
    signed = -value if sign == "-" else value
    if sign and not percent:
        raise UsageError(f"--{kind} {text}: a change is in per cent: did you mean {amount}%?")
    if kind == "cost" and not sign:
        raise UsageError(
            f"--cost {text}: a change has a sign: did you mean -{amount} or +{amount}?"
        )
    if signed <= -1.0 and kind == "cost":
        raise UsageError(f"--cost {text}: a cost cannot fall by 100 % or more.")
    if signed < -1.0:
        raise UsageError(f"--{kind} {text}: it cannot fall by more than 100 %.")
    if not sign and not percent and value > 1:
        raise UsageError(
            f"--{kind} {text}: {amount} is a share of the value: did you mean {amount}%?"
        )
    return signed, bool(sign)


def wedges(
    trade: TradeWorld, steps: tuple[Step, ...], tariff: FloatArray, friction: FloatArray
) -> Wedges:
    """Apply changes to duties and frictions in force; later steps see what earlier ones left.

    Domestic sales stay as they are, even where a change names all economies.
    """
    log_cost = np.zeros_like(tariff)
    new_tariff, new_friction = tariff.copy(), friction.copy()
    n = len(trade.zones)
    abroad = ~np.eye(n, dtype=bool)
    for step in steps:
        where = np.zeros((n, n), dtype=bool)
        for buyers, sellers in step.cells:
            where[np.ix_(buyers, sellers)] = True
        where &= abroad
        for j in step.sectors:
            if step.kind == "cost":
                log_cost[j][where] += np.log1p(step.value)
                continue
            level = new_tariff if step.kind == "tariff" else new_friction
            level[j][where] = level[j][where] * (1.0 + step.value) if step.relative else step.value
    log_cost += np.log1p(new_friction) - np.log1p(friction)
    return Wedges(np.exp(log_cost), tariff, new_tariff)


def spread_of(draws: FloatArray) -> Range[FloatArray]:
    """P10, P50, P90 along the first axis, failed draws (NaN) left out."""
    return Range(*(np.nanpercentile(draws, q, axis=0) for q in (10, 50, 90)))

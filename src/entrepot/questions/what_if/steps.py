"""Changes as people write them on a command line, read at one place.

    tariff    IRN:KAZ:cereals=0      importer : exporter : goods; a level, or -50% of the present
    cost      KAZ-IRN=-10%           both ways; 'KAZ>IRN=-10%' for one direction, exporter first
    friction  KAZ-IRN=5%             as a part of the value; a level, or -50% of the present
    set       TABLE:ROW:COLUMN=5     a cell; *=0.5 scales it, +=5 and -=5 add to it

Economies are alpha-3 codes, groups of zone_groups.csv, or * for all; :goods, a commodity or a broad
group, may follow any pair.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from entrepot.errors import UnknownNameError, UsageError
from entrepot.facts.change import Change
from entrepot.facts.world import World

KINDS = ("tariff", "cost", "friction")
FORMS = {
    "tariff": "IMPORTER:EXPORTER[:GOODS]=RATE, such as IRN:KAZ:cereals=0 or IRN:EAEU=-50%",
    "cost": "A-B[:GOODS]=CHANGE, such as KAZ-IRN=-10%, or 'A>B=-10%' for one direction",
    "friction": "A-B[:GOODS]=SHARE, such as KAZ-IRN=5% or KAZ-IRN=-50%",
    "set": "TABLE:ROW:COLUMN=VALUE, such as border_crossings:akyayla,incheh_borun,road:hours*=0.5",
}
_NUMBER = re.compile(r"([+-]?)([0-9]+\.?[0-9]*|\.[0-9]+)(%?)")
_CELL = re.compile(r"([a-z_]+):(.+):([a-z0-9_]+?)\s*(\*=|\+=|-=|=)(.*)")
MOST = 1000.0


def read_steps(world: World, given: Mapping[str, Sequence[str]]) -> tuple[Change, ...]:
    """All changes of a call, kind by kind; every fault comes in one message."""
    out: list[Change] = []
    faults = []
    for kind, texts in given.items():
        for text in texts:
            try:
                out += read_cell(text) if kind == "set" else read_step(world, kind, text)
            except UsageError as error:
                said = str(error)
                faults.append(said if said.startswith("--") else f"--{kind} {text}: {said}")
    if faults:
        raise UsageError("\n".join(faults))
    return tuple(out)


def read_cell(text: str) -> tuple[Change, ...]:
    """A change of cells: TABLE:ROW:COLUMN, then =, *=, += or -=, and a value."""
    match = _CELL.fullmatch(text.strip())
    if match is None:
        raise UsageError(f"--set {text}: expected {FORMS['set']}.")
    table, row, column, sign, value = match.groups()
    operation = {"=": "set", "*=": "scale"}.get(sign, "add")
    value = value.strip()
    if sign == "-=":
        value = value[1:] if value.startswith("-") else f"-{value}"
    return (Change(table, row, column, operation, value, reason=f"--set {text}"),)


def read_step(world: World, kind: str, text: str) -> tuple[Change, ...]:
    """One change of duties, costs or payment. Raises UsageError with what is wrong."""
    pair, equals, amount = text.partition("=")
    if not equals:
        raise UsageError(f"--{kind} {text}: there is no '='. Expected {FORMS[kind]}.")
    value, relative = _amount(kind, text, amount.strip())
    pieces = [p.strip() for p in pair.split(":")]
    if kind == "tariff":
        if len(pieces) not in (2, 3):
            raise UsageError(f"--{kind} {text}: expected {FORMS[kind]}.")
        ends, goods, one_way = pieces[:2], pieces[2:], True
    else:
        mark = ">" if ">" in pieces[0] else "-"
        ends, goods, one_way = pieces[0].split(mark), pieces[1:], mark == ">"
        if len(pieces) > 2 or len(ends) != 2:
            raise UsageError(f"--{kind} {text}: expected {FORMS[kind]}.")
    first, second = (_economy(world, e) for e in ends)
    if first == second and first in set(world.table("zones")["zone_id"]):
        raise UsageError(f"--{kind} {text}: a country does not trade with itself across a border.")
    named = _goods(world, goods[0]) if goods else "*"
    operation, number = ("scale", 1.0 + value) if relative else ("set", value)
    said = f"--{kind} {text}"
    if kind == "tariff":
        row = f"{first},{second},{named}"
        return (Change("tariffs", row, "rate", operation, repr(number), reason=said),)
    if kind == "friction":
        if one_way:
            raise UsageError(f"{said}: what paying costs holds both ways. Expected {FORMS[kind]}.")
        row = f"{first},{second},{named}"
        row = row.removesuffix(",*")
        return (Change("payment_friction", row, "share", operation, repr(number), reason=said),)
    rows = [f"{first},{second}"] if one_way else _both_ways(world, first, second)
    return tuple(
        Change("trade_costs", f"{row},{named}", "factor", "scale", repr(number), reason=said)
        for row in rows
    )


def _both_ways(world: World, first: str, second: str) -> list[str]:
    """Rows for both directions, no flow twice."""
    a, b = _members(world, first), _members(world, second)
    there = {(x, y) for x in a for y in b if x != y}
    back = {(y, x) for x in a for y in b if x != y}
    if not there & back:
        return [f"{first},{second}", f"{second},{first}"]
    return [f"{first},{second}", *(f"{x},{y}" for x, y in sorted(back - there))]


def _members(world: World, name: str) -> list[str]:
    zones = [str(z) for z in world.table("zones")["zone_id"]]
    groups = {str(r.group): list(r.members) for r in world.records("zone_groups")}
    return zones if name == "*" else [z for z in groups.get(name, [name]) if z in zones]


def _economy(world: World, name: str) -> str:
    upper = name.strip().upper()
    zones = world.table("zones")
    known = [*zones["zone_id"], *(str(g) for g in world.table("zone_groups")["group"])]
    if upper in (*known, "*"):
        return upper
    named = zip(zones["zone_id"], zones["name"], strict=True)
    raise UnknownNameError(name.strip(), "economy or group of economies", [*known, *named])


def _goods(world: World, name: str) -> str:
    table = world.table("commodities")
    known = dict.fromkeys([*table["broad_group"], *table["commodity"]])
    if name in known or name == "*":
        return name
    raise UnknownNameError(name, "commodity group", known, listed=list(known))


def _amount(kind: str, text: str, amount: str) -> tuple[float, bool]:
    match = _NUMBER.fullmatch(amount)
    if match is None:
        raise UsageError(f"--{kind} {text}: '{amount}' is not a number. Expected {FORMS[kind]}.")
    sign, digits, percent = match.groups()
    value = float(digits) / (100 if percent else 1)
    if value > MOST:
        raise UsageError(
            f"--{kind} {text}: more than {100 * MOST:,.0f} % is not a change of trade."
        )
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

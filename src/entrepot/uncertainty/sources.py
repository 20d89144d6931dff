"""The named sources of error: what each is, which facts give its range, and what it shares.

A source with members (the speeds of all countries, the elasticities of all sectors) has one common
factor, drawn by the name of the source, and a part of its own for each member, drawn by
`member(source, element)`. A coupled world draws the factor alone; routes and the pair draw both, and
the cause behind all delays or all charges.
"""

from __future__ import annotations

from typing import NamedTuple

SHAPES = {
    "log": "a positive figure that is multiplied: log-normal, with a side of its own each way",
    "level": "a share or rate that may be zero: normal, with a side of its own each way",
    "score": "a normal score, without a range of its own",
}


class Source(NamedTuple):
    """A source of error.

    name        : of its draws; NAME:* stands for one source for each element
    means       : what is not known for sure
    table       : of the facts or of the dossier, with `column`, that gives the range
    shape       : key of SHAPES
    common      : source that is a common factor of this one and others; empty for none
    correlation : parameter that tells how alike those are that share a factor; empty for none
    """

    name: str
    means: str
    table: str
    column: str
    shape: str
    common: str = ""
    correlation: str = ""


_TIME, _PRICE = "time_correlation", "cost_correlation"
_RATIOS = "p10_ratio p90_ratio"
_GIVEN = "low value high"

SOURCES = (
    Source("delays", "all hours together: season, supply of wagons, demand", "parameters", _GIVEN, "score", "", _TIME),
    Source("charges", "all charges together", "parameters", _GIVEN, "score", "", _PRICE),
    Source("speed:rail", "hours of movement by rail", "uncertainty", _RATIOS, "log", "delays", _TIME),
    Source("speed:road", "hours of movement by road", "uncertainty", _RATIOS, "log", "delays", _TIME),
    Source("speed:water", "hours of movement on water", "uncertainty", _RATIOS, "log", "delays", _TIME),
    Source("border", "hours at land borders", "border_crossings",
           "hours_p10 hours_p50 hours_p90", "log", "delays", _TIME),
    Source("dwell", "hours of terminals, transfers and waits", "transfers",
           "hours_p10 hours_p50 hours_p90", "log", "delays", _TIME),
    Source("rate:rail", "haulage by rail", "uncertainty", _RATIOS, "log", "charges", _PRICE),
    Source("rate:road", "haulage by road", "uncertainty", _RATIOS, "log", "charges", _PRICE),
    Source("rate:water", "haulage on water", "uncertainty", _RATIOS, "log", "charges", _PRICE),
    Source("handling", "charges of terminals and transfers", "uncertainty", _RATIOS, "log",
           "charges", _PRICE),
    Source("border_fee", "fees at land borders", "uncertainty", _RATIOS, "log", "charges", _PRICE),
    Source("time_value", "what an hour costs goods", "uncertainty", _RATIOS, "log"),
    Source("mu", "how closely goods follow costs", "parameters", _GIVEN, "log"),
    Source("theta:all", "trade elasticities together", "elasticity_estimates", "theta", "log", "",
           "elasticity_correlation"),
    Source("theta:*", "trade elasticity of a sector", "elasticity_estimates", "theta", "log",
           "theta:all", "elasticity_correlation"),
    Source("short_run", "trade elasticity of a year over that of the long run", "parameters",
           _GIVEN, "level"),
    Source("duty", "duties in force", "tariffs", "rate_low rate rate_high", "level"),
    Source("payment", "what paying costs", "payment_friction", "share_low share share_high",
           "level"),
    Source("usd_per_t:*", "value of a tonne of a commodity", "commodities",
           "usd_per_t_low usd_per_t usd_per_t_high", "log"),
    Source("surface", "part of the value that trains, trucks and ships carry", "pipeline_shares",
           "share", "level"),
    Source("turnover", "trade of the pair started from", "uncertainty", _RATIOS, "log"),
    Source("growth", "growth of trade without any promise", "study", "growth_low growth_mid growth_high",
           "level"),
    Source("size:*", "how large the effect of a measure is", "measures", "low mid high", "level"),
    Source("odds:*", "how likely a measure is", "prospects", "probability", "level"),
    Source("late:*", "how late a measure comes", "prospects", "delay", "level"),
    Source("group:*", "whether the measures of a group come together", "prospects", "group",
           "score", "", "promise_correlation"),
    Source("kept:*", "whether a measure comes", "prospects", "probability", "score", "group:*",
           "promise_correlation"),
)  # fmt: skip
_BY_NAME = {s.name: s for s in SOURCES}


def of_mode(what: str, mode: str) -> str:
    """Source of the speed or the rate of a mode; all modes on water share one."""
    return f"{what}:{mode if mode in ('rail', 'road') else 'water'}"


def member(source: str, element: str) -> str:
    """Name of the part that an element of a source has of its own."""
    return f"{source}:{element}"


def source_of(name: str) -> Source | None:
    """The source that a name of draws belongs to, as itself or as a member; None where unknown."""
    if name in _BY_NAME:
        return _BY_NAME[name]
    kind = name
    while ":" in kind:
        kind = kind.rpartition(":")[0]
        for found in (_BY_NAME.get(kind), _BY_NAME.get(f"{kind}:*")):
            if found is not None:
                return found
    return None

"""What if something changes? Before and after, as a question.

With nothing held, trade and transport answer each other. Held transport leaves traffic and its hours as
they are; where only duties, payment and trade costs change it needs no routes at all.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pandas as pd
from pydantic import field_validator

from entrepot.engine.candidates import routes_needed
from entrepot.engine.engine import Engine
from entrepot.engine.held import COUPLED, HELD, HORIZONS, model_of
from entrepot.engine.lower import lower_trade
from entrepot.engine.question import Job, Options, Question, Records, Tables
from entrepot.engine.spec import EngineNeeds, Turnover
from entrepot.errors import BadInputError, EntrepotError, InfeasibleError, UsageError
from entrepot.facts.change import Change, apply, is_of_trade
from entrepot.facts.read_changes import as_cell
from entrepot.facts.world import World
from entrepot.questions.what_if.before_after import (
    Figures,
    figures,
    moved,
    routes_between,
    what_if_table,
)
from entrepot.questions.what_if.trade_effects import TradeRules, held_notes, said, trade_effects
from entrepot.schema.model import PositiveNumber
from entrepot.trade.exact.baseline import check_rule

NAME = "what_if"


class ChangeOptions(Options):
    """A change; the words are those of `facts.change.Change`. `value` of an insert is a table of cells."""

    table: str
    row: str = ""
    column: str = ""
    operation: str = "set"
    value: str | dict[str, str] = ""
    low: str = ""
    high: str = ""
    year: int | None = None
    reason: str = ""
    source_id: str = ""

    @field_validator("value", mode="before")
    @classmethod
    def _cells(cls, value: Any) -> Any:
        if isinstance(value, dict):
            return {k: as_cell(v) for k, v in value.items()}
        return as_cell(value)

    @classmethod
    def of(cls, change: Change) -> ChangeOptions:
        """The options of a change."""
        value = change.text if isinstance(change.value, str) else change.cells
        names = set(cls.model_fields) - {"value"}
        return cls(**{name: getattr(change, name) for name in names}, value=value)

    def change(self) -> Change:
        """The change."""
        return Change(**self.model_dump())


class WhatIfOptions(Options):
    """Options of a what-if.

    pair    : economies whose trade, routes and income are shown
    changes : what changes
    model   : coupled, sectors, full, conditional or partial; told from `hold` where left out
    hold    : of transport, income, other_markets
    deficit : what becomes of trade deficits: proportional, nominal or zero
    horizon : long, or short for events under a year
    draws   : for the ranges; 0 for none
    on      : day of the rules and duties
    turnover_musd : trade of the pair to start from; None is that of the facts
    """

    pair: tuple[str, str]
    changes: tuple[ChangeOptions, ...] = ()
    model: str = ""
    hold: tuple[str, ...] = ()
    deficit: str = "proportional"
    horizon: str = "long"
    draws: int = 0
    on: str | None = None
    turnover_musd: PositiveNumber | None = None

    def change_list(self) -> tuple[Change, ...]:
        """The changes, in their order."""
        return tuple(c.change() for c in self.changes)

    @property
    def chosen(self) -> str:
        """The model. Raises UnknownNameError or UsageError."""
        return model_of(self.model, self.hold)

    @property
    def needs_routes(self) -> bool:
        """Whether flows on routes are part of the answer."""
        return self.chosen == COUPLED or any(not is_of_trade(c) for c in self.change_list())


def check(world: World, options: WhatIfOptions) -> Sequence[str]:
    """What is asked that the facts cannot answer."""
    faults = []
    known = set(world.table("zones")["zone_id"])
    faults += [f"'pair': Unknown economy '{z}'." for z in options.pair if z not in known]
    if options.pair[0] == options.pair[1]:
        faults.append("'pair': two economies are needed.")
    if options.horizon not in HORIZONS:
        faults.append(f"Unknown horizon '{options.horizon}'. Known: {', '.join(HORIZONS)}.")
    if options.draws < 0:
        faults.append(f"'draws': found {options.draws}, expected 0 at least.")
    if not options.changes:
        faults.append("Nothing changes: name a change.")
    changes = options.change_list()
    for one in (
        lambda: options.chosen,
        lambda: check_rule(options.deficit),
        lambda: apply(world, changes),
    ):
        try:
            one()
        except EntrepotError as error:
            faults.append(str(error))
    return faults


def needs(world: World, options: WhatIfOptions) -> EngineNeeds:
    """The day, the trade started from, and the routes that changes open."""
    try:
        opened = routes_needed(world, (), options.change_list())
    except BadInputError:
        opened = ()
    return EngineNeeds(options.on, (Turnover(options.pair, options.turnover_musd),), opened)


def jobs(engine: Engine, options: WhatIfOptions, done: Records) -> Sequence[Job]:
    """Each draw of the coupled world; other models draw on their own."""
    if options.chosen not in (COUPLED, "sectors") or not options.needs_routes:
        return []
    return [Job(str(d), drawn, (d,)) for d in range(options.draws)]


def drawn(engine: Engine, options: WhatIfOptions, done: Records, d: int) -> Figures | None:
    """What the changes move in draw d; None where it has no answer."""
    changes = options.change_list()
    own = engine.with_candidates(changes).draws(options.draws)[d]
    try:
        after = own.solve(changes, hold=options.hold)
    except EntrepotError:
        return None
    if not (after.converged and own.baseline.converged):
        return None
    return moved(figures(own.baseline, options.pair), figures(after, options.pair))


def tables(engine: Engine, options: WhatIfOptions, done: Records) -> Tables:
    """Before and after."""
    changes, model = options.change_list(), options.chosen
    engine = engine.with_candidates(changes).with_deficit(options.deficit)
    if not options.needs_routes:
        return _trade_tables(engine, options, changes)
    if model not in (COUPLED, "sectors"):
        raise UsageError(
            f"Model {model} has no routes; ask it about duties, payment or trade costs."
        )
    before = engine.solve(horizon=options.horizon)
    after = engine.solve(changes, hold=HELD[model], horizon=options.horizon)
    if not after.converged:
        raise InfeasibleError(f"There is no answer: {after.status}.")
    records = list(done.get(NAME, {}).values())
    valid = [r for r in records if r is not None]
    notes = [*engine.trade.notes, *held_notes(engine.trade, model)]
    notes.append(
        "Days and prices of main routes are those of the facts, without what new traffic adds."
    )
    if records and options.horizon == "short":
        notes.append("Ranges are those of the long run.")
    run = {
        "model": model,
        "deficit": options.deficit,
        "horizon": options.horizon,
        "on": engine.on,
        "base_year": engine.trade.base_year,
        "steps": tuple(dict.fromkeys(said(c) for c in changes)),
        "draws": len(records),
        "failed": len(records) - len(valid),
        "status": after.status,
        "notes": tuple(notes),
    }
    routes = routes_between(engine, options.pair, ()), routes_between(engine, options.pair, changes)
    both = figures(before, options.pair) + routes[0], figures(after, options.pair) + routes[1]
    return {"what_if": what_if_table(*both, valid), "trade_run": pd.DataFrame([run])}


def _trade_tables(engine: Engine, options: WhatIfOptions, changes: Sequence[Change]) -> Tables:
    """With transport held and nothing on routes: trade alone."""
    rules = TradeRules(
        options.chosen,
        options.deficit,
        options.horizon,
        options.draws,
        engine.spec.seed,
        options.pair,
    )
    lower_trade(engine.trade, engine.world, changes)
    out = dict(trade_effects(engine.world, engine.trade, changes, rules).tables)
    flows, gains = out["trade_flow_changes"], out["trade_effects"].set_index("zone_id")
    whole = flows[flows["sector"] == "*"].set_index(["exporter", "importer"])
    a, b = options.pair
    before, after = [], []
    for seller, buyer in ((a, b), (b, a)):
        if (seller, buyer) not in whole.index:
            continue
        row = whole.loc[(seller, buyer)]
        before.append(("trade", f"{seller}>{buyer}", float(row["before_musd"])))
        after.append(("trade", f"{seller}>{buyer}", float(row["before_musd"] + row["change_musd"])))
    if len(before) == 2:
        for side in (before, after):
            side.append(("trade", f"{a}-{b}", side[0][2] + side[1][2]))
    for zone in options.pair:
        before.append(("real_income", zone, 0.0))
        after.append(("real_income", zone, float(gains.at[zone, "real_income_musd"])))
    out["what_if"] = what_if_table(tuple(before), tuple(after), [])
    return out


QUESTIONS = (
    Question(
        NAME,
        WhatIfOptions,
        lambda options: f"what if: {options.pair[0]} and {options.pair[1]}",
        ("what_if", "trade_run"),
        engine=needs,
        check=check,
        jobs=jobs,
        tables=tables,
        many=True,
        flows=True,
    ),
)

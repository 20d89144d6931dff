"""What stands between two economies: the parts of the cost of their trade."""

from __future__ import annotations

from collections.abc import Sequence

from entrepot.engine.engine import Engine
from entrepot.engine.question import Question, Records, Tables
from entrepot.engine.spec import EngineNeeds, Turnover
from entrepot.errors import EntrepotError, nearest
from entrepot.facts.world import World
from entrepot.questions.between.options import BetweenOptions
from entrepot.questions.between.pair_trade import pair_trade
from entrepot.trade.world.trade_world import day_of


def check(world: World, options: BetweenOptions) -> Sequence[str]:
    """What is asked that the facts cannot answer."""
    faults: list[str] = []
    for day in (options.on, options.later):
        try:
            day_of(day or options.on)
        except EntrepotError as error:
            faults.append(str(error))
    faults += _pair_faults(world, options.pair)
    if options.draws < 2:
        faults.append(f"'draws': found {options.draws}, expected 2 at least.")
    sources = set(world.table("sources")["source_id"])
    for name in ("turnover_source_id", "target_source_id"):
        for source in getattr(options, name):
            if source not in sources:
                near = nearest(source, sources, 2)
                hint = f" Nearest: {', '.join(near)}." if near else ""
                faults.append(f"'{name}': Unknown source '{source}'.{hint}")
    return faults


def _pair_faults(world: World, pair: tuple[str, str]) -> list[str]:
    known = set(world.table("zones")["zone_id"])
    if len(set(pair)) != 2 or not set(pair) <= known:
        near = [n for p in pair if p not in known for n in nearest(p.upper(), known, 1)]
        hint = f" Nearest: {', '.join(near)}." if near else ""
        return [f"'pair' must be two economies of the world, found {', '.join(pair)}.{hint}"]
    totals = world.table("trade_totals")
    traded = set(zip(totals["exporter"], totals["importer"], strict=True))
    return [
        f"{a} sells nothing to {b} in the base year, so there is no cost to take apart; leave "
        "[between] out."
        for a, b in (pair, pair[::-1])
        if (a, b) not in traded
    ]


def needs(world: World, options: BetweenOptions) -> EngineNeeds:
    """The day of the duties, and the trade started from."""
    return EngineNeeds(options.on, (Turnover(options.pair, options.turnover_musd),))


def tables(engine: Engine, options: BetweenOptions, done: Records) -> Tables:
    """Tables trade_goods, trade_parts, trade_levers, trade_figures."""
    return pair_trade(engine.session, options, engine.spec.seed)


QUESTIONS = (
    Question(
        "between",
        BetweenOptions,
        lambda options: "trade of the pair: what stands in between",
        ("trade_goods", "trade_parts", "trade_levers", "trade_figures"),
        engine=needs,
        check=check,
        tables=tables,
    ),
)

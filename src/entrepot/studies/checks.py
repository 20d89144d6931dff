"""What a study asks that the facts cannot answer, told before anything is computed."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from entrepot.cost.cargo import make_cargo
from entrepot.cost.when import When
from entrepot.dossier import load_dossier
from entrepot.errors import BadInputError, EntrepotError, nearest
from entrepot.facts.places import describe_place
from entrepot.facts.world import World
from entrepot.routes.query import ORDERS
from entrepot.studies.definition import Study, StudyCoupled, StudyPromises, StudyTrade
from entrepot.trade.world.trade_world import day_of


def check_queries(world: World, study: Study) -> None:
    """Raise with every name of a study that the facts do not know."""
    faults = []
    date = study.on or world.meta["default_date"]
    checks: list[tuple[str, Callable[[], object]]] = [("study", partial(When.parse, date))]
    for query in study.query:
        where = f"query '{query.id}'"
        places = (query.origin, query.destination, *(p for v in query.via for p in v.split("|")))
        checks += [(where, partial(describe_place, world, place)) for place in places]
        if query.on:
            checks.append((where, partial(When.parse, query.on)))
        checks.append((where, partial(make_cargo, world, query.commodity, query.unit)))
        if query.by not in ORDERS:
            faults.append(f"{where}: '{query.by}' is no order. Known: {', '.join(ORDERS)}.")
    if study.trade is not None:
        checks += [
            ("trade", partial(day_of, day))
            for day in (study.trade.on, study.trade.later)
            if day is not None
        ]
        faults += _trade_faults(world, study.pair, study.trade)
    if study.coupled is not None:
        faults += _coupled_faults(world, study.pair, study.coupled)
    if study.promises is not None:
        faults += _promise_faults(world, study.promises)
        checks.append(("promises", partial(load_dossier, study.promises.dossier, world)))
    for where, check in checks:
        try:
            check()
        except EntrepotError as error:
            faults.append(f"{where}: {error}")
    if faults:
        raise BadInputError(f"{study.name}:\n  " + "\n  ".join(faults))


def _trade_faults(world: World, pair: tuple[str, ...], trade: StudyTrade) -> list[str]:
    """What [trade] asks that the facts cannot answer."""
    faults = []
    known = set(world.table("zones")["zone_id"])
    if len(set(pair)) != 2 or not set(pair) <= known:
        shown = ", ".join(pair)
        near = [n for p in pair if p not in known for n in nearest(p.upper(), known, 1)]
        hint = f" Nearest: {', '.join(near)}." if near else ""
        faults.append(f"trade: 'pair' must be two economies of the world, found {shown}.{hint}")
    else:
        totals = world.table("trade_totals")
        traded = set(zip(totals["exporter"], totals["importer"], strict=True))
        for way in (pair, pair[::-1]):
            if tuple(way) not in traded:
                faults.append(
                    f"trade: {way[0]} sells nothing to {way[1]} in the base year, so there is no cost "
                    "to take apart; leave [trade] out."
                )
    if trade.draws < 2:
        faults.append(f"trade: 'draws': found {trade.draws}, expected 2 at least.")
    sources = set(world.table("sources")["source_id"])
    for name in ("turnover_source_id", "target_source_id"):
        for source in getattr(trade, name):
            if source not in sources:
                close = nearest(source, sources, 2)
                hint = f" Nearest: {', '.join(close)}." if close else ""
                faults.append(f"trade: '{name}': '{source}' is no source of the facts.{hint}")
    return faults


def _coupled_faults(world: World, pair: tuple[str, ...], coupled: StudyCoupled) -> list[str]:
    """What [coupled] asks that the facts cannot answer."""
    faults = []
    if coupled.draws < 0:
        faults.append(f"coupled: 'draws': found {coupled.draws}, expected 0 at least.")
    low, high = coupled.turnover_low, coupled.turnover_high
    if (low is None) != (high is None):
        faults.append("coupled: 'turnover_low' and 'turnover_high' go together; one is missing.")
    if low is not None and high is not None and low > high:
        faults.append(f"coupled: 'turnover_low': found {low:g}, above turnover_high ({high:g}).")
    hubs = set(world.table("zone_hubs")["zone_id"])
    known = set(world.table("zones")["zone_id"])
    faults += [
        f"coupled: {zone} has no hub in zone_hubs.csv, so none of its goods are on the map."
        for zone in pair
        if zone in known - hubs
    ]
    return faults


def _promise_faults(world: World, promises: StudyPromises) -> list[str]:
    """What [promises] asks that the facts cannot answer."""
    faults = []
    if promises.draws < 1:
        faults.append(f"promises: 'draws': found {promises.draws}, expected 1 at least.")
    first, last = promises.first_year, promises.last_year
    if first > last:
        faults.append(f"promises: 'first_year': found {first}, after last_year ({last}).")
    if list(promises.growth) != sorted(promises.growth):
        shown = ", ".join(f"{g:g}" for g in promises.growth)
        faults.append(f"promises: 'growth_low', 'growth_mid', 'growth_high': {shown} do not rise.")
    known = list(world.table("zones")["zone_id"])
    for zone in promises.partners:
        if zone not in known:
            close = nearest(zone, known, 1)
            hint = f" Nearest: {close[0]}." if close else ""
            faults.append(f"promises: 'partners': '{zone}' is no economy of the facts.{hint}")
    return faults

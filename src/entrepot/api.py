"""The public face: what `import entrepot as ep` offers, each with an example that is run.

Functions import what they need when they are called, so that a check of a folder does not wait for
the compilers of an assignment.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    import pandas as pd

    from entrepot.answers.answer import Answer
    from entrepot.answers.run import Run
    from entrepot.dossier.objects import Dossier
    from entrepot.facts.world import World
    from entrepot.routes.query import RouteQuery, RouteSet
    from entrepot.studies.definition import Study


class AnswersRoutes(Protocol):
    """What routes can be asked of beside a world: an engine, which keeps its network."""

    def routes(self, query: RouteQuery) -> RouteSet: ...


def load_world(folder: Path | str | None = None) -> World:
    """Load the shipped facts, or them with a folder of your own tables laid over.

    folder : holds any of the tables of docs/tables.md, or GMNS node.csv and link.csv
    Raises UsageError without the folder and BadInputError with every fault of it.

    >>> world = ep.load_world()
    >>> world
    <World eurasia: ... tables, 2026-06-30>
    """
    from entrepot.facts.load import load_world as load

    return load(folder)


def check_world(folder: Path | str | None = None) -> Answer:
    """Find all faults of a folder of facts in one pass; of the shipped facts where none is named.

    Tables: findings (file, row, key, column, found, expected, suggestion) and, where the facts are
    sound, contents (rows of each table and how their values are known).
    Raises UsageError without the folder.

    >>> ep.check_world().status
    'ok'
    """
    import pandas as pd

    from entrepot.answers.answer import make_answer
    from entrepot.facts.contents import contents
    from entrepot.facts.load import check_folder, check_shipped, load_world

    findings = check_shipped() if folder is None else check_folder(Path(folder))
    columns = ["file", "row", "key", "column", "found", "expected", "suggestion"]
    table = pd.DataFrame([f.as_dict() for f in findings], columns=columns)
    if findings:
        many = f"{len(findings)} fault{'s' if len(findings) > 1 else ''}"
        return make_answer("check", {"findings": table}, status=many)
    world = load_world(folder)
    tables = {"findings": table, "contents": contents(world)}
    return make_answer("check", tables, world=world)


def find_routes(world: World | AnswersRoutes, query: RouteQuery) -> Answer:
    """Find routes that differ in kind, best first, with days, price, CO2e and how sure each is.

    Tables: routes (days, USD a load unit and USD/t, each as P10, P50, P90; km; kg CO2e/t; share by
    path-size logit), legs (hours and USD by leg), route_points, rules_in_force and queries. A pair
    that is closed or cannot be reached is an answer: its status says which, its notes why.
    Raises UsageError and UnknownNameError for a query that makes no sense.

    >>> answer = ep.find_routes(ep.load_world(), ep.RouteQuery("almaty", "tehran", unit="feu"))
    >>> answer.status
    'ok'
    >>> list(answer.to_frame().columns[:4])
    ['query_id', 'rank', 'route_id', 'corridor_id']
    """
    from entrepot.answers.answer import make_answer
    from entrepot.routes.legs import legal_flags
    from entrepot.routes.tables import route_tables

    routes = _routes_of(world, query)
    facts = routes.session.world
    tables = route_tables(routes)
    return make_answer(
        "routes",
        {name: tables[name] for name in _first("routes", tables)},
        status="ok" if routes.candidates else routes.status,
        world=facts,
        notes=() if routes.candidates else (routes.message,),
        flags=legal_flags(facts, (routes.origin.country, routes.destination.country)),
    )


def explain_route(world: World | AnswersRoutes, query: RouteQuery, rank: int = 1) -> Answer:
    """Explain one route of a query: leg by leg, with the facts each leg rests on.

    rank : which of the routes, from 1
    Tables: routes (one row), legs, route_points, queries, rules_in_force and sources.
    Raises InfeasibleError where there is no route, UsageError where there is none of that rank.

    >>> answer = ep.explain_route(ep.load_world(), ep.RouteQuery("almaty", "tehran"), rank=2)
    >>> answer.to_frame("legs")["route_id"].unique().tolist()
    ['q1/2']
    """
    from entrepot.answers.answer import make_answer
    from entrepot.errors import InfeasibleError, UsageError

    found = find_routes(world, query)
    routes = found.tables["routes"]
    if not len(routes):
        raise InfeasibleError(found.notes[0])
    if not 1 <= rank <= len(routes):
        raise UsageError(f"There is no route {rank}; the list has {len(routes)}.")
    route = routes.iloc[rank - 1]
    tables = {
        name: t[t["route_id"] == route["route_id"]] if "route_id" in t.columns else t
        for name, t in found.tables.items()
    }
    facts = found.world.facts if found.world else None
    if facts is not None:
        sources = facts.table("sources")
        tables["sources"] = sources[sources["source_id"].isin(route["facts"])]
    return make_answer("route", tables, world=facts, flags=list(found.flags["flag"]))


def explain_trade(world: World, exporter: str, importer: str) -> Answer:
    """Explain one flow of trade: each commodity, each source, and what other sources say of it.

    exporter, importer : economies by alpha-3 code or name
    Tables: goods (million USD and tonnes a year as the model uses them), total, alternatives,
    series, duties, payment, densities, pipelines and elasticities, as in the facts.
    Raises UnknownNameError for an economy without trade in the facts.

    >>> ep.explain_trade(ep.load_world(), "KAZ", "IRN").to_frame("total")["exporter"].tolist()
    ['KAZ']
    """
    from entrepot.answers.answer import make_answer
    from entrepot.facts.names import find_zone
    from entrepot.questions.between.pair_goods import explain_trade as explain
    from entrepot.routes.legs import legal_flags

    pair = find_zone(world, exporter), find_zone(world, importer)
    tables = explain(world, *pair)
    return make_answer("trade-flow", tables, world=world, flags=legal_flags(world, pair))


def load_dossier(folder: Path | str | None, world: World) -> Dossier:
    """Load a dossier: what was promised, what became of it, what each promise changes.

    folder : a folder, the name of a shipped dossier, or None for that of the default study
    Raises BadInputError with every fault of the folder.

    >>> ep.load_dossier(None, ep.load_world())
    <Dossier iran-kazakhstan: 66 commitments, 72 measures>
    """
    from entrepot.dossier import load_dossier as load

    return load(folder, world)


def read_claims(text: str) -> Answer:
    """Read the claims of a text by fixed rules: who says what amount of what, and when.

    Table claims: start and end of the quote in the text, kind, low and high in whole units, unit,
    period, parties (alpha-3 codes) and how the text puts it.

    >>> text = "Trade between Kazakhstan and Iran reached $340 million in 2024."
    >>> ep.read_claims(text).to_frame()[["low", "unit", "period"]].values.tolist()
    [[340000000.0, 'USD', '2024']]
    """
    from entrepot.answers.answer import make_answer
    from entrepot.claims.reading.read import read_claims as read
    from entrepot.claims.tables import claims_table

    claims = read(text)
    flags = _shipped_flags(code for c in claims for code in c.parties)
    return make_answer("claims", {"claims": claims_table(claims)}, flags=flags)


def check_claims(text: str, dossier: Dossier, world: World) -> Answer:
    """Check each claim of a text against the data and the dossier.

    Table verdicts: the claim, its verdict (consistent, inconsistent, cannot tell), the reason, what
    it was compared with (about) and the sources. Where there are no data the verdict is cannot
    tell. Whole claims stand in the table claims, row by row.

    >>> world = ep.load_world()
    >>> text = "Trade between Kazakhstan and Iran reached $340 million in 2024."
    >>> ep.check_claims(text, ep.load_dossier(None, world), world).to_frame()["verdict"].tolist()
    ['consistent']
    """
    from entrepot.answers.answer import make_answer
    from entrepot.claims.checking.verify import check_text
    from entrepot.claims.tables import claims_table, verdicts_table
    from entrepot.routes.legs import legal_flags

    verdicts = check_text(text, dossier, world)
    claims = [v.claim for v in verdicts]
    flags = legal_flags(world, (code for c in claims for code in c.parties))
    tables = {"verdicts": verdicts_table(verdicts), "claims": claims_table(claims)}
    return make_answer("verdicts", tables, world=world, flags=flags)


def estimate_gravity(
    data: pd.DataFrame | Path | str,
    formula: str,
    *,
    theta: float | None = None,
    cluster: Sequence[str] | None = None,
    vcov: str = "cluster",
    small_sample: str = "ppmlhdfe",
    reference: str | None = None,
    keep_singletons: bool = False,
) -> Answer:
    """Estimate gravity by Poisson pseudo-maximum likelihood with absorbed effects.

    data         : a data frame, or the path of a table in CSV, CSV.GZ or Parquet
    formula      : outcome ~ regressors | effects, such as "trade ~ rta | exporter^year"
    theta        : trade elasticity above zero, for ad valorem equivalents of the coefficients
    cluster      : such as ("exporter^importer",); pairs where the effects tell them
    vcov         : cluster or robust
    small_sample : factor of ppmlhdfe, of fixest, or none
    reference    : importer whose inward resistance is one
    Tables: coefficients (estimate, se, z, p, 95 % interval), fit, left_out, effects, observations
    and, where the effects are those of gravity, resistances.
    Raises BadInputError for cells that are no numbers, InfeasibleError where nothing converges.
    Source: Santos Silva and Tenreyro (2006); Correia, Guimarães and Zylkin (2020).

    >>> import pandas as pd
    >>> rows = [(a, b, abs(i - j), 2.0 ** -abs(i - j))
    ...         for i, a in enumerate("ABCD") for j, b in enumerate("ABCD") if i != j]
    >>> data = pd.DataFrame(rows, columns=["exporter", "importer", "far", "trade"])
    >>> answer = ep.estimate_gravity(data, "trade ~ far | exporter + importer", vcov="robust")
    >>> answer.to_frame()["estimate"].round(2).tolist()
    [-0.69]
    """
    from entrepot.answers.answer import make_answer
    from entrepot.errors import UnknownNameError
    from entrepot.trade.gravity.estimate import GravitySettings, estimate_file, estimate_frame
    from entrepot.trade.gravity.tables import gravity_tables

    known = ("cluster", "robust")
    if vcov not in known:
        raise UnknownNameError(vcov, f"kind of standard error ({', '.join(known)})", known)
    settings = GravitySettings(
        cluster=tuple(cluster) if cluster else None,
        robust=vcov == "robust",
        convention=small_sample,
        theta=theta,
        reference=reference,
        singletons=not keep_singletons,
    )
    if isinstance(data, str | Path):
        result = estimate_file(Path(data), formula, settings)
    else:
        result = estimate_frame(data, formula, settings)
    flags = _shipped_flags(
        str(level)
        for column in result.effects.select_dtypes(exclude="number").columns
        for level in result.effects[column].unique()
    )
    tables = gravity_tables(result)
    return make_answer("gravity", tables, notes=result.notes, flags=flags)


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


def run_study(
    study: Study | Path | str,
    folder: Path | str,
    *,
    seed: int | None = None,
    processes: int = 1,
    data: Path | str | None = None,
    on_progress: Callable[[str], None] = lambda _: None,
) -> Run:
    """Run a study into a folder: tables, manifest and report.html, written in one step.

    study     : the name of a shipped study, or the path of a TOML file
    seed      : of the draws; the study's own where left out
    processes : how many; they change the time it takes and nothing else
    data      : a folder of your own tables laid over the shipped facts
    Raises BadInputError with every fault of the study, InterruptedRunError where it was stopped;
    the same call goes on from there.

    >>> from pathlib import Path
    >>> from tempfile import mkdtemp
    >>> place = Path(mkdtemp())
    >>> text = 'name = "mine"' + chr(10) + 'title = "Mine"' + chr(10) + 'question = "How?"'
    >>> text += chr(10) + 'pair = ["IRN", "KAZ"]' + chr(10) + "validation = false"
    >>> text += chr(10) + "[[query]]" + chr(10) + 'id = "box"' + chr(10) + 'title = "A box"'
    >>> text += chr(10) + 'origin = "almaty"' + chr(10) + 'destination = "tehran"'
    >>> _ = (place / "mine.toml").write_text(text)
    >>> ep.run_study(place / "mine.toml", place / "run")
    <Run mine: ... tables>
    """
    from entrepot.report.pages.page import write_report
    from entrepot.studies.definition import find_study
    from entrepot.studies.run import run_study as run

    definition = find_study(str(study)) if isinstance(study, str | Path) else study
    return run(
        definition,
        Path(folder),
        seed=seed,
        jobs=processes,
        data=None if data is None else Path(data),
        tell=on_progress,
        finish=write_report,
    )


def open_run(folder: Path | str) -> Run:
    """Open a saved run and check that its files are those that were written.

    Raises UsageError where the folder is no run, BadInputError where a file was changed.

    >>> try:
    ...     ep.open_run("nowhere")
    ... except ep.errors.UsageError as error:
    ...     print(error)
    'nowhere' is no run: it has no manifest.json.
    """
    from entrepot.answers.run import open_run as open_saved

    return open_saved(Path(folder))


def _routes_of(world: World | AnswersRoutes, query: RouteQuery) -> RouteSet:
    """Routes of a query; only a world has to build its network first."""
    from entrepot.facts.world import World
    from entrepot.routes.find import find_routes as find

    return find(world, query) if isinstance(world, World) else world.routes(query)


def _shipped_flags(codes: Iterable[str]) -> tuple[str, ...]:
    """Legal flags of the shipped facts for alpha-3 codes; other texts have none."""
    from entrepot.facts.load import load_world
    from entrepot.routes.legs import legal_flags

    return legal_flags(load_world(), dict.fromkeys(codes))


def _first(main: str, names: Iterable[str]) -> list[str]:
    """Names with one of them put first."""
    return [main, *(n for n in names if n != main)]

"""Trade: what a flow rests on, and what trade depends on."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from entrepot.api.flags import shipped_flags

if TYPE_CHECKING:
    import pandas as pd

    from entrepot.answers.answer import Answer
    from entrepot.facts.world import World
    from entrepot.questions.what_if.trade_effects import TradeEffects


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
    Tables: coefficients (estimate, se, z, p, 95 % interval), fit, left_out, history, effects, observations
    and, where the effects are those of gravity, resistances.
    Raises BadInputError for cells that are not numbers, InfeasibleError where nothing converges.
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
    flags = shipped_flags(
        str(level)
        for column in result.effects.select_dtypes(exclude="number").columns
        for level in result.effects[column].unique()
    )
    tables = gravity_tables(result)
    return make_answer("gravity", tables, notes=result.notes, flags=flags)


def trade_answer(world: World, effects: TradeEffects) -> Answer:
    """Who gains and loses from changes of trade costs: trade_effects, flows and the run."""
    from entrepot.answers.answer import make_answer
    from entrepot.routes.legs import legal_flags

    zones = effects.tables["trade_effects"]["zone_id"]
    run = effects.tables["trade_run"].iloc[0]
    names = ("trade_effects", "trade_flow_changes", "trade_run")
    return make_answer(
        "trade",
        {name: effects.tables[name] for name in names},
        status="ok" if not effects.failed else f"{effects.failed} draws not solved",
        world=world,
        notes=run["notes"],
        flags=legal_flags(world, zones),
    )

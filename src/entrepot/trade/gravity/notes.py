"""What a reader of a gravity estimate should know, in sentences."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from entrepot.kernels.regression.sandwich import intersection
from entrepot.kernels.regression.separation import Reason, Separation
from entrepot.trade.gravity.design import Design, Grouping
from entrepot.trade.gravity.inference import Covariance
from entrepot.trade.gravity.roles import Roles

FEW_PERIODS = 10
FEW_CLUSTERS = 30
SHOWN = 8


def notes_of(
    *,
    used: Design,
    complete: int,
    found: Separation,
    dropped: Mapping[str, str],
    errors: Covariance,
    roles: Roles | None,
    fell_back: bool,
) -> tuple[str, ...]:
    """Sentences on data, model and inference.

    used      : rows of the estimate
    complete  : rows without missing values
    dropped   : regressors left out, with the reason
    fell_back : whether errors are robust only because no pairs were found to cluster by
    """
    notes = [*_data_notes(used), *_separation_notes(found, complete, used.effects)]
    for reason in dict.fromkeys(dropped.values()):
        names = [n for n, r in dropped.items() if r == reason]
        notes.append(f"Left out because {reason}: {_some(names)}.")
    notes += _inference_notes(used, errors, fell_back)
    if roles is not None:
        notes += _gravity_notes(used, roles)
    return tuple(notes)


def _data_notes(used: Design) -> list[str]:
    if not used.left_out:
        return []
    told = []
    for m in used.missing:
        rows = ", ".join(map(str, m.rows))
        more = ", …" if m.count > len(m.rows) else ""
        told.append(f"{m.column} in {m.count:,} (rows {rows}{more})")
    rows = "1 row" if used.left_out == 1 else f"{used.left_out:,} rows"
    return [f"Left out for missing values, {rows}: {'; '.join(told)}."]


def _separation_notes(found: Separation, complete: int, effects: Sequence[Grouping]) -> list[str]:
    notes = []
    for reason, words in (
        (Reason.ALL_ZERO, "in levels whose trade is all zero"),
        (Reason.SINGLETON, "alone in their level"),
    ):
        hit = found.reason == reason
        if hit.any():
            count = np.bincount(found.factor[hit], minlength=len(effects))
            by = ", ".join(
                f"{c:,} by {g.name}" for c, g in zip(count.tolist(), effects, strict=True) if c
            )
            notes.append(f"{int(hit.sum()):,} of {complete:,} observations dropped {words}: {by}.")
    separated = int((found.reason == Reason.SEPARATED).sum())
    if separated:
        notes.append(
            f"{separated:,} observations dropped because regressors and effects separate them from "
            "positive trade; no finite estimate fits them (Correia, Guimarães and Zylkin 2020)."
        )
    if not found.settled:
        notes.append(
            "The search for separated observations did not settle; if coefficients look huge, "
            "look for a regressor that is not zero for zero trade only."
        )
    return notes


def _inference_notes(used: Design, errors: Covariance, fell_back: bool) -> list[str]:
    notes = []
    if fell_back:
        notes.append(
            "The effects do not tell what a pair is, so standard errors are robust to "
            "heteroskedasticity only; name a cluster to change that."
        )
    few = [
        f"{count} by {g.name}"
        for count, g in zip(errors.clusters, used.clusters, strict=True)
        if count < FEW_CLUSTERS
    ]
    if few:
        notes.append(f"Few clusters ({', '.join(few)}): standard errors are probably too small.")
    if errors.repaired:
        notes.append(
            "The covariance of several clusterings had negative eigenvalues, which were set to "
            "zero (Cameron, Gelbach and Miller 2011)."
        )
    return notes


def _gravity_notes(used: Design, roles: Roles) -> list[str]:
    notes = []
    exporter, importer = used.effects[roles.exporter_effect], used.effects[roles.importer_effect]
    cell = intersection([exporter.code, importer.code])
    twice = len(cell) - int(cell.max()) - 1
    if twice:
        time = "^".join(roles.time)
        where = f" and {time}" if time else ""
        notes.append(
            f"Rows that repeat a pair{where} that stands there already: {twice:,}. Several goods in "
            "one table need their own effects."
        )
    if roles.pair_effect >= 0 and roles.time:
        periods = len(exporter.levels[list(roles.time)].drop_duplicates())
        if periods < FEW_PERIODS:
            notes.append(
                f"Three-way effects and {periods} periods: confidence intervals are not centred on "
                "the truth and clustered standard errors are too small (incidental parameters; "
                "Weidner and Zylkin 2021). Coefficients stay consistent as countries grow many."
            )
    return notes


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - SHOWN} more" if len(names) > SHOWN else ""
    return ", ".join(names[:SHOWN]) + more

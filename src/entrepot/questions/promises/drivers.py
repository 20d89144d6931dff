"""What the spread of the horizon's trade rests on, from thousands of draws by arithmetic."""

from __future__ import annotations

import numpy as np
import pandas as pd

from entrepot.questions.promises.promises import PromisePlan
from entrepot.questions.promises.quick_draws import Quick
from entrepot.uncertainty.draws import (
    CHANCE,
    Draws,
    first_order,
)

MOST = 12
COLUMNS = ("source", "name", "first_order", "chance", "looked_at")


def drivers(draws: Draws, quick: Quick, plan: PromisePlan) -> pd.DataFrame:
    """Table drivers: which source of error moves the trade of the horizon most, promises as likely.

    Only sources that the draws tell apart from chance.
    """
    index, odds = first_order(draws, np.log(quick.likely))
    titles = {m.id: m.title for m in plan.measures}
    rows = []
    for k in np.argsort(-np.nan_to_num(index), kind="stable")[:MOST].tolist():
        if index[k] > 0 and odds[k] < CHANCE:
            rows.append(
                {
                    "source": draws.names[k],
                    "name": _words(draws.names[k], titles),
                    "first_order": float(index[k]),
                    "chance": float(odds[k]),
                    "looked_at": len(draws.names),
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


WORDS = {
    "time_value": "what a day costs goods",
    "mu": "how closely goods follow costs",
    "duty": "duties in force",
    "turnover": "the trade started from",
    "theta:all": "trade elasticities together",
    "growth": "growth without any promise",
}
KINDS = {
    "kept": "whether it comes: {}",
    "odds": "how likely it is: {}",
    "late": "how late it comes: {}",
    "size": "how large its effect is: {}",
    "group": "whether what hangs on {} comes together",
}


def _words(name: str, titles: dict[str, str]) -> str:
    if name in WORDS:
        return WORDS[name]
    kind, _, what = name.partition(":")
    return KINDS[kind].format(titles.get(what, what.replace("_", " ")))

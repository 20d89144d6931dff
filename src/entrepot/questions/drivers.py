"""What the spread of the horizon's trade rests on, from thousands of draws by arithmetic."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from entrepot.questions.promises import DrawnPromises, Plan
from entrepot.questions.quick_draws import Quick, follows
from entrepot.questions.uncertainty import CHANCE, Draws, first_order

MOST = 12
COLUMNS = ("source", "name", "first_order", "chance", "looked_at", "draws", "follows")


def drivers(
    draws: Draws, quick: Quick, plan: Plan, same: Quick, drawn: Sequence[DrawnPromises]
) -> pd.DataFrame:
    """Table drivers: which source of error moves the trade of the horizon most, promises as likely.

    quick : of the draws; same : of the solved draws, to tell how well arithmetic follows these
    Only sources that the draws tell apart from chance.
    """
    index, odds = first_order(draws, np.log(quick.likely))
    told = follows(same.likely, drawn)
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
                    "draws": len(draws),
                    "follows": told,
                }
            )
    return pd.DataFrame(rows, columns=list(COLUMNS))


WORDS = {
    "speed:rail": "speeds by rail",
    "speed:road": "speeds by road",
    "speed:water": "speeds by sea and ferry",
    "border": "hours at borders",
    "dwell": "hours in terminals and of waiting",
    "rate:rail": "rates by rail",
    "rate:road": "rates by road",
    "rate:water": "rates by sea and ferry",
    "handling": "handling charges",
    "border_fee": "fees at borders",
    "time_value": "what a day costs goods",
    "mu": "how closely goods follow costs",
    "duty": "duties in force",
    "payment": "what payment costs",
    "surface": "what pipelines and aircraft carry",
    "turnover": "the trade started from",
    "theta:all": "trade elasticities together",
    "growth": "growth without any promise",
}
KINDS = {
    "theta": "trade elasticity of {}",
    "usd_per_t": "value of a tonne of {}",
    "kept": "whether it comes: {}",
    "odds": "how likely it is: {}",
    "late": "how late it comes: {}",
    "size": "how large its effect is: {}",
    "group": "whether promises on {} are kept together",
}


def _words(name: str, titles: dict[str, str]) -> str:
    if name in WORDS:
        return WORDS[name]
    kind, _, what = name.partition(":")
    return KINDS.get(kind, kind + " {}").format(titles.get(what, what.replace("_", " ")))

"""Trade where something of the model is held fixed: what models there are, and their answers.

coupled      nothing is held: trade and transport answer each other
sectors      transport: several sectors in general equilibrium, exact (Caliendo and Parro 2015)
full         transport; one sector, full endowment equilibrium of structural gravity
conditional  transport and income; one sector, only multilateral resistances move
partial      transport, income and other markets: each import market alone
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from entrepot.engine.lower import TradeChanges
from entrepot.errors import UnknownNameError, UsageError
from entrepot.kernels.arrays import FloatArray
from entrepot.kernels.short_repr import short_repr
from entrepot.trade.exact.counterfactual import counterfactual
from entrepot.trade.one_sector.partial import tariff_change
from entrepot.trade.one_sector.structural import structural_gravity
from entrepot.trade.one_sector.structural_input import OneSectorOptions
from entrepot.trade.world.trade_world import TradeWorld, mean_theta

COUPLED = "coupled"
HELD = {
    COUPLED: frozenset[str](),
    "sectors": frozenset({"transport"}),
    "full": frozenset({"transport"}),
    "conditional": frozenset({"transport", "income"}),
    "partial": frozenset({"transport", "income", "other_markets"}),
}
HOLDS = ("transport", "income", "other_markets")
TRADE_MODELS = ("sectors", "full", "conditional", "partial")
ONE_SECTOR = ("full", "conditional")
HORIZONS = ("long", "short")


def model_of(model: str = "", hold: Collection[str] = ()) -> str:
    """The model that holds what is asked for; `model` decides where several do.

    Raises UnknownNameError for words that are not known, UsageError for what no model holds.
    """
    for word in hold:
        if word not in HOLDS:
            raise UnknownNameError(word, f"part of the model ({', '.join(HOLDS)})", HOLDS)
    if not model:
        for name, held in HELD.items():
            if held == frozenset(hold):
                return name
        known = "; ".join(", ".join(sorted(h)) for h in dict.fromkeys(HELD.values()) if h)
        raise UsageError(f"No model holds {', '.join(sorted(hold))} alone. Known: {known}.")
    if model not in HELD:
        raise UnknownNameError(model, f"model ({', '.join(HELD)})", HELD)
    if hold and frozenset(hold) != HELD[model]:
        shown = ", ".join(sorted(HELD[model])) or "nothing"
        raise UsageError(f"Model {model} holds {shown}, not {', '.join(sorted(hold))}.")
    return model


@short_repr
@dataclass(frozen=True, slots=True)
class TradeFigures:
    """What a trade model is solved with: (J,) theta, (J, N, N) duties and payment, and rules."""

    theta: FloatArray
    tariff: FloatArray
    friction: FloatArray
    deficit: str
    import_demand: float


@short_repr
@dataclass(frozen=True, slots=True)
class TradeOutcome:
    """An answer. (N,) million USD a year; flows (J, N, N), or (1, N, N) of all goods.

    creation, diversion : imports that a partial model creates and diverts, else NaN
    real_income : change; NaN where the model has none
    revenue     : change of tariff revenue
    capped      : flows that the partial formulas would push below zero
    status      : `converged`, `closed form`, or why there is no answer
    """

    old: FloatArray
    new: FloatArray
    real_income: FloatArray
    revenue: FloatArray
    creation: FloatArray
    diversion: FloatArray
    status: str
    capped: int = 0

    @property
    def solved(self) -> bool:
        """Whether there is an answer."""
        return self.status in ("converged", "closed form")


def check_changes(changes: TradeChanges, model: str) -> None:
    """Raise UsageError where a model knows nothing of what changes."""
    if model in ONE_SECTOR and changes.duties:
        raise UsageError(
            "The one-sector models know no tariff revenue, so a duty would count as lost cost; use "
            "--model sectors, or partial."
        )
    if model == "partial" and (changes.payment or changes.factor is not None):
        raise UsageError("The partial model knows duties only; use another --model for costs.")


def trade_outcome(
    trade: TradeWorld, figures: TradeFigures, changes: TradeChanges, model: str
) -> TradeOutcome:
    """Trade after changes with transport held, under a model of TRADE_MODELS."""
    tariff = changes.tariff(figures.tariff)
    wedge = changes.wedge(figures.friction)
    if model == "partial":
        return _partial(trade, figures, figures.tariff if tariff is None else tariff)
    none = np.full(len(trade.zones), np.nan)
    if model == "sectors":
        base = trade.baseline(figures.deficit, elasticity=figures.theta, tariff=figures.tariff)
        found = counterfactual(base, cost_hat=wedge, tariff_new=tariff)
        old_revenue = np.sum(base.tariff * base.flows, axis=(0, 2))
        return TradeOutcome(
            base.flows,
            found.flows,
            found.equivalent_variation,
            found.tariff_revenue - old_revenue,
            none,
            none,
            found.status,
        )
    total = trade.flows.sum(axis=0)
    paid = np.zeros_like(figures.tariff) if wedge is None else np.log(wedge)
    with np.errstate(invalid="ignore"):
        mean = np.sum(trade.flows * paid, axis=0) / np.where(total > 0, total, 1.0)
    sigma = 1.0 + mean_theta(figures.theta, trade.flows)
    gravity = structural_gravity(
        total, np.exp(mean), sigma, options=OneSectorOptions(must_converge=False, reference=0)
    )
    closure = gravity.full if model == "full" else gravity.conditional
    before = gravity.baseline.equilibrium
    real = none
    if model == "full":
        real = before.expenditure * (gravity.full_changes.welfare - 1.0)
    return TradeOutcome(
        before.trade[None], closure.trade[None], real, none, none, none, closure.status
    )


def _partial(trade: TradeWorld, figures: TradeFigures, tariff: FloatArray) -> TradeOutcome:
    imports = trade.flows.copy()
    n = len(trade.zones)
    imports[:, np.arange(n), np.arange(n)] = 0.0
    found = tariff_change(
        imports,
        figures.tariff,
        tariff,
        import_demand=figures.import_demand,
        # Of flows to the price with duty, sigma = theta + 1.
        substitution=1.0 + figures.theta[:, None, None],
    )
    return TradeOutcome(
        imports,
        found.imports,
        found.welfare.sum(axis=0),
        found.revenue.sum(axis=0),
        found.creation.sum(axis=(0, 2)),
        found.diversion.clip(min=0.0).sum(axis=(0, 2)),
        "closed form",
        found.capped,
    )

"""Published equilibria of the Transportation Networks for Research, where they are at hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from entrepot.assignment.road import Road, TripTable
from entrepot.assignment.tntp import read_flow, read_tntp
from entrepot.kernels.assignment.assign import assign
from entrepot.kernels.assignment.link_costs import link_costs
from entrepot.kernels.assignment.problem import (
    Links,
    Trips,
    links,
    trips,
)

FOLDER = Path(__file__).resolve().parents[2].parent / "shared" / "tntp"
# Best known objectives as their READMEs state them, and what links of constant cost leave open.
OBJECTIVE = {
    "SiouxFalls": 42.31335287107440e5,
    "Anaheim": 1286032.17109602,
    "Winnipeg": 827911.494629963,
}
TRIPS = {"SiouxFalls": 360600.0, "Anaheim": 104694.4, "Winnipeg": 64784.0}
INTRAZONAL = {"SiouxFalls": 0.0, "Anaheim": 0.0, "Winnipeg": 9.0}


def read(name: str) -> tuple[Road, TripTable]:
    if not (FOLDER / name).is_dir():
        pytest.skip("the published networks are not here")
    return read_tntp(FOLDER / name / f"{name}_net.tntp", FOLDER / name / f"{name}_trips.tntp")


def problem(road: Road, table: TripTable) -> tuple[Links, Trips]:
    costs = link_costs(road.free_flow_time, road.b, road.capacity, road.power)
    return (
        links(len(road.node), road.tail, road.head, costs, road.is_closed),
        trips(table.origin, table.destination, table.amount),
    )


@pytest.mark.parametrize("name", OBJECTIVE)
def test_published_equilibrium(name: str) -> None:
    road, table = read(name)
    there, asked = problem(road, table)
    found = assign(there, asked, gap=1e-12)
    proof = found.certificate
    assert found.converged
    assert proof.gap <= 1e-12
    assert found.objective == pytest.approx(OBJECTIVE[name], rel=1e-9)
    assert proof.node_balance < 1e-9
    assert len(found.cut_off) == 0
    assert found.asked == pytest.approx(TRIPS[name], rel=1e-12)
    assert table.amount[found.intrazonal].sum() == INTRAZONAL[name]
    assert proof.loaded == pytest.approx(TRIPS[name] - INTRAZONAL[name], rel=1e-12)


@pytest.mark.parametrize("name", OBJECTIVE)
def test_published_flows(name: str) -> None:
    road, table = read(name)
    there, asked = problem(road, table)
    volume, cost = read_flow(FOLDER / name / f"{name}_flow.tntp", road)
    found = assign(there, asked, gap=1e-14)
    # Flow on links of constant cost is not determined; costs everywhere are.
    grows = there.costs.growth > 0.0
    assert found.volume[grows] == pytest.approx(volume[grows], rel=1e-6, abs=1e-6 * volume.max())
    assert found.cost == pytest.approx(cost, rel=1e-6)


@pytest.mark.slow
@pytest.mark.parametrize("name", OBJECTIVE)
def test_threads_change_no_bit_and_a_warm_start_ends_there_too(name: str) -> None:
    there, asked = problem(*read(name))
    one = assign(there, asked, gap=1e-12, threads=1)
    two = assign(there, asked, gap=1e-12, threads=2)
    assert np.array_equal(one.volume, two.volume)
    assert np.array_equal(one.history, two.history)
    more = trips(asked.origin, asked.destination, 1.01 * asked.amount)
    cold, warm = assign(there, more, gap=1e-12), assign(there, more, gap=1e-12, warm=one.uses)
    assert warm.objective == pytest.approx(cold.objective, rel=1e-11)
    assert warm.iterations < cold.iterations

"""Flows around cycles that minimise a quadratic cost, as far as there is flow to move.

    minimise   sum over cycles of gap[i] x[i]  +  1/2 sum over arcs of slope[a] y[a]^2
    where      y = sum of x[i] over cycles through an arc, with the sign of the direction
    subject to flow >= 0 on every entry of every bush

This is the second-order model of an assignment near its equilibrium. Sweeps of Gauss and Seidel,
one cycle after the other, find out where flow runs out; conjugate gradients on the cycles that
can move, scaled by the curvature of each, make long steps that are cut off where it does (after
Moré and Toraldo 1991).

Two cycles may differ only in arcs of constant cost. The model is flat along their exchange, and
flow goes that way until none is left to exchange.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from entrepot.kernels.arrays import BoolArray, FloatArray, Int32Array

MOST_BLOCKED = 10  # times that cycles are taken out because a long step would not be long
SHORT = 1e-3  # share of a step
FLAT = 1e-9  # curvature against that of the cycles alone, where a direction counts as flat
ROUND_ENOUGH = 1e-2  # of the squared scaled gradient at the start of a round


class Cycles(NamedTuple):
    """Cycles, the steps of each one after the other.

    arc   : (n_step,) steps with the direction before those against it
    entry : (n_step,) whose flow the step changes
    start : (n_cycle + 1,) first step of each
    turn  : (n_cycle + 1,) its first step against the direction; the last is unused
    gap   : (n_cycle,) cost of the one side less the other, before anything moves
    bend  : (n_cycle,) sum of slopes, above zero
    """

    arc: Int32Array
    entry: Int32Array
    start: Int32Array
    turn: Int32Array
    gap: FloatArray
    bend: FloatArray


@njit(cache=True, nogil=True)
def move_flow(
    cycles: Cycles,
    slope: FloatArray,
    flow: FloatArray,
    rounds: int,
    gradients: int,
    enough: float,
) -> FloatArray:
    """Move flow around cycles; gives the change by arc.

    flow      : of all entries, changed
    rounds    : at most, of sweeps and a long step
    gradients : conjugate gradients in a long step, at most
    enough    : of the squared scaled gradient may be left
    """
    n, m = len(cycles.gap), len(slope)
    y, before = np.zeros(m), np.empty(m)
    free = np.empty(n, dtype=np.bool_)
    gradient, direction, moved = np.empty(n), np.empty(n), np.empty(n)
    rest, delta = np.empty(n), np.empty(len(flow))
    across, curve = np.empty(m), np.empty(n)
    at_start = -1.0
    for turn in range(rounds):
        _sweep(cycles, slope, flow, y, False)
        _sweep(cycles, slope, flow, y, True)
        if turn == rounds - 1:
            break
        for a in range(m):
            across[a] = slope[a] * y[a]
        _along(cycles, across, gradient)
        left = 0.0
        for i in range(n):
            gradient[i] += cycles.gap[i]
            free[i] = _room(cycles, flow, i, -gradient[i]) > 0.0
            if free[i]:
                left += gradient[i] * gradient[i] / cycles.bend[i]
        at_start = left if at_start < 0.0 else at_start
        if left <= enough * at_start:
            break
        before[:] = y
        for _ in range(MOST_BLOCKED):
            rest[:] = gradient
            _aim(cycles, slope, flow, free, rest, left, gradients, direction, curve, across)
            length = _longest(cycles, flow, direction, delta)
            if length > SHORT or not _block(cycles, flow, direction, delta, free):
                break
            left = 0.0
            for i in range(n):
                left += gradient[i] * gradient[i] / cycles.bend[i] if free[i] else 0.0
        if not _go(cycles, slope, direction, length, flow, moved, y, before):
            break
    return y


@njit(cache=True, nogil=True, inline="always")
def _room(cycles: Cycles, flow: FloatArray, i: int, sign: float) -> float:
    """How much flow can go around a cycle, with its direction or against it."""
    room = np.inf
    if sign < 0.0:
        first, end = cycles.start[i], cycles.turn[i]
    else:
        first, end = cycles.turn[i], cycles.start[i + 1]
    for s in range(first, end):
        room = min(room, flow[cycles.entry[s]])
    return max(room, 0.0)


@njit(cache=True, nogil=True, inline="always")
def _turn_round(cycles: Cycles, flow: FloatArray, y: FloatArray, i: int, step: float) -> None:
    """Send flow around a cycle."""
    for s in range(cycles.start[i], cycles.turn[i]):
        y[cycles.arc[s]] += step
        flow[cycles.entry[s]] += step
    for s in range(cycles.turn[i], cycles.start[i + 1]):
        y[cycles.arc[s]] -= step
        flow[cycles.entry[s]] -= step


@njit(cache=True, nogil=True)
def _sweep(
    cycles: Cycles, slope: FloatArray, flow: FloatArray, y: FloatArray, backwards: bool
) -> None:
    """The best flow around each cycle in turn, given the others."""
    n = len(cycles.gap)
    for k in range(n):
        i = n - 1 - k if backwards else k
        first, turn, end = cycles.start[i], cycles.turn[i], cycles.start[i + 1]
        gap = cycles.gap[i]
        for s in range(first, turn):
            gap += slope[cycles.arc[s]] * y[cycles.arc[s]]
        for s in range(turn, end):
            gap -= slope[cycles.arc[s]] * y[cycles.arc[s]]
        if gap == 0.0:
            continue
        room, step = _room(cycles, flow, i, -gap), -gap / cycles.bend[i]
        step = min(max(step, -room), room)
        if step != 0.0:
            _turn_round(cycles, flow, y, i, step)


@njit(cache=True, nogil=True)
def _along(cycles: Cycles, value: FloatArray, out: FloatArray) -> None:
    """Sum of arcs' values around each cycle."""
    for i in range(len(out)):
        total = 0.0
        for s in range(cycles.start[i], cycles.turn[i]):
            total += value[cycles.arc[s]]
        for s in range(cycles.turn[i], cycles.start[i + 1]):
            total -= value[cycles.arc[s]]
        out[i] = total


@njit(cache=True, nogil=True)
def _onto_arcs(cycles: Cycles, x: FloatArray, out: FloatArray) -> None:
    """Flow on arcs that flow around cycles makes."""
    out[:] = 0.0
    for i in range(len(x)):
        if x[i] != 0.0:
            for s in range(cycles.start[i], cycles.turn[i]):
                out[cycles.arc[s]] += x[i]
            for s in range(cycles.turn[i], cycles.start[i + 1]):
                out[cycles.arc[s]] -= x[i]


@njit(cache=True, nogil=True)
def _aim(
    cycles: Cycles,
    slope: FloatArray,
    flow: FloatArray,
    free: BoolArray,
    gradient: FloatArray,
    left: float,
    gradients: int,
    direction: FloatArray,
    curve: FloatArray,
    across: FloatArray,
) -> None:
    """Write the step by conjugate gradients on free cycles, as if flow never ran out."""
    n = len(direction)
    search = np.empty(n)
    for i in range(n):
        gradient[i] = gradient[i] if free[i] else 0.0
        search[i] = -gradient[i] / cycles.bend[i]
        direction[i] = 0.0
    at_start = left
    if left <= 0.0:
        return
    for _ in range(gradients):
        _onto_arcs(cycles, search, across)
        for a in range(len(slope)):
            across[a] *= slope[a]
        _along(cycles, across, curve)
        bent, scale = 0.0, 0.0
        for i in range(n):
            if free[i]:
                bent += search[i] * curve[i]
                scale += search[i] * search[i] * cycles.bend[i]
        if bent <= FLAT * scale:
            length = np.inf
            for i in range(n):
                if search[i] != 0.0:
                    room = _room(cycles, flow, i, search[i])
                    length = min(length, room / abs(search[i]))
            if length < np.inf:
                for i in range(n):
                    direction[i] += length * search[i]
            return
        length = left / bent
        new = 0.0
        for i in range(n):
            if free[i]:
                direction[i] += length * search[i]
                gradient[i] += length * curve[i]
                new += gradient[i] * gradient[i] / cycles.bend[i]
        if new <= ROUND_ENOUGH * at_start or new == 0.0:
            return
        for i in range(n):
            search[i] = new / left * search[i] - gradient[i] / cycles.bend[i]
        left = new


@njit(cache=True, nogil=True)
def _longest(cycles: Cycles, flow: FloatArray, direction: FloatArray, delta: FloatArray) -> float:
    """Share of a direction for which there is flow everywhere. delta: change by entry, written."""
    for s in range(cycles.start[-1]):
        delta[cycles.entry[s]] = 0.0
    for i in range(len(direction)):
        for s in range(cycles.start[i], cycles.turn[i]):
            delta[cycles.entry[s]] += direction[i]
        for s in range(cycles.turn[i], cycles.start[i + 1]):
            delta[cycles.entry[s]] -= direction[i]
    length = 1.0
    for s in range(cycles.start[-1]):
        e = cycles.entry[s]
        if delta[e] < 0.0 and flow[e] + length * delta[e] < 0.0:
            length = max(flow[e], 0.0) / -delta[e]
    return length


@njit(cache=True, nogil=True)
def _block(
    cycles: Cycles, flow: FloatArray, direction: FloatArray, delta: FloatArray, free: BoolArray
) -> bool:
    """Take from the free cycles those that lower an entry that has run out; whether there are."""
    found = False
    for i in range(len(direction)):
        if not free[i] or direction[i] == 0.0:
            continue
        if direction[i] < 0.0:
            first, end = cycles.start[i], cycles.turn[i]
        else:
            first, end = cycles.turn[i], cycles.start[i + 1]
        for s in range(first, end):
            e = cycles.entry[s]
            if delta[e] < 0.0 and flow[e] + SHORT * delta[e] < 0.0:
                free[i] = False
                found = True
                break
    return found


@njit(cache=True, nogil=True)
def _go(
    cycles: Cycles,
    slope: FloatArray,
    direction: FloatArray,
    length: float,
    flow: FloatArray,
    moved: FloatArray,
    y: FloatArray,
    before: FloatArray,
) -> bool:
    """Go along a direction until flow runs out somewhere, or further where that pays.

    Further, each cycle is cut off by itself. That may spoil the balance between cycles, and then
    the way back is taken.
    """
    n = len(direction)
    moved[:] = 0.0
    for i in range(n):
        if direction[i] != 0.0:
            moved[i] = length * direction[i]
            _turn_round(cycles, flow, y, i, moved[i])
    straight = _change(cycles, slope, moved, y, before)
    if length < 1.0:
        for backwards in (False, True):
            for k in range(n):
                i = n - 1 - k if backwards else k
                step = direction[i] - moved[i]
                if step == 0.0:
                    continue
                room = _room(cycles, flow, i, step)
                step = min(max(step, -room), room)
                if step != 0.0:
                    moved[i] += step
                    _turn_round(cycles, flow, y, i, step)
        if _change(cycles, slope, moved, y, before) >= straight:
            for i in range(n):
                step = length * direction[i] - moved[i]
                if step != 0.0:
                    _turn_round(cycles, flow, y, i, step)
    return straight < 0.0


@njit(cache=True, nogil=True)
def _change(
    cycles: Cycles, slope: FloatArray, moved: FloatArray, y: FloatArray, before: FloatArray
) -> float:
    """Change of the cost by what moved."""
    change = 0.0
    for i in range(len(moved)):
        change += cycles.gap[i] * moved[i]
    for a in range(len(y)):
        change += 0.5 * slope[a] * (y[a] - before[a]) * (y[a] + before[a])
    return change

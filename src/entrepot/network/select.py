"""Arcs by the words of the tables: links, nodes, jurisdictions, modes, basins."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from entrepot.kernels.arrays import Int32Array
from entrepot.network.graph import MODE_CODE, Network

Mask = NDArray[np.bool_]


def arcs_at(network: Network, tokens: Iterable[str], modes: Sequence[str] = ("any",)) -> Int32Array:
    """Arcs on links that a list of places names, in arc order.

    A token is a link (`from-to`, either way), a node (all links that end there), an alpha-3 code
    (land arcs in the country and sea links of its ports), a sea basin, or `any`.
    """
    chosen = np.zeros(network.n_arc, dtype=bool)
    for token in tokens:
        chosen |= _arcs_of(network, token)
    if "any" not in modes:
        wanted = [MODE_CODE[m] for m in modes]
        chosen &= np.isin(network.mode, wanted)
    return np.flatnonzero(chosen).astype(np.int32)


def _arcs_of(network: Network, token: str) -> Mask:
    on_link = network.link >= 0
    ends_a = network.link_from[network.link]
    ends_b = network.link_to[network.link]
    if token == "any":
        return np.asarray(on_link)
    if token in network.place_index:
        place = network.place_index[token]
        return np.asarray(on_link & ((ends_a == place) | (ends_b == place)))
    if "-" in token:
        a, b = (network.place_index.get(part, -2) for part in token.split("-", 1))
        return np.asarray(
            on_link & (((ends_a == a) & (ends_b == b)) | ((ends_a == b) & (ends_b == a)))
        )
    area = np.array(network.area) == token
    if token in network.place_country:
        country = np.array(network.place_country)
        ports = (country[ends_a] == token) | (country[ends_b] == token)
        return np.asarray(on_link & (area | (ports & (network.mode == MODE_CODE["sea"]))))
    return np.asarray(on_link & area)

"""What all tests share."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.routes.session import Session

# Compiled code makes the first example slow, so no deadline; the same examples in every run, so
# that a failure can be repeated.
settings.register_profile("entrepot", deadline=None, derandomize=True)
settings.load_profile("entrepot")


@pytest.fixture(scope="session")
def root() -> Path:
    """Folder of the repository."""
    return Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shipped() -> World:
    return load_world()


@pytest.fixture(scope="session")
def session(shipped: World) -> Session:
    return Session.open(shipped)

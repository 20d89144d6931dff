"""Where the questions of a study are answered: in this process, or in several.

Processes start while this one still reads and checks the facts, and read them themselves once they
are known to be sound.
"""

from __future__ import annotations

import pickle
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from multiprocessing import active_children, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import current_thread, main_thread
from types import TracebackType
from typing import Any, Generic, TypeVar, cast

from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.kernels.paths.shortest_paths import share_cores
from entrepot.routes.session import Session
from entrepot.studies.coupled_jobs import AskCoupled, CoupledAnswers

T = TypeVar("T")


class Here:
    """The session of this process and its coupled world, each opened when it is first asked for."""

    _given: tuple[Path | None, int, World | None] = (None, 0, None)
    _session: Session | None = None
    _coupled: CoupledAnswers | None = None
    kept: tuple[Path, Any] | None = None

    @classmethod
    def give(cls, data: Path | None, seed: int, world: World | None = None) -> None:
        """Facts to answer on; what was opened on others is let go."""
        cls._given, cls._session, cls._coupled = (data, seed, world), None, None

    @classmethod
    def session(cls) -> Session:
        if cls._session is None:
            data, seed, world = cls._given
            cls._session = Session.open(world or load_world(data), seed)
        return cls._session

    @classmethod
    def coupled(cls, ask: AskCoupled) -> CoupledAnswers:
        if cls._coupled is None or cls._coupled.ask != ask:
            cls._coupled = CoupledAnswers.of(cls.session(), ask)
        return cls._coupled


@dataclass(frozen=True)
class Kept(Generic[T]):
    """Something large that many questions need, in this process or in a file that others read once."""

    value: T | None = None
    path: Path | None = None

    def get(self) -> T:
        if self.path is None:
            return cast(T, self.value)
        if Here.kept is None or Here.kept[0] != self.path:
            Here.kept = (self.path, pickle.loads(self.path.read_bytes()))
        return cast(T, Here.kept[1])


class Desk:
    """Takes questions, gives calls that wait for the answers."""

    def __init__(self, data: Path | None, seed: int, jobs: int) -> None:
        self.jobs = jobs
        self._given = (data, seed)
        self._pool: ProcessPoolExecutor | None = None
        self._folder: TemporaryDirectory[str] | None = None
        if jobs > 1:
            self._folder = TemporaryDirectory(prefix="entrepot-")
            context = get_context("spawn")
            self._pool = ProcessPoolExecutor(jobs, context, _start, (data, seed, jobs))
            others = set(active_children())
            with _deaf():
                for _ in range(jobs):
                    self._pool.submit(_nothing)
            self._workers = set(active_children()) - others

    def open(self, world: World) -> None:
        """The facts are sound: get ready for questions."""
        if self._pool is None:
            Here.give(*self._given, world)
            return
        for _ in range(self.jobs):
            self._pool.submit(_ready)

    def ask(self, question: Callable[..., Any], *given: Any) -> Callable[[], Any]:
        """A call for the answer; in this process it is found when called."""
        if self._pool is None:
            return partial(question, *given)
        return self._pool.submit(question, *given).result

    def keep(self, value: T) -> Kept[T]:
        """Give something to all questions that ask for it, without sending it with each."""
        if self._folder is None:
            return Kept(value)
        path = Path(self._folder.name) / str(len(list(Path(self._folder.name).iterdir())))
        path.write_bytes(pickle.dumps(value))
        return Kept(path=path)

    def __enter__(self) -> Desk:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._pool is not None:
            self._pool.shutdown(wait=False, cancel_futures=True)
            for worker in self._workers if kind is not None else ():
                worker.terminate()  # nobody waits for what they are at
        if self._folder is not None:
            self._folder.cleanup()


@contextmanager
def _deaf() -> Iterator[None]:
    """Processes started here do not hear an interruption: it is for the one that waits."""
    if current_thread() is not main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


def _start(data: Path | None, seed: int, jobs: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    share_cores(jobs)
    Here.give(data, seed)


def _nothing() -> None:
    return None


def _ready() -> None:
    Here.session()

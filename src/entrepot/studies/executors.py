"""Where the jobs of a study are done: in this process, or in several.

The whole interface is two calls: `submit` a job, `share` a value that many jobs need. Processes start
while the facts are still read and checked here, and read them themselves once they are known to be
sound.
"""

from __future__ import annotations

import pickle
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing import active_children, get_context
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import current_thread, main_thread
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar, cast

from entrepot.engine.engine import Engine
from entrepot.engine.question import Job, Options, Record
from entrepot.engine.spec import EngineSpec, find_route_sets_once
from entrepot.facts.load import load_world
from entrepot.facts.world import World
from entrepot.kernels.paths.shortest_paths import share_cores

T = TypeVar("T")


class Task(Protocol):
    """A job that was submitted."""

    def result(self) -> Record:
        """The record, waited for."""


@dataclass(frozen=True, slots=True)
class Shared(Generic[T]):
    """A value that many jobs need: in this process, or in a file that each worker reads once."""

    value: T | None = None
    path: Path | None = None


class Executor(Protocol):
    """Does jobs. The same jobs give the same records wherever they are done."""

    workers: int

    def open(self, world: World) -> None:
        """The facts are sound: get ready."""

    def prepare(self, spec: EngineSpec) -> None:
        """Find once what every worker would find for itself."""

    def submit(self, spec: EngineSpec, job: Job, options: Options, *shared: Shared[Any]) -> Task:
        """Hand in a job; each shared value is a mapping of records by question."""

    def share(self, value: T) -> Shared[T]:
        """Send a value to each worker at most once."""


@dataclass
class WorkerState:
    """What one process keeps: facts, engines by their specification, shared values by their file."""

    world: World | None = None
    engines: dict[EngineSpec, Engine] = field(default_factory=dict)
    shared: dict[Path, Any] = field(default_factory=dict)

    def engine(self, spec: EngineSpec) -> Engine:
        """The engine of a specification, opened once."""
        if self.world is None:
            self.world = load_world(spec.data)
        if spec not in self.engines:
            self.engines[spec] = Engine.of(self.world, spec)
        return self.engines[spec]

    def value(self, shared: Shared[T]) -> T:
        """A shared value, read once."""
        if shared.path is None:
            return cast(T, shared.value)
        if shared.path not in self.shared:
            self.shared[shared.path] = pickle.loads(shared.path.read_bytes())
        return cast(T, self.shared[shared.path])

    def run(
        self, spec: EngineSpec, job: Job, options: Options, shared: tuple[Shared[Any], ...]
    ) -> Record:
        """Do a job."""
        done: dict[str, Mapping[str, Record]] = {}
        for one in shared:
            done |= self.value(one)
        return job.function(self.engine(spec), options, done, *job.args)


@dataclass(frozen=True, slots=True)
class _Later:
    """A job of this process, done when its record is asked for."""

    state: WorkerState
    given: tuple[EngineSpec, Job, Options, tuple[Shared[Any], ...]]

    def result(self) -> Record:
        return self.state.run(*self.given)


class Inline:
    """Does jobs in this process, one after another, when their records are asked for."""

    workers = 1

    def __init__(self) -> None:
        self._state = WorkerState()

    def open(self, world: World) -> None:
        """Jobs are done on these facts."""
        self._state = WorkerState(world)

    def keep(self, engine: Engine) -> None:
        """Do the jobs of a specification on an engine that is open already."""
        self._state.engines[engine.spec] = engine

    def prepare(self, spec: EngineSpec) -> None:
        """Nobody else looks for the same."""

    def submit(self, spec: EngineSpec, job: Job, options: Options, *shared: Shared[Any]) -> Task:
        """Hand in a job."""
        return _Later(self._state, (spec, job, options, shared))

    def share(self, value: T) -> Shared[T]:
        """Keep a value here."""
        return Shared(value)

    def __enter__(self) -> Inline:
        return self

    def __exit__(self, *_: object) -> None:
        return None


class Processes:
    """Does jobs in several processes of this machine.

    data : folder of the facts, read by each process
    """

    def __init__(self, workers: int, data: Path | None = None) -> None:
        self.workers, self._data = workers, data
        self._world: World | None = None
        self._folder = TemporaryDirectory(prefix="entrepot-")
        self._values = 0
        context = get_context("spawn")
        self._pool = ProcessPoolExecutor(workers, context, _start, (data, workers))
        others = set(active_children())
        with _ignore_interrupts():
            for _ in range(workers):
                self._pool.submit(_nothing)
        self._workers = set(active_children()) - others

    def open(self, world: World) -> None:
        """Let each process read the facts."""
        self._world = world
        for _ in range(self.workers):
            self._pool.submit(_read_facts, self._data)

    def prepare(self, spec: EngineSpec) -> None:
        """Find the route sets once, for all processes."""
        if self._world is not None:
            find_route_sets_once(self._world, spec, self.workers)

    def submit(self, spec: EngineSpec, job: Job, options: Options, *shared: Shared[Any]) -> Task:
        """Hand in a job."""
        return self._pool.submit(_run, spec, job, options, shared)

    def share(self, value: T) -> Shared[T]:
        """Write a value where each process reads it once."""
        # Only this user can write it, as to the pipe of a pool: the folder is closed to others.
        path = Path(self._folder.name) / str(self._values)
        self._values += 1
        path.write_bytes(pickle.dumps(value))
        return Shared(path=path)

    def __enter__(self) -> Processes:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._pool.shutdown(wait=False, cancel_futures=True)
        for worker in self._workers if kind is not None else ():
            worker.terminate()  # nobody waits for what they are at
        self._folder.cleanup()


def local(workers: int, data: Path | None = None) -> Inline | Processes:
    """The executor of this machine for a number of workers."""
    return Inline() if workers <= 1 else Processes(workers, data)


# Of a worker process; it is empty in the process that asks.
_STATE = WorkerState()


def _run(spec: EngineSpec, job: Job, options: Options, shared: tuple[Shared[Any], ...]) -> Record:
    return _STATE.run(spec, job, options, shared)


@contextmanager
def _ignore_interrupts() -> Iterator[None]:
    """Processes started here do not hear an interruption: it is for the one that waits."""
    if current_thread() is not main_thread():
        yield
        return
    heard = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, heard)


def _start(data: Path | None, workers: int) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    share_cores(workers)


def _nothing() -> None:
    return None


def _read_facts(data: Path | None) -> None:
    if _STATE.world is None:
        _STATE.world = load_world(data)

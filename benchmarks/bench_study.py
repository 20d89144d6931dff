"""Whole studies as a person waits for them, routes of all pairs already on disk.

python benchmarks/bench_study.py
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from entrepot.studies.definition import find_study

STUDIES = ("iran-kazakhstan", "kazakhstan-turkiye")
JOBS = (1, 2)


def run(name: str, folder: Path, jobs: int) -> tuple[float, float]:
    """Seconds on the clock, and of all processors."""
    entry = "from entrepot.cli.main import main; main()"
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run(
        [sys.executable, "-c", entry, "study", name, "--out", str(folder), "--jobs", str(jobs)],
        check=True,
        capture_output=True,
    )
    seconds, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return seconds, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> str:
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in STUDIES:
            study, place = find_study(name), Path(folder) / name
            asked = [study.options(question) for question in ("promises", "places", "between")]
            if None in asked:
                raise SystemExit(f"{name} asks for no promises")
            run(name, place, max(JOBS))
            draws = ", ".join(str(getattr(options, "draws", 0)) for options in asked)
            for jobs in JOBS:
                wall, work = run(name, place, jobs)
                rows.append(f"| {name} | {draws} | {jobs} | {wall:.0f} | {work:.0f} |")
    head = (
        "| study | draws of promises, of slopes, of trade | processes | seconds | seconds of processors |\n"
        "|---|---|---:|---:|---:|"
    )
    return (
        "`entrepot study NAME` from the shell to the finished page, after one run that put the route sets of all pairs on disk.\n\n"
        + "\n".join((head, *rows))
    )


if __name__ == "__main__":
    print(main())

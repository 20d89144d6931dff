"""Compare the tables of two runs: `python scripts/compare_runs.py RUN RUN`.

Tables are equal where their hashes in the manifests are. Where they differ, the columns that came or
went, the numbers of rows, and the largest relative difference of each column are shown. The exit
status is 1 where anything differs. Compare runs of one machine, the same libraries and one BLAS
thread.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd

# A denominator below this is not a scale to measure a difference by.
SMALLEST = 1e-12


def hashes(folder: Path) -> dict[str, str]:
    """Hash of each table of a run, as its manifest says."""
    manifest: dict[str, Any] = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    return {name: entry["sha256"] for name, entry in manifest["tables"].items()}


def read(folder: Path, name: str) -> pd.DataFrame:
    """A table of a run as it was written."""
    with duckdb.connect() as connection:
        return connection.from_parquet(str(folder / f"{name}.parquet")).df()


def differences(old: pd.DataFrame, new: pd.DataFrame) -> list[str]:
    """What differs between two versions of a table, a line each."""
    out = []
    gone, came = set(old) - set(new), set(new) - set(old)
    if gone:
        out.append(f"columns gone: {', '.join(sorted(gone))}")
    if came:
        out.append(f"columns new: {', '.join(sorted(came))}")
    if len(old) != len(new):
        return [*out, f"rows: {len(old)} before, {len(new)} now"]
    for column in (c for c in old if c in new):
        a, b = old[column], new[column]
        if pd.api.types.is_numeric_dtype(a) and pd.api.types.is_numeric_dtype(b):
            x, y = a.to_numpy(dtype=float, na_value=np.nan), b.to_numpy(float, na_value=np.nan)
            unlike = ~((x == y) | (np.isnan(x) & np.isnan(y)))
            if unlike.any():
                with np.errstate(invalid="ignore"):
                    far = np.abs(y - x) / np.maximum(np.abs(x), SMALLEST)
                k = int(np.argmax(np.where(unlike, np.nan_to_num(far, nan=np.inf), -1.0)))
                out.append(
                    f"{column}: {int(unlike.sum())} rows, most in row {k}: {x[k]:.9g} -> {y[k]:.9g} "
                    f"(relative {far[k]:.3g})"
                )
        elif (unlike := (a.astype(str) != b.astype(str)).to_numpy()).any():
            k = int(np.argmax(unlike))
            out.append(f"{column}: {int(unlike.sum())} rows, first {a[k]!r} -> {b[k]!r}")
    return out or ["same values, other bytes"]


def main(first: Path, second: Path) -> int:
    """Print what differs; 1 where anything does."""
    old, new = hashes(first), hashes(second)
    differ = [name for name in old if name in new and old[name] != new[name]]
    for name in old.keys() - new.keys():
        print(f"{name}: only in {first}")
    for name in new.keys() - old.keys():
        print(f"{name}: only in {second}")
    for name in differ:
        print(f"{name}:")
        for line in differences(read(first, name), read(second, name)):
            print(f"  {line}")
    same = len(old.keys() & new.keys()) - len(differ)
    print(f"{same} tables equal, {len(differ)} differ")
    return int(bool(differ or old.keys() ^ new.keys()))


if __name__ == "__main__":
    if len(sys.argv) != 3:
        sys.exit("Usage: python scripts/compare_runs.py RUN RUN")
    sys.exit(main(Path(sys.argv[1]), Path(sys.argv[2])))

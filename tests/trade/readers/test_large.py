"""A file of BACI's kind that is larger than what may be held in memory many times."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

ROWS = 2_000_000
MOST_MB = 700
SCRIPT = """
import sys
from entrepot.trade.readers import read_flows
flows = read_flows(sys.argv[1])
peak = next(line for line in open("/proc/self/status") if line.startswith("VmHWM"))
print(flows.rows, flows.used, flows.total_musd, int(peak.split()[1]) // 1024)
"""


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="needs the peak of a process")
def test_memory_stays_modest(tmp_path: Path) -> None:
    """Two million rows, every pair of 20 countries, worth one thousand USD each."""
    path = tmp_path / "BACI_HS17_Y2023_V202501.csv"
    countries = "unnest([4,8,12,24,31,32,36,40,50,51,56,76,100,124,156,276,364,398,643,842])"
    duckdb.sql(
        f"""
        COPY (
            SELECT 2023 t, i, j, format('{{:06d}}', 10000 + 17 * k) AS k, 1.0 v, 2.5 q
            FROM (SELECT {countries} i), (SELECT {countries} j), range(5300) r(k)
            WHERE i <> j LIMIT {ROWS}
        ) TO '{path}' (HEADER)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(path)], capture_output=True, text=True, check=True
    )
    rows, used, total, peak_mb = done.stdout.split()
    assert int(rows) == int(used) == ROWS
    assert float(total) == pytest.approx(ROWS * 1e-3, rel=1e-9)
    assert int(peak_mb) < MOST_MB

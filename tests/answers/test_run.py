from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from entrepot.answers import run as store
from entrepot.answers.run import open_run, write_run
from entrepot.errors import BadInputError, UsageError


def points(name: str = "Almaty") -> dict[str, pd.DataFrame]:
    """Two tables as a run has them: texts, numbers, gaps, lists, yes and no."""
    return {
        "route_points": pd.DataFrame(
            {
                "route_id": ["a/1", "a/1"],
                "seq": [0, 1],
                "node_id": ["almaty", "NA"],
                "name": [name, "Namangan, 'west'"],
                "lat": [43.25, 41.0],
                "lon": [76.9, 71.67],
                "mode": [None, "rail"],
            }
        ),
        "validation": pd.DataFrame(
            {
                "id": ["RB1", "RB2"],
                "use": "core",
                "year": pd.array([2024, None], dtype="Int64"),
                "days_p50": [3.5, float("nan")],
                "status": ["scored", "shown"],
                "stated_corridor": [True, False],
            }
        ),
        "commitments": pd.DataFrame(
            {
                "commitment_id": ["C1", "C2"],
                "date": ["2025-12-11", "2019"],
                "parties": [("IRN", "KAZ"), ()],
                "text": ["; a, b", "x"],
                "target": ["", ""],
                "value": [3000.0, float("nan")],
                "source_id": [("T1",), ("T1", "T2")],
            }
        ),
    }


def test_tables_come_back_as_they_were(tmp_path: Path):
    run = write_run(tmp_path / "run", points(), {"study": "x"})
    back = run.table("route_points")
    assert back["node_id"].tolist() == ["almaty", "NA"]
    assert back["name"].tolist() == ["Almaty", "Namangan, 'west'"]
    assert back["seq"].tolist() == [0, 1]
    assert back["mode"].tolist() == ["", "rail"]
    years = run.table("validation")
    assert years["year"].tolist()[0] == 2024
    assert pd.isna(years["year"].tolist()[1])
    assert pd.isna(years["days_p50"].tolist()[1])
    assert years["stated_corridor"].tolist() == [True, False]
    lists = run.table("commitments")
    assert lists["parties"].tolist() == [("IRN", "KAZ"), ()]
    assert lists["source_id"].tolist() == [("T1",), ("T1", "T2")]


def test_an_empty_table_keeps_its_columns(tmp_path: Path):
    tables = {"routes": pd.DataFrame(), "legs": pd.DataFrame()}
    run = write_run(tmp_path / "run", tables, {})
    assert len(run.table("routes")) == 0
    assert "days_p50" in run.table("routes")


def test_an_undeclared_column_is_refused(tmp_path: Path):
    tables = points()
    tables["validation"]["guess"] = 1.0
    with pytest.raises(BadInputError, match="guess"):
        write_run(tmp_path / "run", tables, {})
    assert list(tmp_path.iterdir()) == []


def test_odd_folder_names_work(tmp_path: Path):
    run = write_run(tmp_path / "Zoë's [1] * run?", points(), {})
    assert len(open_run(run.folder).table("validation")) == 2


def test_the_same_tables_give_the_same_bytes(tmp_path: Path):
    one, two = (write_run(tmp_path / n, points(), {}) for n in ("one", "two"))
    assert one.manifest["tables"] == two.manifest["tables"]
    for name in one.manifest["tables"]:
        file = f"{name}.parquet"
        assert (one.folder / file).read_bytes() == (two.folder / file).read_bytes()


def test_a_changed_or_missing_file_is_noticed(tmp_path: Path):
    run = write_run(tmp_path / "run", points(), {})
    file = run.folder / "validation.parquet"
    whole = file.read_bytes()
    file.write_bytes(whole[:-1] + b"x")
    with pytest.raises(BadInputError, match=r"validation\.parquet"):
        open_run(run.folder)
    file.unlink()
    with pytest.raises(BadInputError, match=r"validation\.parquet"):
        open_run(run.folder)


def test_what_is_no_run_is_refused(tmp_path: Path):
    with pytest.raises(UsageError, match=r"manifest\.json"):
        open_run(tmp_path)
    run = write_run(tmp_path / "run", points(), {})
    with pytest.raises(UsageError, match="no table 'routes'"):
        run.table("routes")


def test_a_folder_that_is_no_run_is_never_replaced(tmp_path: Path):
    place = tmp_path / "photos"
    place.mkdir()
    (place / "cat.png").write_text("meow")
    with pytest.raises(UsageError, match=r"[Nn]ot a run"):
        write_run(place, points(), {})
    assert [p.name for p in place.iterdir()] == ["cat.png"]
    assert [p.name for p in tmp_path.iterdir()] == ["photos"]


class Stop(BaseException):
    """Somebody pulls the plug."""


@pytest.mark.parametrize("step", ["_write_table", "_sync", "_replace", "rename", "finish"])
def test_a_stop_at_any_step_leaves_the_earlier_run_whole(
    step: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    folder = tmp_path / "run"
    write_run(folder, points("before"), {"made": "first"})

    def stop(*_: object) -> None:
        raise Stop

    finish = stop if step == "finish" else None
    if step == "rename":  # stop when the new run is to take the place of the old one
        real = Path.rename

        def rename(self: Path, target: Path) -> Path:
            if self.name.startswith(".run-") and Path(target) == folder:
                raise Stop
            return real(self, target)

        monkeypatch.setattr(Path, "rename", rename)
    elif step != "finish":
        monkeypatch.setattr(store, step, stop)
    with pytest.raises(Stop):
        write_run(folder, points("after"), {"made": "second"}, finish)
    monkeypatch.undo()
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    run = open_run(folder)
    assert run.manifest["made"] == "first"
    assert run.table("route_points")["name"].iloc[0] == "before"


def test_a_run_lost_between_the_two_renames_is_put_back(tmp_path: Path):
    folder = tmp_path / "run"
    write_run(folder, points("before"), {})
    aside = tmp_path / ".run-old-abc"
    aside.mkdir()
    folder.rename(aside / "run")  # the power failed here

    def stop(_: Path) -> None:
        raise Stop

    with pytest.raises(Stop):
        write_run(folder, points("after"), {}, stop)
    assert open_run(folder).table("route_points")["name"].iloc[0] == "before"
    assert [p.name for p in tmp_path.iterdir()] == ["run"]


def test_a_new_run_takes_the_place_of_the_old(tmp_path: Path):
    folder = tmp_path / "run"
    write_run(folder, points("before"), {})
    run = write_run(folder, points("after"), {}, lambda p: (p / "report.html").touch())
    assert run.table("route_points")["name"].iloc[0] == "after"
    assert sorted(p.name for p in folder.iterdir()) == [
        "commitments.parquet",
        "manifest.json",
        "report.html",
        "route_points.parquet",
        "validation.parquet",
    ]
    assert [p.name for p in tmp_path.iterdir()] == ["run"]
    assert set(json.loads((folder / "manifest.json").read_text())["tables"]) == set(points())

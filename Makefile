# Two commands do everything on a fresh machine: `make run` and `make test`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STUDY ?= iran-kazakhstan

.PHONY: run test check fast slow browser bench docs clean help
.DEFAULT_GOAL := help

help:
	@echo "make run    set up and run the default study; the report is runs/$(STUDY)/report.html"
	@echo "make test   set up and run everything that checks: style, types, layers, tests, browser"
	@echo "make fast   the tests for every day only"
	@echo "make slow   long certificates and the report in a browser only"
	@echo "make check  style, types and layers only"
	@echo "make bench  measure against other codes and write benchmarks/README.md"
	@echo "make docs   write docs/tables.md, docs/api.md and docs/validation.md again"
	@echo "make clean  remove what was set up"

$(VENV)/.run: pyproject.toml constraints.txt
	@echo "Setting up Python packages in $(VENV) (a minute the first time)"
	@test -x $(BIN)/pip || $(PYTHON) -m venv $(VENV) || \
	  { echo "Python's venv is missing: on Debian, apt-get install python3-venv" >&2; exit 1; }
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e .
	@touch $@

$(VENV)/.dev: $(VENV)/.run
	@echo "Setting up the tools for tests"
	@$(BIN)/pip install --quiet --disable-pip-version-check -c constraints.txt -e ".[dev,omx,bench]"
	@touch $@

run: $(VENV)/.run
	@$(BIN)/entrepot study $(STUDY)

test: check
	@echo "Tests for every day, with coverage"
	@$(BIN)/python -m pytest -q -n 2 -m "not slow and not browser" --cov --cov-report=term
	@$(MAKE) --no-print-directory slow

slow: $(VENV)/.dev
	@sh scripts/browser.sh
	@echo "Long certificates and the report in a browser"
	@$(BIN)/python -m pytest -q -m "slow or browser"

fast: $(VENV)/.dev
	@$(BIN)/python -m pytest -q -n 2 -m "not slow and not browser"

check: $(VENV)/.dev
	@echo "Style, types, layers"
	@$(BIN)/ruff format --check src tests benchmarks
	@$(BIN)/ruff check src tests benchmarks
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: $(VENV)/.dev
	@$(BIN)/python benchmarks/run.py

docs: $(VENV)/.run
	@$(BIN)/python -m entrepot.schema.document docs/tables.md
	@$(BIN)/python scripts/api_page.py > docs/api.md
	@$(BIN)/entrepot validate --write docs/validation.md
	@$(BIN)/entrepot study $(STUDY) && $(BIN)/python scripts/picture.py runs/$(STUDY) docs

clean:
	rm -rf $(VENV) runs .coverage .hypothesis .import_linter_cache .mypy_cache .pytest_cache .ruff_cache

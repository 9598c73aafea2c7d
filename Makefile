# Everything a newcomer or a maintainer types. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check -c requirements.lock

.DEFAULT_GOAL := help
.PHONY: help demo run check test test-all bench lock clean

help: ## list the targets
	@grep -E '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /  make \1|/' | column -t -s '|'

demo: $(VENV)/.run ## poll, index and read a sample newsroom; no network needed after installation
	@$(BIN)/aggregator demo

run: $(VENV)/.run ## poll the feeds of feeds.yaml until Ctrl-C, pages on http://127.0.0.1:8000
	@$(BIN)/aggregator run

check: $(VENV)/.dev ## formatting, lint, types, layers
	@$(BIN)/ruff format --check aggregator tests bench
	@$(BIN)/ruff check aggregator tests bench
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

test: $(VENV)/.dev ## the test suite, without the slow ones; the same examples every time
	@$(BIN)/python -m pytest -n 2 --dist worksteal -m "not slow"

test-all: $(VENV)/.dev ## every test, slow ones included, with new random examples and coverage
	@$(BIN)/python -m pytest -n 2 --dist worksteal --hypothesis-profile=fresh --cov --cov-report=term:skip-covered

bench: $(VENV)/.bench ## the benchmarks, printing ratios; figures and their commands are in bench/README.md
	@$(BIN)/python bench/poll.py
	@$(BIN)/python bench/search.py

lock: ## pin the newest versions that pyproject.toml allows
	@$(PYTHON) -m venv build/lock && build/lock/bin/pip install --quiet -e '.[dev,bench]'
	@build/lock/bin/pip freeze --exclude-editable > requirements.lock

clean: ## remove what the targets above made
	rm -rf $(VENV) build .coverage* .mypy_cache .pytest_cache .ruff_cache .hypothesis .import_linter_cache

$(BIN)/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "aggregator needs Python 3.11 or newer; try: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing into $(VENV) …"
	@$(PIP) -e .
	@touch $@

$(VENV)/.dev: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing into $(VENV) …"
	@$(PIP) -e '.[dev]'
	@touch $@ $(VENV)/.run

$(VENV)/.bench: pyproject.toml requirements.lock | $(BIN)/python
	@echo "Installing into $(VENV) …"
	@$(PIP) -e '.[dev,bench]'
	@touch $@ $(VENV)/.dev $(VENV)/.run

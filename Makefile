# Needs python3 (3.11 or later, with venv) and make; everything else is fetched into .venv.

PYTHON ?= python3
BIN := .venv/bin

# Run the tests side by side. A file stays on one worker, and with it the servers it started.
PYTEST := $(BIN)/python -m pytest -n 2 --dist loadfile

.PHONY: lab test test-long lint bench clean

lab: .venv/installed
	@.ci/lab

test: lint
	@.ci/apt redis-tools chromium
	@.ci/npm ioredis@6
	$(PYTEST)

test-long: .venv/installed
	@.ci/apt redis-tools chromium
	$(PYTEST) -m long

lint: .venv/installed
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

bench: .venv/installed
	$(BIN)/python -m tests.benchmarks

clean:
	rm -rf .venv build dist .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# The stamp makes a second run fast: install again only when the dependencies may have changed, or
# the kernelspec, whose files an editable install copies.
.venv/installed: pyproject.toml $(wildcard kernelspec/*)
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --upgrade pip
	$(BIN)/pip install --quiet --editable . --group dev
	@touch $@

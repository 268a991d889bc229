# make run    start the dashboard (PORT=8501)
# make test   everything that needs no browser
# make load   long runs: a thousand films surveyed with faults, and a kill in the middle
# make test-cluster  a batch on a Ray cluster of this machine; installs requirements-cluster.txt
# make bench  how long the dashboard takes on this machine
# Each makes .venv first if it is not there.

PYTHON ?= python3
PORT ?= 8501
BIN := .venv/bin

.PHONY: run test test-cluster load bench lint format clean

run: .venv/runs
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT)

test: lint
	$(BIN)/python -m pytest -q -m "not training and not slow and not cluster"
	KERAS_BACKEND=tensorflow $(BIN)/python -m pytest -q -m "training and not slow"

test-cluster: .venv/cluster
	$(BIN)/python -m pytest -q -m cluster

load: .venv/tests
	$(BIN)/python -m pytest -q -s -m slow tests/load

bench: .venv/runs
	$(BIN)/python -m pneumo bench

lint: .venv/tests
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: .venv/tests
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

.venv/runs: requirements.txt
	$(PYTHON) -m venv .venv
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements.txt
	touch $@

.venv/tests: .venv/runs requirements-dev.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	touch $@

.venv/cluster: .venv/tests requirements-cluster.txt
	$(BIN)/pip install --quiet --disable-pip-version-check -r requirements-cluster.txt
	touch $@

clean:
	rm -rf .venv .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# make run    start the dashboard (PORT=8501, ADDRESS=localhost)
# make test   everything that needs no browser
# make e2e    what users see, in Debian's Chromium (or the browser that CHROMIUM names)
# make load   long runs: floods of films, cases, students and visitors, and 20,000 damaged files
# make audit  asks whether anything installed has a known weakness
# make test-cluster  a batch on a Ray cluster of this machine; installs requirements-cluster.txt
# make bench  how long the dashboard takes on this machine
# Each makes .venv first if it is not there.

PYTHON ?= python3
PORT ?= 8501
ADDRESS ?= localhost
BIN := .venv/bin

.PHONY: run test e2e test-cluster load audit bench lint format clean

run: .venv/runs
	$(BIN)/streamlit run streamlit_app.py --server.port $(PORT) --server.address $(ADDRESS)

test: lint
	$(BIN)/python -m pytest -q -n auto --dist worksteal -m "not training and not slow and not cluster"
	KERAS_BACKEND=tensorflow $(BIN)/python -m pytest -q -m "training and not slow"

# On a busy machine a page can take longer than a test waits: what failed is tried once more.
e2e: .venv/tests
	$(BIN)/python -m pytest -q -n auto --dist worksteal tests/e2e || \
		$(BIN)/python -m pytest -q --last-failed tests/e2e

test-cluster: .venv/cluster
	$(BIN)/python -m pytest -q -m cluster

load: .venv/tests
	$(BIN)/python -m pytest -q -s -m slow tests/load

audit: .venv/tests
	$(BIN)/python .ci/audit

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

.venv/runs: requirements.txt constraints.txt
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

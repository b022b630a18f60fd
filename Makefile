# Needs Python 3.11 or newer and make; everything else is installed into .venv from the lock files.

PYTHON ?= python3
PORT ?= 8000
HOST ?= 127.0.0.1
# Test processes that run at once, and where the graph is built for them.
TESTERS ?= 2
TESTED := $(CURDIR)/build/tested
PYTEST = KOUAN_TEST_SNAPSHOTS=$(TESTED) $(BIN)/pytest --durations 40 --durations-min 5
SIZES ?= 5000 1000000 10000000
BIN := .venv/bin
WEB := $(shell find web -name node_modules -prune -o -name __pycache__ -prune -o -type f -print)

.PHONY: serve test check build wheel docs bench bench-scaling suites conformance audit sbom lock clean
.DELETE_ON_ERROR:

serve: .venv/.ready ## Serve the graph on http://localhost:8000; make serve PORT=9000 chooses another port
	@$(BIN)/kouan serve --host $(HOST) --port $(PORT)

test: .venv/.ready-to-test ## Run everything that is checked
	@$(MAKE) --no-print-directory check

check: .venv/.ready-to-test
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/python web/assets.py check
	$(BIN)/python -m compileall -q server/kouan
	KOUAN_SNAPSHOTS=$(TESTED) $(BIN)/kouan build
	@# What measures time runs after the rest, alone, whatever came of the rest.
	@failed=0; \
	  $(PYTEST) -m "not alone" --numprocesses $(TESTERS) --dist loadfile --no-loadscope-reorder || failed=1; \
	  $(PYTEST) -m alone || failed=1; \
	  exit $$failed

build: .venv/.ready ## Build the snapshot
	@$(BIN)/kouan build

wheel: build ## Build the wheel, the snapshot of the graph in it, into dist/
	$(BIN)/pip wheel --quiet --no-deps --wheel-dir dist .

docs: .venv/.ready ## Write the pages of docs/ that are made from the code and the data
	$(BIN)/kouan export coverage > docs/coverage.md
	$(BIN)/kouan export configuration > docs/configuration.md
	$(BIN)/kouan export datasheet > docs/data-sheet.md

bench: .venv/.ready-to-test ## Measure Kouan beside the other servers that are installed, and write docs/benchmarks.md
	PATH="$(CURDIR)/$(BIN):$$PATH" $(BIN)/python benchmarks/run.py --sizes $(SIZES)

bench-scaling: .venv/.ready-to-test ## Measure the ways of running Kouan that this machine allows, and write docs/scaling-measured.md
	PATH="$(CURDIR)/$(BIN):$$PATH:/usr/sbin" $(BIN)/python benchmarks/scaling.py

suites: ## Fetch the suites of the W3C into build/suites, for the tests that need them
	mkdir -p build/suites
	test -d build/suites/rdf-tests || git clone --depth 1 https://github.com/w3c/rdf-tests.git build/suites/rdf-tests
	test -d build/suites/data-shapes || git clone --depth 1 https://github.com/w3c/data-shapes.git build/suites/data-shapes
	test -d build/suites/DCAT-AP || git clone --depth 1 https://github.com/SEMICeu/DCAT-AP.git build/suites/DCAT-AP
	ln -sfn rdf-tests/sparql build/suites/w3c-sparql
	ln -sfn data-shapes/data-shapes-test-suite/tests build/suites/shacl

conformance: .venv/.ready-to-test ## Ask the suites, and write what they find for /conformance
	rm -rf build/conformance
	-$(BIN)/pytest --quiet tests/suites
	$(BIN)/python tests/suites/conformance.py build/conformance

audit: .audit/.ready ## Ask whether anything that is installed has a known weakness
	.audit/bin/pip-audit --disable-pip --no-deps --requirement requirements.lock
	cd web && npm audit --package-lock-only

sbom: .audit/.ready ## Write what Kouan is made of (CycloneDX) to dist/sbom.json
	mkdir -p dist
	.audit/bin/cyclonedx-py requirements --pyproject pyproject.toml --output-reproducible requirements.lock \
	  | $(PYTHON) deploy/sbom.py > dist/sbom.json

clean: ## Remove what was installed and built here, but for what was written to the graph
	rm -rf .venv .audit dist build/tested web/node_modules server/kouan/static/ui build/snapshots/[0-9a-f]* build/snapshots/.[a-z]*

.venv/bin/pip:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Kouan needs Python 3.11 or newer; make serve PYTHON=python3.12 names another."; exit 1; }
	$(PYTHON) -m venv .venv

# The install builds the browser's code too, where it is not what web/ makes.
.venv/.ready: requirements.lock pyproject.toml hatch_build.py $(WEB) | .venv/bin/pip
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements.lock
	$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@

.venv/.ready-to-test: requirements-dev.lock .venv/.ready
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-dev.lock
	@touch $@

# What looks the code over and is no part of it, apart from what runs.
.audit/.ready: requirements-audit.lock
	$(PYTHON) -m venv .audit
	.audit/bin/pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-audit.lock
	@touch $@

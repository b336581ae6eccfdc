# The commands of the project. `make run` and `make test` need nothing but Python 3.11+ and make.

BIN := .venv/bin
CPUS := $(shell getconf _NPROCESSORS_ONLN 2>/dev/null || echo 2)
# One more than processors: tests with a browser wait now and then.
JOBS ?= $(shell [ $(CPUS) -gt 3 ] && echo 4 || echo $$(($(CPUS) + 1)))
TOOLS := .venv-tools/bin
SEMGREP = $(TOOLS)/semgrep scan --metrics off --disable-version-check
RULES := --config tests/architecture/semgrep/python.yaml --config tests/architecture/semgrep/script.yaml
CODE := retail workers migrations tests benchmarks scripts
SOURCES = $(wildcard $(CODE))

.DEFAULT_GOAL := help
.PHONY: help run test check lint types imports templates architecture chaos bench quality charts clean lock sbom audit setup setup-dev setup-tools

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(firstword $(MAKEFILE_LIST))

run: setup ## Start the shop with demo data; prints the address, Ctrl-C stops it
	@exec $(BIN)/countertop up --demo

test: check ## Run every check and every test, the browser's too
	@browser=$$($(BIN)/python scripts/ensure_browser.py) && export COUNTERTOP_CHROMIUM="$$browser" && \
	$(BIN)/python -m pytest tests -q -n $(JOBS) --dist loadfile --no-loadscope-reorder --ignore=tests/architecture --ignore=tests/journeys --ignore=tests/pooler --ignore=tests/proxy --ignore=tests/chaos && \
	pooler=$$($(BIN)/python -m scripts.ensure_pooler) && proxy=$$($(BIN)/python -m scripts.ensure_proxy) && \
	COUNTERTOP_PGBOUNCER="$$pooler" COUNTERTOP_NGINX="$$proxy" $(BIN)/python -m pytest tests/pooler tests/proxy -q && \
	COUNTERTOP_NO_DATABASE=1 $(BIN)/python -m pytest tests/journeys -q -n $(JOBS) --dist loadfile --no-loadscope-reorder && \
	COUNTERTOP_NO_DATABASE=1 $(BIN)/python -m pytest tests/chaos -q

chaos: setup-dev ## Kill everything while ten tills sell a thousand times; WITH='--seed 7' plays a run again
	@browser=$$($(BIN)/python scripts/ensure_browser.py) && export COUNTERTOP_CHROMIUM="$$browser" && \
	$(BIN)/python -m tests.chaos $(WITH)

check: ## Run all checks that need no browser
	@$(MAKE) --no-print-directory -j $(JOBS) -O lint types imports templates architecture

lint: setup-dev setup-tools ## Check style, format and what is dangerous
	@$(BIN)/ruff check -q $(SOURCES)
	@$(BIN)/ruff format -q --check $(SOURCES)
	@$(TOOLS)/bandit -q -r -c pyproject.toml retail workers migrations
	@$(SEMGREP) --test tests/architecture/semgrep >/dev/null 2>&1 || $(SEMGREP) --test tests/architecture/semgrep
	@$(SEMGREP) --error --quiet $(RULES) retail workers migrations kiosk static scripts

types: setup-dev ## Check types
	@$(BIN)/mypy

imports: setup-dev ## Check that packages import only what is below them
	@$(BIN)/lint-imports --no-logo

templates: setup-dev ## Check the templates
	@$(BIN)/djlint templates --lint --quiet

architecture: setup-dev ## Check the shape of the house
	@$(BIN)/python -m pytest tests/architecture -q -n $(JOBS) --dist loadfile

bench: setup-dev ## Measure; each benchmark prints a table
	@for file in benchmarks/[a-z]*.py; do $(BIN)/python -m "benchmarks.$$(basename "$$file" .py)" || exit 1; done

quality: setup-dev ## Look at the owner's pages with Lighthouse, each three times (needs Node.js and npm)
	@browser=$$($(BIN)/python scripts/ensure_browser.py) && COUNTERTOP_CHROMIUM="$$browser" $(BIN)/python -m scripts.quality $(WITH)

charts: setup-dev ## Compile the charts' shapes anew into static/charts
	@$(BIN)/python -m scripts.draw_charts

audit: setup-dev ## Ask whether any package is known to be weak (needs a network)
	@$(BIN)/python -m scripts.audit_packages

sbom: setup ## Write what the product is made of into build/countertop.cdx.json (CycloneDX)
	@$(BIN)/python -m scripts.write_sbom build/countertop.cdx.json
	@echo "build/countertop.cdx.json"

clean: ## Remove what was installed and cached; the shop's data in .data stays
	@rm -rf .venv build dist *.egg-info .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	@find . -name __pycache__ -type d -not -path './.data/*' -prune -exec rm -rf {} +

lock: setup-dev ## Write the lock files anew from pyproject.toml (UPGRADE=1: with the newest versions)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@echo 'setuptools>=80' | $(LOCK) -o requirements.lock pyproject.toml -
	@echo 'setuptools>=80' | $(LOCK) -o requirements-dev.lock -c requirements.lock --group dev pyproject.toml -
	@$(LOCK) -o requirements-tools.lock --group tools

LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
	--no-emit-index-url --no-emit-find-links --no-annotate $(if $(UPGRADE),--upgrade)

setup:
	@scripts/bootstrap run

setup-dev:
	@scripts/bootstrap dev

setup-tools:
	@scripts/bootstrap tools

# Every command there is. Each sets up what it needs first, on a bare machine with
# Python 3.11 or newer, make and a network, as root or not: see .ci/setup.

.DEFAULT_GOAL := help
.NOTPARALLEL:

VENV := .venv
BENCH := $(sort $(filter-out bench/_%,$(wildcard bench/*.py)))
ARGS :=

# Tests start processes by the hundred: each module is compiled once, not in every one.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo test check site bench bots docs campaign picture lock clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "make %-9s %s\n", $$1, $$2}' Makefile
	@echo
	@echo "ARGS passes options on:  make demo ARGS='--seconds 20 --json'"

demo: ## Trade on three hostile venues, here, and watch (ARGS: see `crossdock demo --help`)
	@.ci/setup $(VENV) runtime
	@.ci/site
	@$(VENV)/bin/crossdock demo $(ARGS)

test: ## Run every test but the campaigns (ARGS: pytest's)
	@.ci/setup $(VENV) runtime test
	@.ci/site
	@.ci/peers $(VENV)
	@PATH="$$PATH:$(CURDIR)/$(VENV)/peers/bin" $(VENV)/bin/pytest -q -m "not campaign" -n auto --dist worksteal $(ARGS)

check: ## Look at format, lint, types, import contracts and the hygiene of the repository
	@.ci/setup $(VENV) runtime test check
	@$(VENV)/bin/ruff format --check .
	@$(VENV)/bin/ruff check .
	@$(VENV)/bin/mypy
	@$(VENV)/bin/lint-imports --no-cache
	@$(VENV)/bin/pytest -q tests/architecture
	@.ci/site --check

site: ## Build the web dashboard into the package (done by demo and test)
	@.ci/site

bench: ## Measure beside the peers, as JSON lines (BENCH=bench/book.py for one)
	@.ci/setup .venv-bench bench
	@set -e; for file in $(BENCH); do .venv-bench/bin/python $$file $(ARGS); done

bots: ## Trade Freqtrade and a desk at a hostile Binance; count what each lost (ARGS: its)
	@.ci/setup $(VENV) runtime
	@.ci/setup .venv-bots bots
	@$(VENV)/bin/python -m crossdock.conformance.bots $(ARGS)

docs: ## Write the pages of adapters, settings and the API, and look for dead links
	@.ci/setup $(VENV) runtime test
	@$(VENV)/bin/python -m crossdock.app.pages.adapters docs/adapters
	@$(VENV)/bin/python -m crossdock.app.pages.settings docs/reference/settings.md
	@$(VENV)/bin/python -m crossdock.app.pages.venues docs/reference/venues.md
	@$(VENV)/bin/python -m crossdock.web.schema docs/reference/api.md
	@$(VENV)/bin/pytest -q tests/architecture/test_documents.py tests/docs

campaign: ## Run the long trials that `make test` runs a short seed of
	@.ci/setup $(VENV) runtime test
	@$(VENV)/bin/pytest -q -m campaign $(ARGS)

picture: ## Draw docs/pictures/demo.svg from a run with one kill
	@.ci/setup $(VENV) runtime
	@$(VENV)/bin/crossdock demo --seconds 9 --picture docs/pictures/demo.svg

lock: ## Rewrite requirements/ from pyproject.toml (UPGRADE=1 takes newer versions)
	@.ci/setup $(VENV) runtime
	@UPGRADE=$(UPGRADE) .ci/lock

clean: ## Remove the environments and every cache
	@rm -rf .venv .venv-bench .venv-bots .venv-node .boot dashboard/node_modules src/crossdock/web/built build dist .mypy_cache .ruff_cache .pytest_cache \
		.hypothesis .import_linter_cache
	@find src tests bench -name __pycache__ -type d -prune -exec rm -rf {} +

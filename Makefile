# `make demo` and `make test` are all that a fresh Debian machine needs; CI runs the second.

PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.installed
# What needs root is done by root, or by a sudo that asks no password, or not at all.
ROOT := $(shell [ "$$(id -u)" = 0 ] && echo yes)
SUDO := $(if $(ROOT),,$(shell sudo -n true 2>/dev/null && echo sudo -n env PYTHONDONTWRITEBYTECODE=1))
# Only root can start the routers of tests/real: nobody else reaches the bound on coverage.
COUNTED := --cov $(if $(ROOT),,--cov-fail-under=0) --cov-report=term-missing
# Three on two cores: every test that meets a device waits now and then.
PYTEST_ARGS ?= -n 3 --dist loadscope --no-loadscope-reorder

.PHONY: help demo test coverage check format schemas docs bench clean system
.DEFAULT_GOAL := help

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 14

demo: $(STAMP) system ## what netres does, on real devices' software in this machine
	$(SUDO) $(BIN)/netres demo

test: check system ## everything CI runs: check, then all tests
	-@$(BIN)/python -m netres_drivers.openwisp.lab  # once: a controller of its own in the user's cache
	PYTHONDONTWRITEBYTECODE= $(BIN)/pytest $(COVERAGE) $(PYTEST_ARGS)  # it starts Python some hundred times

# Counting lines makes the tests take half as long again.
coverage: COVERAGE = $(COUNTED)
coverage: test ## the same, and which lines no test runs: at most 5 % may be

check: $(STAMP) ## lint, format, types
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/shellcheck .ci/run scripts/*.sh

format: $(STAMP) ## let ruff format and mend what it can
	$(BIN)/ruff format
	$(BIN)/ruff check --fix

schemas: $(STAMP) ## generate schemas/v1 and the capability matrix
	$(BIN)/netres schemas
	$(BIN)/python scripts/capability_matrix.py

docs: $(STAMP) ## the site, into site/
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict

bench: $(STAMP) ## the measurements
	$(BIN)/pytest -m benchmark

clean: ## remove all that was made
	rm -rf $(VENV) build dist site .coverage .coverage.* .hypothesis .mypy_cache .pytest_cache .ruff_cache
	find src drivers tests -name __pycache__ -prune -exec rm -rf {} +

system:
	@scripts/system-packages.sh

$(STAMP): pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	    echo 'netres needs Python 3.11 or newer as $(PYTHON); name one with: make PYTHON=python3.11 ...' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || scripts/system-packages.sh python
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --editable '.[dev]'
	@touch $@

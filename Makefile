# The two commands a newcomer needs: `make chat` and `make test`. Set-up writes to stderr only and never
# reads stdin, so `echo "感受野怎么算?" | make chat` answers the question and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.core-installed
SETUP_DOORS := $(VENV)/.doors-installed
SETUP_ALL := $(VENV)/.all-installed
PEERS := .venv-peers
SETUP_PEERS := $(PEERS)/.installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
SHELL := /bin/bash

.PHONY: chat serve test check bench peers soak format clean

chat: $(SETUP)
	@$(BIN)/assistant chat

serve: $(SETUP_DOORS)
	@$(BIN)/assistant serve

test: $(SETUP_ALL)
	@$(BIN)/python -m pytest -n auto

check: $(SETUP_ALL)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_arrow.py tests/test_docs.py

bench: $(SETUP_ALL)
	@$(MAKE) --no-print-directory peers || echo "The peers are left out of the benchmarks." >&2
	@$(BIN)/python -m benchmarks

# What the retrieval benchmark compares us with, in an environment of its own: none of it may enter ours.
peers: $(SETUP_PEERS)

soak: $(SETUP_ALL)
	@HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -n auto -m "soak or not soak"

format: $(SETUP_ALL)
	@$(BIN)/ruff format . && $(BIN)/ruff check --fix .

clean:
	@rm -rf $(VENV) .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info[:2]; v >= (3, 11) or sys.exit("Python %d.%d is too old: Python 3.11 or newer is needed. Try: make PYTHON=python3.11 chat" % v)' >&2 </dev/null
	@echo "Creating $(VENV) ..." >&2
	@$(PYTHON) -m venv $(VENV) >&2 </dev/null

$(SETUP): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the assistant (about 300 MB, once) ..." >&2
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable . >&2 </dev/null
	@touch $@

$(SETUP_DOORS): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the assistant with its doors (about 400 MB, once) ..." >&2
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[doors]' >&2 </dev/null
	@touch $@ $(SETUP)

$(SETUP_ALL): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the assistant with everything its tests use (about 1.8 GB, once) ..." >&2
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' >&2 </dev/null
	@touch $@ $(SETUP_DOORS) $(SETUP)

$(SETUP_PEERS): benchmarks/peers-requirements.txt | $(VENV)/bin/python
	@echo "Installing the peers of the benchmark in $(PEERS) (about 2 GB, once) ..." >&2
	@rm -f $@ && $(BIN)/python -m venv $(PEERS) >&2 </dev/null
	@$(PEERS)/bin/python -m pip install --quiet --requirement $< >&2 </dev/null || \
		{ echo "$(PEERS) could not be made: the peers need a package index, or their wheels on the disk." >&2; exit 1; }
	@touch $@

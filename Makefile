# The two commands a newcomer needs: `make chat` and `make test`. Set-up writes to stderr only and never
# reads stdin, so `echo "感受野怎么算?" | make chat` answers the question and nothing else.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
SETUP := $(VENV)/.core-installed
SETUP_ALL := $(VENV)/.all-installed
export PIP_DISABLE_PIP_VERSION_CHECK := 1
SHELL := /bin/bash

.PHONY: chat serve test check bench soak format clean

chat: $(SETUP)
	@$(BIN)/assistant chat

serve: $(SETUP)
	@$(BIN)/assistant serve

test: $(SETUP_ALL)
	@$(BIN)/python -m pytest

check: $(SETUP_ALL)
	@$(BIN)/ruff format --check --quiet . && $(BIN)/ruff check --quiet .
	@$(BIN)/mypy
	@$(BIN)/python -m pytest tests/test_arrow.py tests/test_docs.py

bench: $(SETUP_ALL)
	@$(BIN)/python -m benchmarks

soak: $(SETUP_ALL)
	@HYPOTHESIS_PROFILE=search $(BIN)/python -m pytest -m "soak or not soak"

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

$(SETUP_ALL): pyproject.toml constraints.txt | $(VENV)/bin/python
	@echo "Installing the assistant with everything its tests use (about 1.8 GB, once) ..." >&2
	@$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[all]' >&2 </dev/null
	@touch $@ $(SETUP)

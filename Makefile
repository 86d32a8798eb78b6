# Two commands matter: `make demo` and `make test`. `make help` lists the rest.
SHELL := /bin/bash
PYTHON ?= python3.11
PORT ?= 8000
VENV := .venv
RUN := $(VENV)/bin
STAMP := $(VENV)/.installed
BOTH := tests/rooms tests/doors tests/differential tests/demo

.DEFAULT_GOAL := help
.PHONY: help demo test slow quick setup bench lint fmt lock clean

help: ## what can be asked for
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-8s %s\n", $$1, $$2}' Makefile

demo: setup ## a demonstration county in ./var (or $BANJIE_DATA), and the server on 127.0.0.1:8000; PORT=8001 for another port
	@$(RUN)/banjie demo --port $(PORT)

setup: $(STAMP) ## the virtual environment and everything in it

$(STAMP): requirements.lock pyproject.toml
	@echo "· making the virtual environment ($(VENV))"
	@command -v $(PYTHON) >/dev/null || { echo "Python 3.11 is needed: install it, or say make PYTHON=/path/to/python3"; exit 1; }
	@test -x $(RUN)/python || $(PYTHON) -m venv $(VENV)
	@echo "· installing the locked dependencies"
	@$(RUN)/python -m pip --version >/dev/null 2>&1 || $(RUN)/python -m ensurepip >/dev/null
	@$(RUN)/python -m pip install --quiet --disable-pip-version-check "uv>=0.5"
	@$(RUN)/uv pip install --quiet --python $(RUN)/python --require-hashes -r requirements.lock
	@$(RUN)/uv pip install --quiet --python $(RUN)/python --no-deps --editable .
	@touch $(STAMP)

test: setup lint ## lint, layers, types, then the tests on SQLite, PostgreSQL and in a browser
	@echo "· tests on SQLite, the browser among them"
	@$(RUN)/pytest -n 2 --dist loadgroup -m "not slow" tests
	@echo "· tests on PostgreSQL"
	@BANJIE_TEST_DB=postgres $(RUN)/pytest -n 2 --dist loadgroup -m "not slow and not browser" $(BOTH)

slow: setup ## the slow tests: histories against an oracle, processes killed half way, long stories and every page in a browser
	@$(RUN)/pytest -n 2 --dist loadgroup -m slow tests
	@BANJIE_TEST_DB=postgres $(RUN)/pytest -n 2 --dist loadgroup -m "slow and not browser" $(BOTH)

quick: setup ## the fast tests on SQLite
	@$(RUN)/pytest -n 2 -m "not slow and not browser" tests

bench: setup ## the benchmarks; each prints a ratio against a named alternative
	@for script in bench/[a-z]*.py; do echo "== $$script"; PYTHONPATH=. $(RUN)/python $$script || exit 1; done

lint: setup ## style, layers, types
	@$(RUN)/ruff check .
	@$(RUN)/ruff format --check .
	@$(RUN)/lint-imports --no-cache >/tmp/banjie-layers.$$$$ 2>&1 && rm -f /tmp/banjie-layers.$$$$ || { cat /tmp/banjie-layers.$$$$; rm -f /tmp/banjie-layers.$$$$; exit 1; }
	@$(RUN)/mypy

fmt: setup ## put the code into the house style
	@$(RUN)/ruff check --fix .
	@$(RUN)/ruff format .

lock: ## renew requirements.lock from pyproject.toml
	@uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header --group dev pyproject.toml -o requirements.lock

clean: ## remove what was built; data in ./var stay
	@rm -rf $(VENV) dist build .mypy_cache .ruff_cache .pytest_cache .hypothesis

# Short names for what a developer does; `make` alone lists them. scripts/ does the work.

.DEFAULT_GOAL := help
.PHONY: help setup run check lint types test quick bench attacks fuzz docs lock clean
BIN := .venv/bin

help:  ## say what there is
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup:  ## make .venv with pairterm and the tools of its tests
	@scripts/setup

run:  ## share a shell; prints the links
	@scripts/run

check:  ## what a commit has to pass: format, lint, types, import rules, all tests but the slow ones
	@scripts/test -m "not slow"

lint:  ## format and lint, nothing changed
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:  ## types and import rules
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test:  ## all of it, from nothing, as CI does
	@scripts/test

quick:  ## unit tests and laws, in seconds
	$(BIN)/pytest -q -n auto -m "not slow" tests/unit tests/laws

bench:  ## figures, never a pass or fail
	@for each in tests/bench/bench_*.py; do echo "== $$each"; $(BIN)/python -m tests.bench.$$(basename $$each .py) || exit 1; done
	@echo "== beside sshd + tmux"; $(BIN)/python -m tests.bench.peers

attacks:  ## what an honest guest notices while others attack: a table, never a pass or fail
	@$(BIN)/python -m tests.attacks

fuzz:  ## ten minutes of the coverage-guided fuzzer
	$(BIN)/python -m tests.fuzz.fuzz_terminal -max_total_time=600 -verbosity=0

docs:  ## write the generated pages anew
	$(BIN)/python -m scripts.reference

lock:  ## pin the versions that are installed now
	@{ echo "# The versions that the tests were last passed with; \`make lock\` writes this file anew."; \
	   $(BIN)/pip freeze --exclude-editable; } > constraints.txt

clean:  ## remove what was made, .venv too
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build

# Short names for a developer's tasks. `make` alone lists them. The files in scripts/ do the work.

.DEFAULT_GOAL := help
.PHONY: help setup run check lint types test quick web bench attacks fuzz nightly docs lock release clean
BIN := .venv/bin

help:  ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 10

setup:  ## make .venv with pairterm and the tools for its tests
	@scripts/setup

run:  ## share a shell; prints the links
	@scripts/run

check:  ## the checks for a commit: format, lint, types, import rules, all tests but the slow ones
	@scripts/test -m "not slow"

lint:  ## check format and lint, change nothing
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .

types:  ## check types and import rules
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

test:  ## all checks and tests from a new checkout, as in CI
	@scripts/test

quick:  ## run unit tests and laws, in seconds
	$(BIN)/pytest -q -n auto -m "not slow" tests/unit tests/laws

web:  ## build the page for browsers
	@scripts/build-web --dev

bench:  ## print figures; this never passes or fails
	@for each in tests/bench/bench_*.py; do echo "== $$each"; $(BIN)/python -m tests.bench.$$(basename $$each .py) || exit 1; done
	@echo "== compared with sshd + tmux"; $(BIN)/python -m tests.bench.peers

attacks:  ## print what an honest guest notices while others attack; this never passes or fails
	@$(BIN)/python -m tests.attacks

fuzz:  ## run the coverage-guided fuzzer for ten minutes
	$(BIN)/python -m tests.fuzz.fuzz_terminal -max_total_time=600 -verbosity=0

nightly:  ## build the packages and walk through the guides in clean machines; needs root, takes a while
	@scripts/nightly

docs:  ## write the generated pages again
	$(BIN)/python -m scripts.reference

lock:  ## pin the installed versions
	@{ echo "# The tests last passed with these versions. \`make lock\` writes this file again."; \
	   $(BIN)/pip freeze --exclude-editable; } > constraints.txt

release:  ## make a release: make release VERSION=X.Y.Z
	@$(BIN)/python -m scripts.release $(VERSION)

clean:  ## remove all generated files, and .venv
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache dist build pairterm/web_page web/node_modules

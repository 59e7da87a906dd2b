# Two commands do everything on a machine with Python 3.11 or newer, pip, git and make:
#   make demo    runs the main job on real data
#   make test    runs all checks and tests
# Each makes .venv from requirements.lock first, when it is missing or out of date (scripts/bootstrap.py).

PYTHON ?= python3
INSTALLER ?= auto
ARGS ?=

BIN = .venv/bin
RETSIM = $(BIN)/retsim
PYTEST = $(BIN)/python -m pytest

# Strategies are compared on the scenario calibrated from real purchases and on the packaged ones.
DEMO = $(RETSIM) calibrate data/CDNOW_sample.txt.gz --cutoff 1997-09-30 --name cdnow --assume currency=USD --out demo \
	&& $(RETSIM) compare demo/cdnow.toml telecom retail saas --replications 30 --out demo $(ARGS)
BENCH = $(BIN)/python benchmarks/run.py $(ARGS)
LOCK = $(BIN)/uv pip compile --quiet --universal --generate-hashes --no-header --no-annotate --python-version 3.11 $(ARGS)

# The environment is the lock's and nobody else's; bytecode makes every process start faster.
unexport PYTHONPATH PYTHONHOME PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL = help
.PHONY: help demo test lint verify bench docs format lock venv clean distclean

help: ## say what there is (this text)
	@awk -F ' *## *' '/^[a-z]+:.*##/ { sub(/:.*/, "", $$1); printf "make %-10s %s\n", $$1, $$2 }' $(firstword $(MAKEFILE_LIST))
	@echo
	@echo 'PYTHON=python3.12   the Python that .venv is made with      ARGS="-k ledger"   added to the command'
	@echo 'INSTALLER=uv|pip    what fills .venv (default: uv, else pip)'

demo: venv ## calibrate on real purchases, compare winning with keeping; results in demo/
	$(DEMO)

test: venv lint ## all checks, all tests but the slow ones, and the notebooks
	$(PYTEST) --numprocesses=auto --dist=loadfile --nbval --nbval-current-env --nbval-cell-timeout=600 $(ARGS)

lint: venv ## style, types and the direction of imports
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports

verify: venv ## the slow statistical verification, on fresh seeds
	HYPOTHESIS_PROFILE=verify $(PYTEST) -m verify $(ARGS)

bench: venv ## measure speed and memory against other tools
	$(BENCH)

docs: venv ## build the documentation without a warning; opens at docs/_build/index.html
	$(BIN)/python scripts/renew_docs.py
	$(BIN)/python -m sphinx -W --keep-going -q -d docs/_build/.trees docs docs/_build $(ARGS)

format: venv ## put the sources into the house's format
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

lock: venv ## renew the locks after a change of dependencies (ARGS=--upgrade: newer versions)
	$(LOCK) --extra dev pyproject.toml --output-file requirements.lock
	$(LOCK) --constraints requirements.lock pyproject.toml benchmarks/requirements.in \
		--output-file benchmarks/requirements.lock

venv: ## only make .venv, or bring it up to date
	@$(PYTHON) scripts/bootstrap.py --installer $(INSTALLER)

clean: ## remove what the tools and the demo left behind
	rm -rf demo build dist benchmarks/build docs/_build .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks scripts notebooks -type d \( -name __pycache__ -o -name .ipynb_checkpoints \) \
		-prune -exec rm -rf {} +

distclean: clean ## the same, and the environments
	rm -rf .venv .venv-bench

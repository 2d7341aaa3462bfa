# Tartarus: `make` sets up and runs the demo; `make test` sets up and tests. `make help` lists the rest.
PYTHON ?= python3
CORES ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
BIN := .venv/bin
READY := .venv/ready
READY_TO_TEST := .venv/ready-to-test
READY_TO_WRITE := .venv/ready-to-write
SCALE ?= 0.01
OUT ?= data/lookalike
SEED ?= 1

.PHONY: all setup test test-papers test-backends test-slurm lint bench docs watch lookalike clean help
.DEFAULT_GOAL := all

all: $(READY) ## set up, run the chain from sound and words to a fusion on DEMO, print the table (default)
	$(BIN)/snakemake --cores $(CORES)
	@echo; cat results/demo/table.md
	@echo "To look, listen and compare: $(CURDIR)/results/demo/index.html"

setup: $(READY) ## set up only: a virtual environment with what running needs (requirements.lock)

$(READY): requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] < (3, 14))' || \
	    { echo "Tartarus needs Python 3.11, 3.12 or 3.13; name one: make PYTHON=python3.11"; exit 1; }
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(READY_TO_TEST): $(READY) requirements-dev.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@

# Whole runs come first, for they take longest; tests of a file share what they have run.
test: lint ## set up with what testing needs, check the code, run the tests
	$(BIN)/python -m pytest -n $(CORES) --dist loadfile --no-loadscope-reorder tests/workflow tests/unit

lint: $(READY_TO_TEST) ## check form and types of the code
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/snakefmt --check Snakefile workflow/Snakefile rules
	$(BIN)/codespell
	$(BIN)/mypy
	$(BIN)/snakemake --lint

test-papers: $(READY_TO_TEST) ## run every experiment of the papers on look-alikes of their archives (half an hour)
	TARTARUS_PAPERS=all $(BIN)/python -m pytest tests/workflow/test_archives.py

test-backends: $(READY_TO_TEST) ## train every network on JAX and, where it is installed, on PyTorch (minutes)
	TARTARUS_BACKENDS=1 $(BIN)/python -m pytest -m backend tests/unit/test_backends.py

test-slurm: $(READY_TO_TEST) ## run DEMO on a Slurm cluster of two nodes on this host (root, Debian's packages; 20 minutes)
	TARTARUS_SLURM=1 $(BIN)/python -m pytest tests/slurm

bench: $(READY_TO_TEST) ## measure speed and memory against yardsticks, into results/benchmarks (half an hour)
	$(BIN)/python tests/bench/bench.py

$(READY_TO_WRITE): requirements-docs.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-docs.lock
	@touch $@

docs: $(READY_TO_WRITE) ## make the manual a site, docs/_build/html/index.html; a link that leads nowhere is an error
	$(BIN)/sphinx-build -q -W --keep-going -c docs -d docs/_build/doctrees . docs/_build/html
	@echo "The manual: docs/_build/html/index.html"

watch: $(READY) ## follow the newest run in this folder: which jobs run, losses of trainings, time to go
	@PYTHONPATH=workflow/scripts $(BIN)/python -m tartarus.report.watch

lookalike: $(READY) ## write random archives in the published layout: SCALE=0.01 OUT=data/lookalike SEED=1
	PYTHONPATH=workflow/scripts $(BIN)/python -m tartarus.lookalike --scale $(SCALE) --seed $(SEED) --out "$(OUT)"

clean: ## delete all that was computed; raw files that you put into data/raw stay
	rm -rf results logs benchmarks docs/_build .snakemake data/raw/DEMO data/raw/SUPER data/splits data/spectrograms \
	    data/patches data/texts data/train_data data/models data/predictions

help: ## list these targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20

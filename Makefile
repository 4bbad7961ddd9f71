# What can be done here? `make help` says. Everything is installed into .venv and nowhere else.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
PYTEST := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -q --numprocesses 2 --dist loadfile
PIP    := $(BIN)/python -m pip install --quiet --disable-pip-version-check

.DEFAULT_GOAL := help
.PHONY: $(shell sed -nE 's/^([a-z-]+):.*## .*/\1/p' Makefile)

help:  ## list these targets
	@grep -E '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## */\t/' | expand -t 13

run: $(VENV)/installed  ## install TinyTorch and run the milestones, in order
	@$(BIN)/tinytorch run --all
	@echo; echo "Next: source $(BIN)/activate, then: tinytorch run mlp_digits"

test: $(VENV)/installed-test  ## the whole test suite
	@$(PYTEST)

lint: $(VENV)/installed-lint  ## style, types, and the size of the framework
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy --strict tinytorch
	@$(BIN)/python tools/count_lines.py

parity: $(VENV)/installed-test $(VENV)/installed-parity  ## the same values and gradients as PyTorch
	@$(PYTEST) tests/parity

api: $(VENV)/installed-test $(VENV)/installed-parity  ## write docs/api.md: the names, against PyTorch's
	@$(BIN)/python tools/api_page.py

evidence: $(VENV)/installed-test  ## measure what the datasets' cards claim: make evidence MNIST=DIR WRITERS=CSV
	@$(if $(and $(MNIST),$(WRITERS)),,echo "say MNIST=DIR WRITERS=CSV: evidence/README.md tells what they are"; exit 2)
	@$(BIN)/python evidence/difficulty.py --writers '$(WRITERS)'
	@$(BIN)/python evidence/choose_images.py --writers '$(WRITERS)'
	@$(BIN)/python evidence/as_difficult_as_the_source.py
	@$(BIN)/python evidence/apart_from_mnist_test.py --mnist '$(MNIST)'
	@$(BIN)/python evidence/selection_rules.py --writers '$(WRITERS)'
	@$(BIN)/python evidence/selection_table.py --writers '$(WRITERS)' --mnist '$(MNIST)'
	@$(BIN)/python evidence/stands_for_mnist.py --writers '$(WRITERS)' --mnist '$(MNIST)'
	@$(BIN)/python evidence/reference_accuracies.py --mnist '$(MNIST)'
	@$(BIN)/python evidence/tinytalks_certificate.py
	@$(BIN)/python evidence/milestones.py
	@$(BIN)/python evidence/exercises.py --anew
	@$(BIN)/python evidence/same_bits.py
	@$(BIN)/python evidence/memory_growth.py
	@$(BIN)/python evidence/killed_training.py --mnist '$(MNIST)'

cards: $(VENV)/installed-test  ## write the numbers of the datasets' documents from the data and the evidence
	@$(BIN)/python tools/write_cards.py
	@$(BIN)/python tools/write_croissant.py

readme: $(VENV)/installed-test  ## run every milestone, and write README.md's pictures and numbers
	@$(BIN)/python tools/readme_pictures.py
	@$(BIN)/python tools/write_cards.py

paper: $(VENV)/installed-paper  ## set the paper, build/paper/tinytorch.pdf, from its words and the results
	@$(BIN)/python tools/paper.py

notebooks: $(VENV)/installed-test  ## write each milestone as a notebook, and run it from top to bottom
	@$(BIN)/python tools/notebooks.py --run

bench: $(VENV)/installed-bench  ## time training against PyTorch and others, and write docs/benchmarks.md
	@$(BIN)/python benchmarks/run.py --json benchmarks/results/speed.json
	@$(BIN)/python benchmarks/startup.py --json benchmarks/results/startup.json
	@$(BIN)/python benchmarks/growth.py --json benchmarks/results/growth.json --plot docs/figures/growth.svg
	@$(BIN)/python benchmarks/techniques.py --json benchmarks/results/techniques.json
	@$(BIN)/python tools/write_cards.py

bench-check: $(VENV)/installed-bench  ## fail if a training step has become slower than `make bench` found
	@$(BIN)/python benchmarks/check.py

small: $(VENV)/installed  ## every offline program on one core with 512 MB of memory
	@$(BIN)/python tools/small_machine.py --json evidence/results/small.json

arm: $(VENV)/installed-test  ## install, train and test on 32-bit ARM, under qemu; says what is missing for it
	@$(BIN)/python tools/arm.py --json evidence/results/arm.json

versions: $(VENV)/installed-test  ## the suite on the oldest and the newest Python and NumPy (needs both Pythons)
	@$(BIN)/python tools/versions.py --json evidence/results/versions.json

audit: $(VENV)/installed-audit  ## the licences of the dependencies, and whether one is known to be vulnerable
	@$(BIN)/python tools/audit.py

faults: $(VENV)/installed-test  ## inject every fault of docs/faults.md, and fail if anything is lost
	@$(BIN)/python tools/faults.py

fuzz: $(VENV)/installed-test  ## load a million changed files, and change every byte of the shipped data (an hour)
	@$(PIP) atheris 2>/dev/null || echo "atheris can't be installed here: what it would choose is left out"
	@$(BIN)/python tools/fuzz.py
	@$(BIN)/python tools/flip_bytes.py --json evidence/results/flips.json

mutants: $(VENV)/installed-test $(VENV)/installed-parity  ## is each small change to the code noticed by a test? (hours)
	@$(PIP) mutmut
	@OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 $(BIN)/python tools/mutants.py

site: $(VENV)/installed-site  ## build the site: build/site/html/index.html; a warning is an error
	@$(BIN)/python -m sphinx --fail-on-warning --keep-going --fresh-env --quiet --jobs auto \
	    --doctree-dir build/site/doctrees docs build/site/html
	@echo "The site: build/site/html/index.html"

site-test: $(VENV)/installed-site-test  ## build the site and try its pages in Chromium (Debian: apt install chromium)
	@$(MAKE) --no-print-directory site
	@$(BIN)/python -m pytest -q tests/site

clean:  ## remove the environment and everything that was built
	@rm -rf $(VENV) build dist mutants .hypothesis .mypy_cache .pytest_cache .ruff_cache
	@find tinytorch tests benchmarks -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

# Each file below stands for something done, so that nothing is installed twice; a changed pyproject.toml undoes it.
$(VENV)/installed: $(VENV)/created pyproject.toml
	@echo "Installing TinyTorch into $(VENV) (about a quarter of a minute)"
	@$(PIP) --editable .
	@touch $@

$(VENV)/installed-%: $(VENV)/installed
	@echo "Installing what $* needs"
	@$(PIP) --editable '.[$*]'
	@touch $@

# Inside $(shell), so that a failure is one line of ours and not a page of someone else's.
$(VENV)/created:
	$(if $(shell $(PYTHON) -c 'import sys; print(sys.version_info >= (3, 10) or "")' 2>/dev/null),,\
	    $(error TinyTorch needs Python 3.10 or newer, which "$(PYTHON)" is not: make PYTHON=/path/to/python3))
	$(if $(shell $(PYTHON) -m venv --clear $(VENV) >/dev/null 2>&1 && echo made || rm -rf $(VENV)),,\
	    $(error "$(PYTHON) -m venv" failed; on Debian or Ubuntu: sudo apt install python3-venv))
	@touch $@

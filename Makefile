# Two commands matter: `make demo` and `make test`. Both set up what they need; a second call costs no set-up.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV   := .venv
BIN    := $(VENV)/bin
READY  := $(VENV)/.ready
PEERS  := $(VENV)/.peers

export HF_HUB_OFFLINE = 1
export UV_HTTP_TIMEOUT = 300

.PHONY: help setup demo test test-slow check format peers bench requirements clean
help:            ## what can be made
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## */  make \1\t/' | expand -t 22

setup: $(READY)  ## build .venv

# uv where it can be had (seconds), pip otherwise (minutes); the pinned versions are the same.
$(READY): pyproject.toml requirements/dev.txt
	@echo "setting up $(VENV) (once)"
	@test -n "$(PYTHON)" || { echo "python3.11 or newer is needed; install it and run make again"; exit 2; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "$(PYTHON) is older than 3.11; run make PYTHON=python3.11"; exit 2; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@if $(BIN)/python -m pip install --quiet --disable-pip-version-check uv; then \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/dev.txt && \
	  $(BIN)/uv pip install --quiet --python $(BIN)/python --no-deps -e . ; \
	else \
	  $(BIN)/python -m pip install --quiet -r requirements/dev.txt && \
	  $(BIN)/python -m pip install --quiet --no-deps -e . ; \
	fi
	@touch $@

demo: $(READY)   ## make people, train, find strangers again, write runs/demo/report.html
	@$(BIN)/sameperson demo --out runs/demo

test: $(READY)   ## the fast tests
	@OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n auto --maxprocesses 8

test-slow: $(READY)  ## the tests that train
	@$(BIN)/python -m pytest -m slow

check: $(READY)  ## lint, format, types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/pyright --pythonpath $(BIN)/python

format: $(READY) ## put the code in order
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

peers: $(PEERS)  ## packages that tests and benchmarks compare with
$(PEERS): $(READY) requirements/peer.txt
	@$(BIN)/uv pip install --quiet --python $(BIN)/python -r requirements/peer.txt
	@touch $@

# Those of accuracy train for hours and are asked for by name.
SPEED = clustering data isp_step labels ranking rerank silhouette world
bench: $(PEERS)  ## speed, beside the floor and the peers
	@mkdir -p runs/bench
	@for name in $(SPEED); do $(BIN)/python benchmarks/$$name.py --json runs/bench/$$name.json; done

requirements: $(READY)  ## pin again after a change in pyproject.toml
	@$(BIN)/uv pip compile --quiet pyproject.toml --extra world --extra networks --extra tensorboard --extra video --group dev \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --custom-compile-command 'make requirements' -o requirements/dev.txt
	@$(BIN)/uv pip compile --quiet requirements/peer.in -c requirements/dev.txt \
	  --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-annotate --no-header \
	  --custom-compile-command 'make requirements' -o requirements/peer.txt

clean:           ## remove what was built
	@rm -rf $(VENV) runs .pytest_cache .ruff_cache .hypothesis

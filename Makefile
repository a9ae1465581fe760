# The commands of this repository; `make` lists them. All of it needs Python 3.11 or newer (with venv and pip) and make;
# the environment lies in .venv, and so does every cache: nothing else but data/ appears in the tree.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)

VENV := .venv
CACHE := $(CURDIR)/$(VENV)/.cache
RUNTIME := $(VENV)/.stamps/runtime
DEV := $(VENV)/.stamps/dev
# Tools run as modules: unlike the scripts in bin/, they outlive a move of the folder.
PY := $(VENV)/bin/python
PIP := $(PY) -m pip --quiet --no-input --disable-pip-version-check

export PYTHONPYCACHEPREFIX := $(CACHE)/pycache
export HYPOTHESIS_STORAGE_DIRECTORY := $(CACHE)/hypothesis

.PHONY: help run dev test lint format bench eval lock clean
.NOTPARALLEL: # two pips at once would break the one environment

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- The environment. One for everything, with a stamp for what `run` needs and one for what the developer's targets
# --- need on top; a stamp is renewed when the lock, pyproject.toml or the interpreter changes.

$(PY):
	@python='$(PYTHON)'; \
	if ! "$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; then \
		echo "Python 3.11 or newer is needed; '$${python:-python3} --version' says: $$($${python:-python3} --version 2>&1)" >&2; \
		echo "Install one, or say where it is: make PYTHON=/path/to/python $(MAKECMDGOALS)" >&2; \
		exit 1; \
	fi; \
	echo "Setting up $(VENV) with $$("$$python" --version) ..."; \
	"$$python" -m venv --clear $(VENV) || { rm -rf $(VENV); exit 1; }

define install
	@echo "Installing the packages of $(1) (the first time 1 GB, in a minute or two) ..."
	@{ $(PIP) install --require-hashes -r $(1) && $(PIP) install --no-deps --no-build-isolation -e .; } \
		>$(VENV)/install.log 2>&1 || { cat $(VENV)/install.log >&2; echo "The installation failed, see above." >&2; exit 1; }
	@mkdir -p $(@D) && touch $@
endef

$(RUNTIME): requirements.txt pyproject.toml $(PY)
	$(call install,requirements.txt)

$(DEV): requirements-dev.txt pyproject.toml $(PY)
	$(call install,requirements-dev.txt)
	@touch $(RUNTIME) # the developer's packages are a superset, in the same versions

# --- Using it.

# Sets PODCAST_ASSETS_CONFIG: as it is in the environment, else podcasts.toml once it lists feeds, else the sample's.
define choose_config
	if [ -z "$$PODCAST_ASSETS_CONFIG" ]; then \
		feeds=$$($(PY) -m podcast_assets feeds list) || exit $$?; \
		PODCAST_ASSETS_CONFIG=podcasts.toml; \
		if [ -z "$$feeds" ]; then \
			PODCAST_ASSETS_CONFIG=samples/podcasts.toml; \
			echo "Until then: the bundled sample (samples/podcasts.toml)."; \
		fi; \
		export PODCAST_ASSETS_CONFIG; \
	fi
endef

run: $(RUNTIME) ## scan the feeds and print the top 5 insights (of the sample, until podcasts.toml lists feeds)
	@$(choose_config); $(PY) -m podcast_assets run

dev: $(RUNTIME) ## the Dagster UI with its schedules, on http://127.0.0.1:3000
	@$(choose_config); exec $(PY) -m podcast_assets dev

# --- Working on it.

# A file's tests share their fixtures, so they stay in one process; tests/conftest.py puts the files in order. Three
# processes on two cores, since much of it is waiting for others. PYTEST_ARGS="-k words --no-cov" runs a few.
test: $(DEV) ## the tests, with coverage; SLOW=1 adds those that take minutes (Dagster's processes, backfills, real episodes)
	@mkdir -p $(VENV)/.cache/coverage
	@$(PY) -m pytest -n 3 --dist loadfile --no-loadscope-reorder --cov $(if $(SLOW),,-m "not slow") $(PYTEST_ARGS)

# Dagster's check takes its own home and data folder: the definitions of a fresh machine are what must load.
lint: $(DEV) ## style, types, SQL, and whether Dagster accepts the definitions
	@$(PY) -m ruff check .
	@$(PY) -m ruff format --check .
	@$(PY) -m mypy
	@$(PY) -m sqlfluff lint sql
	@mkdir -p $(VENV)/.cache/lint && cp dagster.yaml $(VENV)/.cache/lint/
	@DAGSTER_HOME='$(CACHE)/lint' PODCAST_ASSETS_DATA_DIR='$(CACHE)/lint' PODCAST_ASSETS_CONFIG=samples/podcasts.toml \
		$(PY) -m dagster definitions validate -w workspace.yaml

format: $(DEV) ## put the code into shape
	@$(PY) -m ruff check --fix .
	@$(PY) -m ruff format .

bench: $(DEV) ## measure it
	@$(PY) -m benchmarks

# A folder of real episodes that is no part of the project; CORPUS=DIR names another one, docs/evaluation.md its form.
PODCAST_ASSETS_SHARED ?= ../shared
CORPUS ?= $(PODCAST_ASSETS_SHARED)/corpus

eval: $(DEV) ## measure how well insights are found, against what editors picked (CORPUS=DIR)
	@$(PY) -m evals --corpus '$(CORPUS)'

# The developer's lock comes first and binds the other one: both have the same versions. Pins that still fit stay;
# LOCK_ARGS=--upgrade takes the newest of all, LOCK_ARGS="--upgrade-package NAME" of one.
COMPILE = $(PY) -m uv --quiet --cache-dir $(VENV)/.cache/uv pip compile pyproject.toml --group build --universal \
	--python-version 3.11 --generate-hashes --no-strip-extras --no-emit-index-url --no-header $(LOCK_ARGS)

lock: $(PY) ## write requirements.txt and requirements-dev.txt anew from pyproject.toml
	@$(PIP) install 'uv>=0.9'
	@$(COMPILE) --extra dev --output-file requirements-dev.txt
	@$(COMPILE) --constraints requirements-dev.txt --output-file requirements.txt

clean: ## remove .venv with all caches; data/ stays
	rm -rf $(VENV)

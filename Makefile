# The two commands: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help install municipality run test lint format types imports messages bench clean

# The first that is new enough; a name alone may be a shim that leads nowhere.
NEW_ENOUGH := -c 'import sys; sys.exit(sys.version_info < (3, 11))'
PYTHON ?= $(shell for name in python3 python3.13 python3.12 python3.11; do \
  $$name $(NEW_ENOUGH) 2>/dev/null && { echo $$name; break; }; done)
VENV := .venv
PY := $(VENV)/bin/python
MANAGE := $(PY) manage.py
# Stamps beside the data that they tell of.
VAR := $(or $(SCORECARD_VAR),var)
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/django.po)
STATIC := $(shell find static -type f) $(wildcard node_modules/plotly.js-basic-dist-min/*.js)

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/.made:
	@$(PYTHON) $(NEW_ENOUGH) 2>/dev/null \
	  || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	@$(PY) -m pip install --quiet --disable-pip-version-check uv || echo "uv is not to be had; pip does its work, slower"
	@touch $@

# uv takes seconds where pip takes a minute; either installs the pinned versions.
$(VENV)/.runtime: requirements.txt $(VENV)/.made
	@echo "Installing what is needed to run"
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet -r $< || $(PY) -m pip install --quiet -r $<
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what is needed to develop"
	@VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet -r $< || $(PY) -m pip install --quiet -r $<
	@touch $@

$(VAR)/.translations: $(CATALOGUES) $(VENV)/.runtime
	@$(MANAGE) compile_translations
	@touch $@

$(VAR)/.static: $(STATIC) $(VENV)/.runtime
	@echo "Collecting static files"
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@touch $@

install: $(VENV)/.runtime $(VAR)/.translations $(VAR)/.static  ## everything but starting: packages, texts, files, database
	@$(MANAGE) migrate --verbosity 0

municipality: install  ## make this the installation of a real municipality: make municipality CODE=1384
	@$(MANAGE) setup_municipality $(or $(CODE),$(error name the municipality: make municipality CODE=1384))

run: install  ## start the site, with the demonstration where nothing is set up: PORT=8000
	@$(MANAGE) load_demonstration --if-empty
	@exec $(MANAGE) serve

test: $(VENV)/.development  ## the whole suite; what is not there is skipped in one line
	$(PY) -m tests

lint: $(VENV)/.development  ## style of Python and templates
	$(PY) -m ruff check .
	$(PY) -m ruff format --check .
	$(PY) -m djlint --lint --quiet templates

format: $(VENV)/.development  ## let ruff lay the code out
	$(PY) -m ruff check --fix .
	$(PY) -m ruff format .

types: $(VENV)/.development  ## mypy
	$(PY) -m mypy

imports: $(VENV)/.development  ## the layers of the house
	$(VENV)/bin/lint-imports

messages: $(VENV)/.development  ## bring the Swedish catalogue up to date (needs gettext), tell what is untranslated
	mkdir -p locale
	$(MANAGE) makemessages --locale sv --no-location --ignore .venv --ignore node_modules --ignore tests --ignore var
	$(MANAGE) compile_translations
	$(MANAGE) check_translations

bench: $(VENV)/.development  ## the figures, each as a ratio measured in one run
	$(PY) -m benchmarks

clean:  ## remove what was made, but never the data in var/
	rm -rf $(VENV) node_modules .mypy_cache .ruff_cache .pytest_cache .hypothesis var/static var/.static var/.translations
	find scorecard surveys indicators locale tests benchmarks -name __pycache__ -prune -exec rm -rf {} + -o -name '*.mo' -exec rm -f {} +

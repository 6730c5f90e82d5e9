# The two commands: `make run` and `make test`. `make help` lists the rest.
.DEFAULT_GOAL := help
.PHONY: help install run test lint format types imports messages bench clean

PYTHON ?= $(firstword $(foreach name,python3.13 python3.12 python3.11 python3,$(shell command -v $(name) 2>/dev/null)))
export SCORECARD_VAR ?= $(CURDIR)/var
VENV := .venv
PY := $(VENV)/bin/python
MANAGE := $(PY) manage.py
SOURCES := scorecard surveys indicators
CATALOGUES := $(wildcard locale/*/LC_MESSAGES/django.po)
STATIC := $(shell find static -type f) $(wildcard node_modules/plotly.js-basic-dist-min/*.js)

help:  ## show this list
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 12

$(VENV)/bin/uv:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Python 3.11 or newer is needed; name it with: make PYTHON=/path/to/python3 run"; exit 1; }
	@$(PYTHON) -m venv $(VENV) \
	  || { echo "Python's venv module is missing; on Debian: apt-get install python3-venv"; rm -rf $(VENV); exit 1; }
	$(PY) -m pip install --quiet uv || { printf '#!/bin/sh\nshift 2\nexec $(CURDIR)/$(PY) -m pip install --quiet "$$@"\n' > $@; chmod +x $@; }

# The runtime packages and no others; `make test` adds those of development.
$(VENV)/.runtime: requirements.txt $(VENV)/bin/uv
	VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet -r requirements.txt
	@touch $@

$(VENV)/.development: requirements-dev.txt $(VENV)/.runtime
	VIRTUAL_ENV=$(VENV) $(VENV)/bin/uv pip install --quiet -r requirements-dev.txt
	@touch $@

$(SCORECARD_VAR)/.translations: $(CATALOGUES) $(VENV)/.runtime
	@$(MANAGE) compile_translations
	@mkdir -p $(@D) && touch $@

$(SCORECARD_VAR)/.static: $(STATIC) $(VENV)/.runtime
	@$(MANAGE) collectstatic --noinput --verbosity 0
	@touch $@

install: $(VENV)/.runtime $(SCORECARD_VAR)/.translations $(SCORECARD_VAR)/.static  ## make the environment, without starting anything

run: install  ## install, load the demonstration where nothing is set up, start the site (PORT=8000)
	@$(MANAGE) migrate --verbosity 0
	@$(MANAGE) load_demonstration --if-empty
	@exec $(MANAGE) serve

test: $(VENV)/.development  ## the whole suite; what is not there is skipped in one line
	$(PY) -m tests

lint: $(VENV)/.development  ## style of Python and templates
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/djlint --lint --quiet templates

format: $(VENV)/.development  ## let ruff lay the code out
	$(VENV)/bin/ruff check --fix .
	$(VENV)/bin/ruff format .

types: $(VENV)/.development  ## mypy
	$(VENV)/bin/mypy

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
	find $(SOURCES) locale tests -name __pycache__ -prune -exec rm -rf {} + -o -name '*.mo' -exec rm -f {} +

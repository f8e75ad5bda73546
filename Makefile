# make run | make test | make check | make format. Each makes .venv by itself.

.DEFAULT_GOAL := help
.PHONY: help run test check format pins

PORT ?= 8000
UV = uv==0.13.9
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3; do \
	$$name -c 'import sys; sys.exit(not (3, 11) <= sys.version_info < (3, 14))' 2>/dev/null \
	&& echo $$name && break; done)

BIN = .venv/bin
RUNTIME = .venv/.runtime
DEV = .venv/.dev
PIP = $(BIN)/python -m pip install -qq --require-hashes --disable-pip-version-check \
	--no-input --root-user-action=ignore
TEMPLATES = $$(find templates -name '*.html')

help:
	@echo 'make run      serve the office on http://localhost:$(PORT); make run PORT=8001'
	@echo '              make run EMPTY=1 CURRENCY=USD: without the demo company'
	@echo 'make test     every test; make test ARGS="tests/accounting -x"'
	@echo 'make check    formatting, lint, import laws, types, migrations, vendored files'
	@echo 'make format   put code and templates in order'
	@echo 'make pins     compile requirements/ anew from pyproject.toml'

run: $(RUNTIME)
	@$(BIN)/python manage.py quickstart --port $(PORT) $(if $(EMPTY),--empty) \
		$(if $(CURRENCY),--currency $(CURRENCY))

test: $(DEV)
	@$(BIN)/python -m pytest -n auto --maxprocesses 4 --dist worksteal $(ARGS)

check: $(DEV)
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/djade --target-version 5.2 --check $(TEMPLATES)
	$(BIN)/djlint --lint --quiet templates
	$(BIN)/lint-imports
	$(BIN)/mypy
	@# The history in the database is not what is checked here.
	$(BIN)/python -W ignore::RuntimeWarning manage.py makemigrations --check --dry-run
	$(BIN)/python manage.py vendor --check

format: $(DEV)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(BIN)/djade --target-version 5.2 $(TEMPLATES)

pins:
	@set -e; folder=$$(mktemp -d); trap 'rm -rf "$$folder"' EXIT; \
	$(PYTHON) -m venv "$$folder"; "$$folder/bin/pip" install --quiet '$(UV)'; \
	compile="$$folder/bin/uv pip compile --quiet --universal --python-version 3.11 --no-header \
		--no-annotate --no-emit-index-url --generate-hashes pyproject.toml"; \
	$$compile --output-file requirements/runtime.txt; \
	$$compile --extra dev --output-file requirements/dev.txt

$(BIN)/python:
	@if [ -z '$(PYTHON)' ]; then \
		echo 'Backoffice needs Python 3.11, 3.12 or 3.13: install one, or make PYTHON=/path.' >&2; \
		exit 2; \
	fi
	@if ! $(PYTHON) -m venv .venv >/dev/null; then \
		rm -rf .venv; \
		echo 'This Python cannot make virtual environments: apt-get install python3-venv' >&2; \
		exit 2; \
	fi

$(RUNTIME): requirements/runtime.txt | $(BIN)/python
	@echo 'Installing what Backoffice runs on.'
	@$(PIP) --requirement requirements/runtime.txt
	@touch $@

$(DEV): requirements/dev.txt | $(BIN)/python
	@echo 'Installing what Backoffice runs on and is checked with.'
	@$(PIP) --requirement requirements/dev.txt
	@touch $(RUNTIME) $@

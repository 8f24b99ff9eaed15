# Targets that a person or CI calls. Each one sets up what it needs first.
#   make demo   collect six weeks of made-up tweets with no account and show them
#   make test   every check there is (as root it installs the Debian programs that tests drive)
#   make test-bigquery  the BigQuery warehouse alone, against an emulator on this machine
#   make test-infra  infra/ alone: validated, planned and tested by Terraform, without Google
#   make test-airflow  the DAG alone, by a real Airflow (1.4 GB, set up on first use), without Google
#   make package  the zip that Google Cloud runs as a function
#   make vendor   what the dashboard's pages load, fetched anew (npm)
#   make test-browser  the dashboard alone, in a real browser, without the network
#   make diagram  the picture of docs/architecture-cloud.md, from its source beside it
#   make pictures  the dashboard's pages and the report, by Debian's chromium; files, by its LibreOffice; the guides' drawings
#   make dictionary  docs/data-dictionary.md, from the data contract and the headers of the views
#   make guide  docs/guide-analyste.md: its queries run anew, their results written below them
#   make run    collect from X: ARCANE_X__BEARER_TOKEN=… make run

SHELL := /bin/bash
# Modules that are compiled anew at every start triple the time of every command.
unexport PYTHONDONTWRITEBYTECODE
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON := .venv/bin/python
ARCANE := .venv/bin/arcane

.PHONY: help demo run test programs check format lint types imports unit test-bigquery clean-demo lock bench package test-infra test-airflow diagram pictures dictionary guide

help:
	@sed -n 's/^# *\(make .*\)/\1/p' Makefile

.uv/bin/uv:
	python3 -m venv .uv
	.uv/bin/pip install --quiet --disable-pip-version-check uv

.venv/ready: requirements-dev.lock pyproject.toml $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	$(UV) venv --quiet --allow-existing --python '>=3.11' .venv
	$(UV) pip sync --quiet --require-hashes requirements-dev.lock
	$(UV) pip install --quiet --no-deps --editable .
	@touch $@

# pyenv's Pythons are not on the path by themselves.
PYTHON313 = $(firstword $(wildcard $(HOME)/.pyenv/versions/3.13*/bin/python3.13) 3.13)

.emulator/ready: tests/emulator/requirements.lock tests/emulator/extensions.py $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	$(UV) venv --quiet --allow-existing --python '$(PYTHON313)' .emulator
	$(UV) pip sync --quiet --require-hashes --python .emulator tests/emulator/requirements.lock
	.emulator/bin/python tests/emulator/extensions.py
	@touch $@

# Terraform's google provider: its true schema, served by a stand-in, where no registry can be reached.
INFRA_TYPES = $(sort $(shell sed -n 's/^\(resource\|data\) "\(google_[a-z0-9_]*\)".*/\2/p' infra/*.tf))

.infra/ready: tests/infra/requirements.lock tests/infra/schema.py tests/infra/provider.py $(wildcard infra/*.tf) $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	$(UV) venv --quiet --allow-existing --python '>=3.11' .infra
	$(UV) pip sync --quiet --require-hashes --python .infra tests/infra/requirements.lock
	.infra/bin/python tests/infra/schema.py .infra/schema.json $(INFRA_TYPES)
	@touch $@

# Airflow wants 1.4 GB of its own: only make test-airflow sets it up.
.airflow/ready: tests/airflow/requirements.lock $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	$(UV) venv --quiet --allow-existing --python '>=3.11' .airflow
	$(UV) pip sync --quiet --require-hashes --python .airflow tests/airflow/requirements.lock
	@touch $@

demo: .venv/ready
	@$(ARCANE) demo

run: .venv/ready
	$(ARCANE) run
	$(ARCANE) status

test: programs check unit

programs:
	@tests/programs.sh

check: lint types imports

format: .venv/ready
	.venv/bin/ruff format src tests bench deploy orchestration docs
	.venv/bin/ruff check --fix src tests bench deploy orchestration docs

lint: .venv/ready
	.venv/bin/ruff format --check src tests bench deploy orchestration docs
	.venv/bin/ruff check src tests bench deploy orchestration docs

types: .venv/ready
	.venv/bin/mypy

imports: .venv/ready
	.venv/bin/lint-imports

unit: .venv/ready
	@$(MAKE) --no-print-directory .emulator/ready || echo "no Python 3.13: the tests of BigQuery will be skipped"
	@command -v terraform >/dev/null && $(MAKE) --no-print-directory .infra/ready || echo "no terraform: the tests of infra/ will be skipped"
	.venv/bin/pytest -n 2 --dist loadfile

test-bigquery: .venv/ready .emulator/ready
	.venv/bin/pytest -m bigquery

package: .venv/ready
	@$(PYTHON) deploy/package.py

vendor: .venv/ready
	$(PYTHON) deploy/vendor.py

test-browser: .venv/ready
	.venv/bin/pytest -m browser

diagram: .venv/ready
	@$(PYTHON) docs/images/architecture-cloud.py

pictures: .venv/ready
	@$(PYTHON) docs/images/dashboard.py
	@$(PYTHON) docs/images/report.py
	@$(PYTHON) docs/images/office.py
	@$(PYTHON) docs/images/office_drawings.py

dictionary: .venv/ready
	@$(PYTHON) docs/data_dictionary.py

guide: .venv/ready
	@$(PYTHON) docs/guide_analyste.py

test-infra: .venv/ready .infra/ready
	.venv/bin/pytest -m infra

test-airflow: .venv/ready .airflow/ready
	.venv/bin/pytest -m airflow

bench: .venv/ready
	$(PYTHON) bench/collect.py

clean-demo:
	@if [ -e data/arcane.duckdb.demo ]; then rm -rf data/arcane.duckdb* data/archive data/demo-*.csv; else echo "data/ holds no demo"; fi

lock: $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --upgrade -o requirements.lock
	$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --upgrade -o requirements-dev.lock
	$(UV) pip compile pyproject.toml --group cloud --universal --generate-hashes --no-header --no-annotate --python-version 3.13 --quiet --upgrade -o deploy/requirements.lock
	$(UV) pip compile tests/emulator/requirements.in --universal --generate-hashes --no-header --no-annotate --python-version 3.13 --quiet --upgrade -o tests/emulator/requirements.lock
	$(UV) pip compile tests/infra/requirements.in --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --upgrade -o tests/infra/requirements.lock
	$(UV) pip compile tests/airflow/requirements.in --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --upgrade -o tests/airflow/requirements.lock

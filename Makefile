# Targets that a person or CI calls. Each one sets up what it needs first.
#   make demo   collect a week of made-up tweets with no account and show them
#   make test   every check there is
#   make run    collect from X: ARCANE_X__BEARER_TOKEN=… make run

SHELL := /bin/bash
.DEFAULT_GOAL := help
UV := $(shell command -v uv 2>/dev/null || echo .uv/bin/uv)
PYTHON := .venv/bin/python
ARCANE := .venv/bin/arcane

.PHONY: help demo run test check format lint types imports unit clean-demo lock bench

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

demo: .venv/ready
	@$(ARCANE) demo

run: .venv/ready
	$(ARCANE) collect
	$(ARCANE) status

test: check unit

check: lint types imports

format: .venv/ready
	.venv/bin/ruff format src tests bench
	.venv/bin/ruff check --fix src tests bench

lint: .venv/ready
	.venv/bin/ruff format --check src tests bench
	.venv/bin/ruff check src tests bench

types: .venv/ready
	.venv/bin/mypy

imports: .venv/ready
	.venv/bin/lint-imports

unit: .venv/ready
	.venv/bin/pytest -n 2 --dist loadfile

bench: .venv/ready
	$(PYTHON) bench/collect.py

clean-demo:
	@if [ -e data/arcane.duckdb.demo ]; then rm -rf data/arcane.duckdb* data/archive; else echo "data/ holds no demo"; fi

lock: $(if $(filter .uv/bin/uv,$(UV)),.uv/bin/uv)
	$(UV) pip compile pyproject.toml --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --upgrade -o requirements.lock
	$(UV) pip compile pyproject.toml --group dev --universal --generate-hashes --no-header --no-annotate --python-version 3.11 --quiet --upgrade -o requirements-dev.lock

# Each recipe is plain commands, so that make starts them itself and signals reach them.
PYTHON ?= python3
ARGS ?=
VENV := .venv/bin

.PHONY: run test setup lint bench mutants

run:
	@$(PYTHON) run.py run

setup:
	@$(PYTHON) run.py setup

# One process more than there are cores, as each waits for its own servers and browser now and then; a file
# stays in one of them, and those with a browser come last.
CORES := $(shell $(PYTHON) -c "import os; print(os.cpu_count() or 1)")
PARALLEL := -n $(shell expr $(CORES) + 1) --maxprocesses=6 --dist loadfile --no-loadscope-reorder

# First everything, on PostgreSQL; then what touches the database once more on SQLite, the default.
test:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pytest $(PARALLEL) $(ARGS)
	env TRACKER_TEST_DATABASE=sqlite $(VENV)/python -m pytest $(PARALLEL) -m "not postgres and not browser" tests/obligations tests/reminders tests/registry

# The settings of a production site, for its checks; nothing is opened or written.
lint: export SECRET_KEY = only-for-the-checks-0123456789-abcdefghijklmnopqrstuvwxyz
lint: export ALLOWED_HOSTS = tracker.example.org
lint: export DATABASE_URL = sqlite://:memory:
lint: export HTTPS_ONLY = on
lint: export DEBUG = off
lint:
	@$(PYTHON) run.py setup --dev
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/python -m mypy
	$(VENV)/lint-imports
	$(VENV)/python manage.py makemigrations --check --dry-run
	$(VENV)/python manage.py check --deploy --fail-level WARNING

# What the speed claims rest on, in a scratch database.
bench:
	@$(PYTHON) run.py setup
	$(VENV)/python -m bench

# Breaks the rules in a thousand small ways and counts how many the tests of the rules notice.
mutants:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-mutants.txt
	mkdir -p var/mutants/staticfiles
	env VAR_DIR=$(CURDIR)/var/mutants $(VENV)/mutmut run
	$(VENV)/mutmut results

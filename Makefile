# Each recipe is plain commands, so that make starts them itself and signals reach them.
PYTHON ?= python3
ARGS ?=
VENV := .venv/bin

.PHONY: run test setup lint bench load faults rehearsal mutants screenshots

run:
	@$(PYTHON) run.py run

setup:
	@$(PYTHON) run.py setup

# As many processes as there are cores, each with servers of its own; a file stays in one of them, and those
# with a browser come last.
PARALLEL := -n logical --maxprocesses=4 --dist loadfile --no-loadscope-reorder

# First everything, on PostgreSQL; then what touches the database once more on SQLite, the default. What is left out
# there hardly does: hostile files, pasted lists, the wording of mails, and the forecast, which asks what the plan
# asks.
ALIKE := obligations/test_hostile_files.py reminders/test_messages.py reminders/test_forecast.py \
	registry/test_depositary.py
test:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pytest $(PARALLEL) $(ARGS)
	env TRACKER_TEST_DATABASE=sqlite $(VENV)/python -m pytest $(PARALLEL) -m "not postgres and not browser" tests/obligations tests/reminders tests/registry $(ALIKE:%=--ignore=tests/%)

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
	$(VENV)/bandit --quiet --recursive --configfile pyproject.toml tracker manage.py run.py
	$(VENV)/python manage.py makemigrations --check --dry-run
	$(VENV)/python manage.py check --deploy --fail-level WARNING

# What the speed claims rest on, in scratch databases; those for long lists take two gigabytes for some minutes.
bench:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m bench

# Fifty of the staff at work on 200,000 obligations behind gunicorn, then 10,000 requests for the memory of its workers;
# takes half an hour. ARGS="--users 20 --seconds 30 --requests 0" is a smaller one.
load:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m bench.load $(ARGS)

# Kills workers, stops servers and sets clocks back while reminders are sent; takes a quarter of an hour.
# FAULTS_SEED chooses other moments, ARGS only some of the cases by parts of their names.
faults:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m faults $(ARGS)

# An installation as deploy/ describes it, with the servers of Debian's packages: first one host, then several, of which
# each is stopped and cut off in turn. ARGS=one or ARGS=hosts takes the one part.
rehearsal:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m rehearsal $(ARGS)

# Breaks the rules in a thousand small ways and counts how many the tests of the rules notice.
mutants:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pip install --quiet --disable-pip-version-check --requirement requirements-mutants.txt
	mkdir -p var/mutants/staticfiles
	env VAR_DIR=$(CURDIR)/var/mutants $(VENV)/mutmut run
	$(VENV)/mutmut results

# The pictures in docs/screenshots/: of the main pages on 22 November 2026, with the data of the demonstration.
screenshots:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m tools.screenshots

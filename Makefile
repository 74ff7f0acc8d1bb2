# Each recipe is plain commands, so that make starts them itself and signals reach them.
PYTHON ?= python3
ARGS ?=
VENV := .venv/bin

# The processes of the tests, and the commands and servers that they start, share what Python has compiled; each would
# compile the whole tracker otherwise.
test test-more: export PYTHONDONTWRITEBYTECODE :=

.PHONY: run setup test test-more check lint messages reference book pins bench load faults rehearsal mutants screenshots

run:
	@$(PYTHON) run.py run

setup:
	@$(PYTHON) run.py setup

# One process more than there are cores, since each waits at times for its browser and its servers. A file stays in one
# of them, and those with a browser come last.
PARALLEL := -n $(shell echo $$(($$(getconf _NPROCESSORS_ONLN) + 1))) --maxprocesses=5 --dist loadfile --no-loadscope-reorder

# Every promise once, on PostgreSQL, with a look at each page in a browser. ARGS runs something of it in one process,
# within seconds: make test ARGS=tests/rules/test_dates.py
test:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pytest $(or $(ARGS),$(PARALLEL) -m "not more")

# What `make test` leaves out: the tests marked `more`, all generated examples (with TRACKER_TESTS=new new ones) and all
# looks of each page; then on SQLite, the default, what touches the database, and the pages that meet its locks. Left out
# there is what hardly does: hostile files, pasted lists, the wording of mails, and the forecast, which asks what the plan
# asks.
ALIKE := obligations/test_hostile_files.py reminders/test_messages.py reminders/test_forecast.py \
	registry/test_depositary.py
LOCKS := audit/test_conflicts.py web/test_busy.py web/admin/test_same_at_once.py web/reminders/test_clock.py
test-more: export TRACKER_TESTS ?= more
test-more:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pytest $(PARALLEL) -m "more or hypothesis or looks"
	env TRACKER_TEST_DATABASE=sqlite $(VENV)/python -m pytest $(PARALLEL) -m "not postgres and not browser" tests/obligations tests/reminders tests/registry $(LOCKS:%=tests/%) $(ALIKE:%=--ignore=tests/%)

# Style, types, the order of the rooms, unsafe code and Django's own checks, in under a minute. The settings are those of
# a production site; nothing is opened or written.
check: export SECRET_KEY = only-for-the-checks-0123456789-abcdefghijklmnopqrstuvwxyz
check: export ALLOWED_HOSTS = tracker.example.org
check: export DATABASE_URL = sqlite://:memory:
check: export HTTPS_ONLY = on
check: export DEBUG = off
check:
	@$(PYTHON) run.py setup --dev
	$(VENV)/ruff check
	$(VENV)/ruff format --check
	$(VENV)/lint-imports
	$(VENV)/python manage.py makemigrations --check --dry-run
	$(VENV)/python manage.py check --deploy --fail-level WARNING
	$(VENV)/bandit --quiet --recursive --configfile pyproject.toml tracker manage.py run.py
	$(VENV)/python -m mypy

lint: check

# Brings the catalogues in locale/ up to the texts of the sources.
messages:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m tools.messages
	@$(PYTHON) run.py setup --dev

# Writes the tables of settings and commands in docs/reference.md.
reference:
	@$(PYTHON) run.py setup --dev
	env DEBUG=on VAR_DIR=$(CURDIR)/var $(VENV)/python -m tools.reference

# Writes requirements*.txt from requirements*.in: exact versions with hashes, for Python 3.11 and later. It changes as
# little as possible; ARGS=--upgrade takes all new versions, ARGS="--upgrade-package django" those of one package.
UV := uv==0.13.9
COMPILE := $(VENV)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --custom-compile-command "make pins"
pins:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pip install --quiet --disable-pip-version-check $(UV)
	$(COMPILE) $(ARGS) --output-file requirements.txt requirements.in
	$(COMPILE) $(ARGS) --output-file requirements-dev.txt --constraints requirements.txt requirements-dev.in

# What the speed claims rest on, in scratch databases.
bench:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m bench

# Fifty of the staff at work on 20,000 obligations behind gunicorn, then 6,000 requests for the memory of its workers;
# takes ten minutes. ARGS="--users 20 --seconds 30 --requests 0" is a smaller one.
load:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m bench.load $(ARGS)

# Kills workers, stops servers and sets clocks back while mail is sent and papers are drafted; takes seven minutes.
# FAULTS_SEED chooses other moments, ARGS only some of the cases by parts of their names.
faults:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m faults $(ARGS)

# An installation as deploy/ describes it, with the servers of Debian's packages: first one host, then several, of which
# each is stopped and cut off in turn; then Postfix and Dovecot. ARGS=one, hosts or mail takes the one part.
rehearsal:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m rehearsal $(ARGS)

# Breaks the rules in a thousand small ways and counts how many the tests of the rules notice.
mutants:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m pip install --quiet --disable-pip-version-check mutmut==3.8.1
	mkdir -p var/mutants/staticfiles
	env VAR_DIR=$(CURDIR)/var/mutants $(VENV)/mutmut run
	$(VENV)/mutmut results

# The pictures in docs/screenshots/: of the main pages on 22 November 2026, with the data of the demonstration.
screenshots:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m tools.screenshots

# docs/book-of-mails.pdf: every mail in each language, as the tests compare them.
book:
	@$(PYTHON) run.py setup --dev
	$(VENV)/python -m tools.book

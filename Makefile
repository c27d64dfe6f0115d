# For GNU make. `make demo` and `make test` are the two that matter.
PORT ?= 8000
PYTHON ?=
SERVICES ?=
TESTS ?=

PY = .venv/bin/python
# The demo runs on nothing but files, whatever this shell points at.
DEMO_ENV = env -u DATABASE_URL -u REDIS_URL -u CELERY_BROKER_URL -u EMAIL_URL -u DEPLOYMENT -u DEBUG -u SECRET_KEY \
	DEMO=1 HUB_STAFF_NEED_MFA=0 DELIVER_EVERY_SECONDS=5 PUBLIC_PORT=$(PORT)

# Where a shell forbids Python to keep what it compiled, each of many processes would compile it all anew.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help demo demo-reset test slow long storm fuzz lint screenshots pictures bench lock words packages ical-js clean

help:
	@echo "make demo        start the demo (PORT=8000); Ctrl-C stops it, a second run keeps its data"
	@echo "make demo-reset  remove the demo's data"
	@echo "make test        run the tests (TESTS=path, SERVICES=required)"
	@echo "make slow        tests of more than a few seconds: kills, races over HTTP, journeys, the seeded demo"
	@echo "make long        the walk of every address, and the demo in a browser (many minutes)"
	@echo "make storm       senders killed by the dozen, ten thousand races with a change, places raced for over HTTP (some minutes)"
	@echo "make fuzz        thousands of broken files for every reader (FUZZ=3000 of each sort)"
	@echo "make lint        format, lint, types, import contracts, migrations"
	@echo "make screenshots  the main job in pictures, into screenshots/"
	@echo "make pictures    the README's three homes, from the demo that runs at PORT"
	@echo "make bench       measure, into bench/results.json"
	@echo "make lock        write requirements/*.txt anew from pyproject.toml"
	@echo "make words       compile the catalogues of mails, after one was changed (needs GNU gettext)"

demo: .venv/run.stamp
	@$(DEMO_ENV) $(PY) manage.py up --prepare --port $(PORT)

demo-reset: .venv/run.stamp
	@$(DEMO_ENV) $(PY) manage.py up --forget

test: .venv/dev.stamp packages
	@SERVICES=$(SERVICES) $(PY) -m tests.run $(TESTS)

# What `make test` leaves out to be quick. `SLOW=1 make test` runs both together.
slow: .venv/dev.stamp packages
	@SLOW=1 SERVICES=$(SERVICES) $(PY) -m tests.run -m "slow and not long and not storm" $(TESTS)

# The walk of every address by every persona, the main job and every page of the demo in a browser.
long: .venv/dev.stamp packages
	@LONG=1 $(PY) -m tests.run -m long $(TESTS)

storm: .venv/dev.stamp packages
	@STORM=1 WORKERS=1 $(PY) -m tests.run -m "storm or races" $(TESTS)

# The compiled catalogues are kept beside the written ones, so that nobody who runs the product needs a compiler.
words:
	@for one in locale/*/LC_MESSAGES; do msgfmt --check-format --no-hash -o $$one/django.mo $$one/django.po || exit 1; done

# Thousands of broken files for each reader; SAMPLES_DIR names a folder of sample calendars.
fuzz: .venv/dev.stamp
	@FUZZ=$${FUZZ:-3000} $(PY) -m pytest tests/schools/test_fuzz.py -q

lint: .venv/dev.stamp
	@PATH="$$PWD/.venv/bin:$$PATH" sh .ci/lint

screenshots: .venv/dev.stamp packages
	@SCREENSHOTS=screenshots $(PY) -m tests.run tests/journey/test_main_job.py

pictures: .venv/dev.stamp packages
	@PORT=$(PORT) $(PY) -m tests.journey.pictures

bench: .venv/dev.stamp
	@$(PY) -m bench

packages: ical-js
	@sh .ci/packages chromium:chromium fet-cl:fet fet-cl:fet-data

# A second reader of our calendars, for the tests alone; without npm those tests say that they did not run.
ical-js:
	@test -d var/ical.js/node_modules/ical.js || ! command -v npm >/dev/null 2>&1 || \
		npm install --prefix var/ical.js --no-save --no-audit --no-fund --silent ical.js@2.2.1 || \
		echo "npm could not install ical.js" >&2

# No index addresses in the lock: they would tell where it was made and bind where it is used.
lock: .venv/dev.stamp
	$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --output-file requirements/run.txt pyproject.toml
	$(PY) -m uv pip compile --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
		--no-header --no-annotate --extra dev --constraint requirements/run.txt --output-file requirements/dev.txt pyproject.toml

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .import_linter_cache staticfiles

.venv/made.stamp:
	@PYTHON="$(PYTHON)" sh .ci/venv
	@touch .venv/made.stamp

# Installed uncompiled: the first start compiles the part that it imports.
.venv/run.stamp: .venv/made.stamp requirements/run.txt
	@echo "Installing what Throughline needs (about half a minute, once)…"
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-compile --require-hashes \
		--requirement requirements/run.txt
	@touch .venv/run.stamp

.venv/dev.stamp: .venv/made.stamp requirements/dev.txt
	@echo "Installing what the tests need (about a minute, once)…"
	@$(PY) -m pip install --quiet --quiet --disable-pip-version-check --no-compile --require-hashes --requirement requirements/dev.txt
	@touch .venv/dev.stamp

# make run    a portal with a demo school on http://127.0.0.1:8000, as production runs it
# make dev    the same with auto-reload and the debug toolbar
# make test   the whole suite;  make check  everything that reads the code;  make fix  what can be mended by itself
# make bench  what the pages of a day and the dashboard cost, on both databases (ROUNDS=200, STUDENTS=1000),
#             and on 10,000 students on PostgreSQL (LARGE_ROUNDS=10)
# make soak   many teachers save the same registers at once: is anything lost? (WRITERS=50 SECONDS=60)
# make fuzz   every call of the API with what its schema allows and forbids, at random (EXAMPLES=100 SEED=…)

PYTHON ?= python3
PORT ?= 8000
# The order of the tests and their made-up values: the same in each run; another number shuffles anew.
SHUFFLE ?= 2026
VENV := .venv
BIN := $(VENV)/bin
HERE := PORTAL_URL=http://127.0.0.1:$(PORT)
RUN_ENV := DEBUG=0 HTTPS=0 $(HERE) SECRET_KEY="$$(cat var/secret_key)"

.PHONY: run dev prepare test check bench soak fuzz fix lock clean

run: $(VENV)/installed prepare
	@$(RUN_ENV) $(BIN)/python manage.py collectstatic --noinput --verbosity 0
	@echo
	@echo "  http://127.0.0.1:$(PORT)     sign in as admin, teacher or parent, password demo-school-pass"
	@echo
	@$(RUN_ENV) $(BIN)/gunicorn sptrack.wsgi --bind 127.0.0.1:$(PORT) --workers 2 --no-control-socket

dev: $(VENV)/installed-dev prepare
	@DEBUG=1 $(HERE) $(BIN)/python manage.py runserver 127.0.0.1:$(PORT)

prepare: var/secret_key
	@$(RUN_ENV) $(BIN)/python manage.py migrate --noinput --verbosity 0
	@$(RUN_ENV) $(BIN)/python manage.py createcachetable
	@$(RUN_ENV) $(BIN)/python manage.py demo

var/secret_key: | $(VENV)/installed
	@mkdir -p var
	@umask 077; $(BIN)/python -c "import secrets; print(secrets.token_urlsafe(64))" > $@

$(VENV)/installed: requirements.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@touch $@

$(VENV)/installed-dev: requirements-dev.lock
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements-dev.lock
	@touch $@ $(VENV)/installed

test: $(VENV)/installed-dev
	@mkdir -p var
	@$(BIN)/pytest --randomly-seed=$(SHUFFLE) -n 3 --dist loadfile --no-loadscope-reorder $(TESTS)

check: $(VENV)/installed-dev
	@mkdir -p var
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/djlint templates --lint --quiet
	SECRET_KEY=check $(BIN)/mypy .
	$(BIN)/lint-imports
	SECRET_KEY=check $(BIN)/python manage.py makemigrations --check --dry-run
	.ci/check-deploy

bench: $(VENV)/installed-dev
	@$(BIN)/python -m tests.bench
	@$(BIN)/python -m tests.bench.dashboard
	@STUDENTS=10000 ROUNDS=$${LARGE_ROUNDS:-10} $(BIN)/python -m tests.bench.dashboard postgresql

soak: $(VENV)/installed-dev
	@$(BIN)/python -m tests.soak

# The seed is printed with the figures; SEED=… sends the same again. A failing case is printed as a line of curl.
fuzz: EXAMPLES ?= 100
fuzz: SEED ?= $(shell shuf --input-range 1-999999999 --head-count 1)
fuzz: $(VENV)/installed-dev
	@mkdir -p var
	@EXAMPLES=$(EXAMPLES) SEED=$(SEED) $(BIN)/pytest --quiet --capture no -p no:randomly tests/test_api_fuzz.py

fix: $(VENV)/installed-dev
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lock:
	$(BIN)/pip install --quiet pip-tools
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --no-emit-index-url --no-emit-options --no-emit-find-links --output-file requirements.lock requirements.txt
	$(BIN)/pip-compile --quiet --strip-extras --generate-hashes --allow-unsafe --no-emit-index-url --no-emit-options --no-emit-find-links --output-file requirements-dev.lock requirements-dev.txt

clean:
	rm -rf var .venv

# Two commands matter: `make run` and `make test`. Both do all their own set-up.

PYTHON ?= python3
PORT ?= 8501
# Test processes: three keep two cores busy, for each waits a third of its time for browsers and
# servers; at the end they take over each other's rest.
WORKERS ?= 3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check
# Of 20,000 modules a tenth is ever imported, and compiled then: once, also where the environment
# asks Python to keep nothing of that.
export PYTHONDONTWRITEBYTECODE :=
# HOST=0.0.0.0 lets other computers in; without it that is as chosen on Settings.
SERVE = $(BIN)/python -m pages.access.start --port $(PORT) $(if $(HOST),--host $(HOST))
INSTALL := $(PIP) install -q --no-compile
WINDOW := $(if $(filter Darwin,$(shell uname)),pywebview,'pywebview[qt]')
TORCH := $(shell sed -n '/^torch==/p' requirements.txt)
CPU_INDEX := https://download.pytorch.org/whl/cpu

# uv takes a fifth of pip's time. A mirror that pip is set to is handed on; where uv is not to be
# had or knows too little, pip does it.
define packages
UV_DEFAULT_INDEX="$${UV_DEFAULT_INDEX:-$$($(PIP) config list \
  | sed -n "s/.*[.]index-url='\(.*\)'/\1/p" | tail -n 1)}" \
$(BIN)/uv pip install -q --python $(BIN)/python $(1) 2>/dev/null || $(INSTALL) $(1)
endef

.PHONY: run run-team window serve-image test test-long setup lock check benchmark clean

run: setup
	$(SERVE)

# The same on a PostgreSQL server of one's own. It goes on running, as trainings do without the app.
run-team: setup
	@$(BIN)/python -c "import psycopg" 2>/dev/null \
	  || { $(call packages,"psycopg[binary]" -c requirements.lock); }
	@WHETSTONE_DB="$$($(BIN)/python -m engine postgres start)" && export WHETSTONE_DB && $(SERVE)

# The same in a window of its own, with Qt's web view where the system is not macOS.
window: .venv/windowed
	$(BIN)/python -m pages.desktop.installed window --port $(PORT) $(if $(HOST),--host $(HOST))

.venv/windowed: .venv/ready
	@$(call packages,$(WINDOW) -c requirements.lock)
	@touch $@

# An image that serves models; docker/Dockerfile says how it is run.
serve-image:
	docker build -f docker/Dockerfile -t whetstone-serve .

# What fails is run once more before it counts, and is listed with what it said: where two cores
# start browsers and servers side by side, one wait of thousands takes longer than it may.
# It begins with compiling what is new, which else each of the test processes would do; what cannot
# be compiled they say themselves.
test: .venv/tested browser postgres
	@$(BIN)/python -m tests.compiled || true
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal -m "not long" \
	  --hypothesis-profile repeatable --reruns 1

test-long: .venv/tested browser postgres s3
	$(BIN)/python -m pytest

check: .venv/tested
	$(BIN)/ruff check . && $(BIN)/ruff format --check . && $(BIN)/mypy

benchmark: .venv/tested browser
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["benchmark"], sep="\n")' > .venv/benchmark.txt
	@$(call packages,-r .venv/benchmark.txt -c requirements.lock)
	$(BIN)/python -m tests.benchmarks.training --peer
	$(BIN)/python -m tests.benchmarks.gpu
	$(BIN)/python -m tests.benchmarks.training --techniques --recipe balanced --limit 500 --seeds 1
	$(BIN)/python -m tests.benchmarks.classes
	$(BIN)/python -m tests.benchmarks.prediction
	$(BIN)/python -m tests.benchmarks.beside
	$(BIN)/python -m tests.benchmarks.serving
	$(BIN)/python -m tests.benchmarks.pages
	$(BIN)/python -m tests.benchmarks.tagging --beside --documents 100000
	$(BIN)/python -m tests.benchmarks.team --minutes 5
	$(BIN)/python -m tests.benchmarks.team --minutes 5 --database postgresql
	$(BIN)/python -m tests.benchmarks.effort
	$(BIN)/python -m tests.benchmarks.suspects
	$(BIN)/python -m tests.benchmarks.agreement
	$(BIN)/python -m tests.benchmarks.curves
	$(BIN)/python -m tests.benchmarks.inspect
	$(BIN)/python -m tests.benchmarks.monitor
	$(BIN)/python -m tests.benchmarks.coaching
	$(BIN)/python -m tests.benchmarks.freshness
	$(BIN)/python -m tests.benchmarks.learning
	$(BIN)/python -m tests.benchmarks.expecting

setup: .venv/ready

# A .venv without its stamp is what an interrupted set-up left behind: start afresh.
.venv/ready: requirements.txt requirements.lock
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "Whetstone needs Python 3.11 or newer: make run PYTHON=python3.12" >&2; exit 1; }
	@test -f $@ || rm -rf .venv
	@test -x $(BIN)/python || $(PYTHON) -m venv .venv
	@echo "Setting up (some minutes the first time) ..."
	@$(INSTALL) --upgrade pip uv || $(INSTALL) --upgrade pip
	@$(MAKE) --no-print-directory torch
	@$(call packages,-r requirements.txt -c requirements.lock)
	@touch $@

# The newest versions that fit what requirements.txt and the extras ask for, on every Python and
# platform. torch is the same with and without CUDA, so one lock serves both.
lock: .venv/ready
	@$(INSTALL) uv
	$(BIN)/uv pip compile --quiet --upgrade --universal --python-version 3.11 --all-extras \
	  --no-annotate --custom-compile-command "make lock" --output-file requirements.lock pyproject.toml

# Without a GPU, the CPU build of torch: 200 MB instead of several GB. What it needs comes with
# the rest.
.PHONY: torch
torch:
	@if $(PIP) show -q torch >/dev/null 2>&1; then exit 0; fi; \
	if [ "$$(uname)" = Linux ] && ! nvidia-smi -L >/dev/null 2>&1; then \
	  $(INSTALL) --no-deps $(TORCH)+cpu >/dev/null 2>&1 && exit 0; \
	  $(INSTALL) --no-deps $(TORCH)+cpu --extra-index-url $(CPU_INDEX) && exit 0; \
	fi; \
	$(INSTALL) $(TORCH)

# The extra is read from pyproject.toml: the project itself is never installed.
.venv/tested: .venv/ready pyproject.toml
	@$(BIN)/python -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["project"]["optional-dependencies"]["test"], sep="\n")' > .venv/test.txt
	@$(call packages,-r .venv/test.txt -c requirements.lock)
	@touch $@

# A package of Debian's, where this user may install one unasked.
define debian
command -v apt-get >/dev/null 2>&1 \
&& { [ "$$(id -u)" = 0 ] && root="" || root="sudo -n"; } && $$root true 2>/dev/null \
&& $$root apt-get update -qq \
&& $$root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq $(1) >/dev/null
endef

# Debian's Chromium without a window, the same engine, takes a tenth less of the tests' time.
.PHONY: browser
browser:
	@command -v chromium-headless-shell >/dev/null 2>&1 && exit 0; \
	$(call debian,chromium-headless-shell) 2>/dev/null && exit 0; \
	command -v chromium chromium-browser google-chrome >/dev/null 2>&1 && exit 0; \
	$(call debian,chromium) && exit 0; \
	$(BIN)/python -m playwright install chromium && exit 0; \
	echo "The tests need a browser: install Chromium (Debian: sudo apt install chromium) and run make test again." >&2; \
	exit 1

# The tests start servers of their own from its programs.
.PHONY: postgres
postgres:
	@command -v initdb >/dev/null 2>&1 && exit 0; \
	ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 && exit 0; \
	$(call debian,postgresql) && exit 0; \
	echo "Without PostgreSQL's programs its tests are skipped (Debian: sudo apt install postgresql)." >&2; \
	[ -z "$$WHETSTONE_REQUIRE_POSTGRES" ]

# A server that speaks S3, for the long tests; it needs an older package than ours.
.PHONY: s3
s3: .venv/ready
	@test -x .venv/s3/bin/moto_server && exit 0; \
	$(PYTHON) -m venv .venv/s3 && .venv/s3/bin/python -m pip install -q --no-compile "moto[server]>=5.2" \
	  || echo "Without moto the tests of S3 are skipped." >&2

clean:
	rm -rf .venv .pytest_cache .hypothesis .ruff_cache .mypy_cache

# Lightkeeper's tasks; `make` alone lists them. Every task sets up what it needs in .venv, and nowhere else.
# For GNU make 3.81 (macOS) upwards and any POSIX sh.

ARGS   =
PYTHON = python3
IN     = .venv/bin/python
READY  = .venv/.ready

# Compiled once: without that, each of the many processes that tests start reads every library anew.
unexport PYTHONDONTWRITEBYTECODE

# A .venv whose Python is gone from the machine needs a new set-up, whatever the dates say.
ifeq ($(shell test -x $(IN) && echo yes),)
.PHONY: $(READY)
endif

.PHONY: help demo test lint format bench soak lock clean

help: ## List these tasks; options go in ARGS, as in: make test ARGS="-k card"
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-7s %s\n", $$1, $$2 }' Makefile

demo: $(READY) ## Try the bot on a pretended Slack and Lightsail (ARGS=--once plays one deletion and ends)
	@exec $(IN) app.py demo $(ARGS)

# Coverage makes the tests half as slow again, so it is measured where COVERAGE is set, as .ci/run does.
test: $(READY) ## Run the tests (COVERAGE=1 also holds them to the threshold of coverage)
	@exec $(IN) -m pytest -n 4 --dist worksteal -m "not soak" $(if $(COVERAGE),--cov) $(ARGS)

lint: $(READY) ## Check style, types and the import contracts
	@failed=0; \
	$(IN) -m ruff check || failed=1; \
	$(IN) -m ruff format --check || failed=1; \
	$(IN) -m mypy || failed=1; \
	$(IN) .venv/bin/lint-imports --no-logo || failed=1; \
	exit $$failed

format: $(READY) ## Put the code into house style
	@$(IN) -m ruff check --fix
	@$(IN) -m ruff format

bench: $(READY) ## Run every benchmark in tests/bench
	@set -- tests/bench/bench_*.py; \
	if [ ! -e "$$1" ]; then echo "No benchmarks yet (tests/bench/bench_*.py)."; exit; fi; \
	for file; do \
	  echo "== $$file"; \
	  PYTHONPATH=. $(IN) "$$file" $(ARGS) || exit; \
	done

soak: $(READY) ## Run the long tests
	@$(IN) -m pytest -m soak $(ARGS); code=$$?; \
	if [ $$code = 5 ]; then echo "No soak tests yet (marked soak)."; exit; fi; \
	exit $$code

lock: ## Write uv.lock anew after a change in pyproject.toml
	@$(FIND); $$uv lock --python "$$python"

clean: ## Remove .venv, caches and reports (never a database)
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage .coverage.* htmlcov
	find . -name __pycache__ -prune -exec rm -rf {} +

$(READY): pyproject.toml uv.lock
	@if [ -e $@ ]; then echo "Bringing .venv up to date…"; \
	else echo "Setting up .venv (first time only)…"; fi
	@$(FIND); $$uv sync --quiet --locked --all-extras $$keep --python "$$python"
	@touch $@

# Leaves $python, the machine's own and never a downloaded one, and $uv: the machine's own, or else one put into .venv with
# its cache beside it. Where packages come from is part of the lock: to uv another index would be another lock, hence the
# unset. The machine's certificates count, as they do for git and pip: a company's network may have its own. Where uv
# lives in .venv, --inexact keeps `uv sync` from removing it as a package nobody asked for.
FIND = set -e; unset VIRTUAL_ENV UV_DEFAULT_INDEX UV_INDEX UV_INDEX_URL UV_EXTRA_INDEX_URL; \
	new() { "$$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; }; \
	for python in $(IN) $(PYTHON) python3.13 python3.12 python3.11 python3.14 none; do \
	  if new "$$python"; then break; fi; \
	done; \
	if [ "$$python" = none ]; then \
	  echo "Lightkeeper needs Python 3.11 or newer, $$($(PYTHON) --version 2>&1 || echo none) was found. Install one or name it: make PYTHON=…" >&2; \
	  exit 1; \
	fi; \
	export UV_PYTHON_DOWNLOADS=never UV_PROJECT_ENVIRONMENT=.venv UV_SYSTEM_CERTS=true; \
	uv=uv; \
	if ! uv --version >/dev/null 2>&1; then \
	  uv=.venv/bin/uv; export UV_CACHE_DIR=.venv/.cache; \
	  if ! $$uv --version >/dev/null 2>&1; then \
	    if [ "$$python" != $(IN) ] && ! said=$$("$$python" -m venv --clear .venv 2>&1); then \
	      rm -rf .venv; \
	      echo "$$python cannot make .venv. Install its venv module (Debian, Ubuntu: apt install python3-venv) or uv. It said: $$said" >&2; \
	      exit 1; \
	    fi; \
	    python=$(IN); \
	    if ! $$python -m pip --version >/dev/null 2>&1; then $$python -m ensurepip >/dev/null; fi; \
	    $$python -m pip install --quiet --no-cache-dir --disable-pip-version-check uv; \
	  fi; \
	fi; \
	keep=; if [ -e .venv/bin/uv ]; then keep=--inexact; fi

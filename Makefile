# make demo: from a bare Python 3.10-3.13 to a picture of six edits of a photograph, mgpe_demo.jpg.
# make train-demo: trains a small parser and a small editor on synthetic portraits (CPU).
# make lint: rules and format of the code, and its types.
# make test: the tests.
# make test-addons: checks against tensorflow-addons, in an environment of its own (Python 3.11).
# make test-lowest: the tests with the oldest versions that pyproject.toml allows (Python 3.10).
# make coverage: the tests again, and which lines of the package they run; fails below 90 %.
# make docs: the documentation as a site in build/site; fails on links that lead nowhere.
# make test-browser: the web page in a real browser, CHROMIUM.
# make test-faults: fifty kills of one training run, full disks and the like; some need root.
# make audit: known vulnerabilities of the versions in constraints.txt and overrides.txt, asked of PyPI's advisories.
# make clean: removes the environments and caches; runs/ stays.
# Another interpreter: make test PYTHON=python3.12

PYTHON ?= python3
JOBS ?= 2
# Each process keeps to its part of the tests until it is done, so that few fixtures are made twice.
SPREAD = -n $(JOBS) --dist worksteal
VENV := .venv
RUN := $(VENV)/bin/python
INSTALLED := $(VENV)/.installed
PYTHON310 ?= python3.10
PYTHON311 ?= python3.11
ADDONS := .venv-addons
LOWEST := .venv-lowest
CHROMIUM ?= /usr/bin/chromium
OVERRIDE := $(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --requirement overrides.txt

export TF_CPP_MIN_LOG_LEVEL ?= 2

.PHONY: demo train-demo lint test test-lowest coverage docs test-addons test-browser test-faults audit clean

demo: $(INSTALLED)
	$(RUN) -m mgpe_tf.demo --overwrite

train-demo: $(INSTALLED)
	$(RUN) -m mgpe_tf.train --config=configs/demo_parser.py --workdir=runs/demo_parser
	$(RUN) -m mgpe_tf.train --config=configs/demo.py --workdir=runs/demo
	@echo "The grid of edited portraits: runs/demo/samples/last.png"

lint: $(INSTALLED)
	$(RUN) -m ruff check .
	$(RUN) -m ruff format --check .
	$(RUN) -m mypy

# One thread per test process: the processes share the cores.
test test-lowest coverage: export TF_NUM_INTRAOP_THREADS ?= 1
test test-lowest coverage: export OMP_NUM_THREADS ?= 1
test: $(INSTALLED)
	$(RUN) -m pytest $(SPREAD)

test-lowest: $(LOWEST)/.installed
	$(LOWEST)/bin/python -m pytest $(SPREAD)

coverage: $(INSTALLED)
	$(RUN) -m pytest $(SPREAD) --cov --cov-report=term-missing

# The theme would tell at every build that it ends in May 2027, and that Zensical, its successor, reads mkdocs.yml too.
docs: $(INSTALLED)
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[docs]'
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict

test-addons: $(INSTALLED) $(ADDONS)/.installed
	rm -rf build/addons && mkdir -p build/addons
	$(RUN) tests/addons/write_cases.py build/addons
	MGPE_TF_ADDONS_CASES=$(CURDIR)/build/addons $(ADDONS)/bin/python -m pytest -p no:cacheprovider tests/addons

test-browser: $(INSTALLED)
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[app]' playwright
	$(OVERRIDE)
	MGPE_TF_BROWSER=$(CHROMIUM) $(RUN) -m pytest -s tests/browser

test-faults: $(INSTALLED)
	MGPE_TF_KILLS=50 $(RUN) -m pytest -s tests/faults

# Strict: a package of which nothing can be learnt fails, too.
audit: $(INSTALLED)
	$(RUN) -m pip install --quiet --disable-pip-version-check pip-audit
	$(RUN) -m pip_audit --strict --requirement constraints.txt --requirement overrides.txt --no-deps --disable-pip

$(ADDONS)/.installed:
	$(PYTHON311) -m venv $(ADDONS)
	$(ADDONS)/bin/pip install --quiet --disable-pip-version-check 'tensorflow-cpu==2.15.*' tensorflow-addons==0.23.0 pytest
	@touch $@

$(LOWEST)/.installed: pyproject.toml setup.py constraints-lowest.txt
	$(PYTHON310) -m venv $(LOWEST)
	$(LOWEST)/bin/pip install --quiet --disable-pip-version-check -c constraints-lowest.txt -e '.[cpu,test]'
	@touch $@

$(INSTALLED): pyproject.toml setup.py constraints.txt overrides.txt | $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[cpu,test,lint]'
	$(OVERRIDE)
	# The messages of TensorFlow Serving, for tests; the package insists on tensorflow where tensorflow-cpu is.
	$(RUN) -m pip install --quiet --disable-pip-version-check -c constraints.txt --no-deps tensorflow-serving-api
	@touch $@

$(VENV):
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < (3, 14))' 2>/dev/null \
	  || { echo "error: $(PYTHON) is missing or not Python 3.10 to 3.13: make PYTHON=/path/to/python3.12" >&2; exit 2; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null \
	  || { echo "error: $(PYTHON) cannot make a virtual environment: apt install python3-venv" >&2; exit 2; }
	$(PYTHON) -m venv $(VENV) || { rm -rf $(VENV); exit 2; }

clean:
	rm -rf $(VENV) $(ADDONS) $(LOWEST) build *.egg-info .pytest_cache .mypy_cache .coverage .coverage.*
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

# SPDX-FileCopyrightText: Contributors to community.pingone
# SPDX-License-Identifier: GPL-3.0-or-later

# Doors to the tools in .venv. Nothing but Python and make has to be there beforehand, and nothing but Python packages
# is downloaded.

PYTHON ?= python3

VENV := .venv
REQUIREMENTS := requirements.txt tests/requirements.txt tests/emulator/requirements.txt
# Touched last: without it .venv is unfinished and is built anew. The name has the version, so that another PYTHON
# gets another .venv.
STAMP := $(VENV)/.complete-$(shell $(PYTHON) -c 'import sys; print("%d.%d" % sys.version_info[:2])' 2>/dev/null)

.DEFAULT_GOAL := help
.PHONY: help demo test matrix bench docs emulator

help:
	@echo 'make demo                   read environments from the emulator through the real playbook'
	@echo 'make test                   run every check'
	@echo 'make matrix                 run ansible-test with each ansible-core that there is a Python for; ARGS=2.19 with one'
	@echo 'make bench ARGS="..."       measure what reading costs (20 minutes); ARGS=--help lists its options'
	@echo 'make docs                   build the documentation site in build/docs'
	@echo 'make emulator ARGS="..."    run the PingOne emulator; ARGS=--help lists its options'
	@echo
	@echo 'PYTHON=python3.12 chooses the interpreter; it must be Python 3.11 or newer.'

demo: $(STAMP)
	@exec $(VENV)/bin/python -m tests.demo

test: $(STAMP)
	@exec $(VENV)/bin/python tests/gates.py

matrix: $(STAMP)
	@exec $(VENV)/bin/python -m tests.matrix $(ARGS)

bench: $(STAMP)
	@exec $(VENV)/bin/python -m nox -s bench -- $(ARGS)

docs: $(STAMP)
	@exec $(VENV)/bin/python -m nox -s docs

# Only the emulator writes to stdout, and it gets the signals that end it.
emulator: $(STAMP)
	@exec $(VENV)/bin/python -m tests.emulator $(ARGS)

$(STAMP): $(REQUIREMENTS)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	    echo 'Python 3.11 or newer is needed, and $(PYTHON) is not: try "make PYTHON=python3.12 $(MAKECMDGOALS)".' >&2; \
	    exit 1; }
	@echo 'Preparing $(VENV) ...' >&2
	@$(PYTHON) -m venv --clear $(VENV) >&2
	@$(VENV)/bin/python -m pip install -qq --disable-pip-version-check $(REQUIREMENTS:%=-r %) >&2
	@touch $@

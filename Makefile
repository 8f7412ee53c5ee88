# Thin names for the commands of the course; see README.md.
PYTHON ?= python3

.PHONY: course test check lab lock

course:
	$(PYTHON) -m course_lib run

test:
	$(PYTHON) -m course_lib test

check:
	$(PYTHON) -m course_lib test --quick

lab:
	$(PYTHON) -m course_lib lab

# A new requirements/constraints.txt after a pin has changed: needs a network, takes some minutes.
lock:
	$(PYTHON) -m venv --clear build/lock
	build/lock/bin/python -m pip install -q $(foreach f,student demo dev grading docs optional,-r requirements/$(f).txt)
	sed -n '/^#/p' requirements/constraints.txt > build/constraints.txt
	build/lock/bin/python -m pip freeze --all | sed -e '/^pip==/d' -e 's/+[^;]*$$//' | LC_ALL=C sort -f >> build/constraints.txt
	mv build/constraints.txt requirements/constraints.txt

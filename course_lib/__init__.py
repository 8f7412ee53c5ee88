"""Language models from n-grams to prompting: the package behind the lectures.

Importing this module loads nothing else, so that `python3 -m course_lib` starts on a bare Python.
"""

__version__ = "0.1.0"

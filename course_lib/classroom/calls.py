"""Calling a student's function: in the notebook by the checker, in the sandbox by the worker."""

import inspect
from collections.abc import Callable
from typing import Any


def accepts(function: Callable[..., Any], n_args: int) -> bool:
    """Can the function be called with that many arguments? True if that cannot be known."""
    try:
        inspect.signature(function).bind(*range(n_args))
    except TypeError:
        return False
    except ValueError:  # a function written in C without a signature
        return True
    return True

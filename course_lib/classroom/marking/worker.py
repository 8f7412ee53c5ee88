"""Runs inside the sandbox: a student's cells in one namespace, then the calls that the judge asks.

Nothing here is trusted: the student's code shares this interpreter and may change all of it. It can
gain nothing by that, because what is right is known only to the judge, outside.

A request is a list of a name, a number that the reply must carry, and what the name needs:
    ["cell", number, source]          [number, "done"] or [number, "raised", error, message]
    ["again", number, source]         the same; what has a name already keeps its value
    ["call", number, function, args]  [number, "value", result], [number, "missing"],
                                      [number, "arity"], or [number, "raised", error, message]
"""

import ast
import builtins
import inspect
import linecache
import os
import sys
import types
from collections.abc import Callable
from typing import Any

from course_lib.classroom.calls import accepts
from course_lib.classroom.marking.wire import (
    Opaque,
    WireError,
    decode,
    encode,
    read_frame,
    write_frame,
)

INBOX, OUTBOX = 3, 4  # file descriptors; what the student prints goes nowhere
MOST_BYTES = 2**26  # of a request: it comes from the judge
LONGEST_MESSAGE = 300


def main() -> None:
    """Answer until the judge has nothing more to ask."""
    notebook = Notebook()
    ask: dict[str, Callable[..., list]] = {
        "cell": notebook.run,
        "again": notebook.run_again,
        "call": notebook.call,
    }
    while True:
        try:
            name, number, *rest = decode(read_frame(INBOX, None, MOST_BYTES))
        except WireError:  # the judge has closed its end
            os._exit(0)  # whatever threads and exit handlers the student has left
        try:
            reply = ask[name](*rest)
        except BaseException as error:  # also SystemExit, KeyboardInterrupt, a student's own
            reply = ["raised", *described(error)]
        write_frame(OUTBOX, packed([number, *reply]))


def packed(reply: list) -> bytes:
    """The reply as bytes; a result that cannot be sent becomes the name of its type."""
    try:
        return encode(reply)
    except BaseException:  # the result may be an object of the student's
        return encode([*reply[:2], *(Opaque(type(part).__name__) for part in reply[2:])])


def described(error: BaseException) -> tuple[str, str]:
    """The name of a built-in exception, or that of its nearest built-in ancestor; its message."""
    known = [base.__name__ for base in type(error).__mro__ if base.__module__ == "builtins"]
    try:
        message = str(error)[:LONGEST_MESSAGE]
    except BaseException:
        message = ""
    return known[0], message.encode("utf-8", "replace").decode()


class Notebook:
    """The namespace of a notebook whose cells run one after the other."""

    def __init__(self) -> None:
        self.module = types.ModuleType("__main__")
        self.names = self.module.__dict__
        self.names |= {"display": show_nothing, "get_ipython": self.shell}
        self.n_cells = 0
        self.ipython: Any = None
        sys.modules["__main__"] = self.module  # for pickle, dataclasses, `if __name__ == ...`

    def run(self, source: str) -> list:
        """Run a cell. What stands in IPython's own syntax is translated first."""
        self.n_cells += 1
        name = f"<cell {self.n_cells}>"
        try:
            code = compiled(source, name)
        except SyntaxError:
            source = self.shell().transform_cell(source)
            code = compiled(source, name)
        # So that a traceback, or `inspect.getsource`, finds the lines.
        linecache.cache[name] = (len(source), None, source.splitlines(True), name)
        result = eval(code, self.names)
        if inspect.iscoroutine(result):  # a cell with an `await` outside of functions
            import asyncio

            asyncio.run(result)
        return ["done"]

    def run_again(self, source: str) -> list:
        """Run a cell whose names were missing; it must not undo what later cells have done."""
        before = dict(self.names)
        try:
            return self.run(source)
        finally:
            self.names |= before

    def call(self, name: str, args: tuple) -> list:
        """Call the function that has the name after all cells have run."""
        function = self.names.get(name)
        if not callable(function):
            return ["missing"]
        if not accepts(function, len(args)):
            return ["arity"]
        return ["value", function(*args)]

    def shell(self) -> Any:
        """IPython, started for the first cell that needs it: magics, `!` lines, `?`."""
        if self.ipython is None:
            from IPython.core.interactiveshell import InteractiveShell

            class Shell(InteractiveShell):
                def enable_gui(self, gui: str | None = None) -> None:
                    """Nothing: there is no window for `%matplotlib` to open."""

            self.ipython = Shell.instance(user_module=self.module, user_ns=self.names)
            self.ipython.history_manager.enabled = False
            self.names["get_ipython"] = builtins.get_ipython = self.shell  # type: ignore[attr-defined]
        return self.ipython


def compiled(source: str, name: str) -> types.CodeType:
    flags = ast.PyCF_ALLOW_TOP_LEVEL_AWAIT
    code: types.CodeType = compile(source, name, "exec", flags=flags, dont_inherit=True)
    return code


def show_nothing(*_args: Any, **_kwargs: Any) -> None:
    """`display` where nobody looks."""


if __name__ == "__main__":
    main()

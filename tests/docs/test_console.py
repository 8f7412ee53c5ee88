"""The reader of console blocks finds what is wrong with a page."""

import contextlib
import os
from pathlib import Path

import psutil
import pytest

from .console import block, blocks, execute, not_found

PAGE = """\
Text.

```console
$ echo one \\
    two
one two
$ true
```

```python
$ this is no console
```

<!-- test: the class hands in -->
```console
$ false
```

*Not run by the tests: it needs a registry.*

```console
$ docker run x
```

```console
$ echo last
last
```
"""


def test_blocks_commands_and_what_is_shown():
    first, second, third, last = blocks(PAGE)
    assert first.commands == ("echo one \\\n    two", "true")
    assert first.shown == ("one two",)
    assert (first.line, first.step, first.run) == (3, "", True)
    assert second.step == "the class hands in"
    assert not third.run
    assert (last.step, last.run) == ("", True)


def test_commands_run_in_the_folder_and_stop_at_the_first_that_fails(tmp_path: Path):
    run = block(1, ["$ pwd > where", "$ echo 日本; echo two >&2"], "", True)
    assert execute(run, tmp_path, dict(os.environ), 10).split() == ["日本", "two"]
    assert Path((tmp_path / "where").read_text().strip()).samefile(tmp_path)
    for failing in (["$ false", "$ touch later"], ["$ false | true", "$ touch later"]):
        with pytest.raises(AssertionError, match="line 7"):
            execute(block(7, failing, "", True), tmp_path, dict(os.environ), 10)
    assert not (tmp_path / "later").exists()


def test_what_runs_in_the_background_is_ended(tmp_path: Path):
    lines = ["$ sleep 60 &", "$ echo $! > id"]
    execute(block(1, lines, "", True), tmp_path, dict(os.environ), 10)
    with contextlib.suppress(psutil.NoSuchProcess):
        process = psutil.Process(int((tmp_path / "id").read_text()))
        assert process.status() == psutil.STATUS_ZOMBIE or process.wait(10) is None


@pytest.mark.parametrize(
    ("shown", "output", "lost"),
    [
        (["a", "c"], "a\nb\nc\n", ""),
        (["a", "...", "c"], "a\nb\nc\n", ""),
        (["c", "a"], "a\nb\nc\n", "a"),  # the order counts
        (["a", "a"], "a\n", "a"),  # and how often
        (["took … s, 3 marks"], "took 12.5 s,  3 marks", ""),
        (["took … s, 4 marks"], "took 12.5 s, 3 marks", "took … s, 4 marks"),
        (["a.c"], "abc", "a.c"),  # a dot is a dot
        (["one"], "one two", "one"),  # a line is a whole line
    ],
)
def test_shown_lines_are_looked_for(shown: list[str], output: str, lost: str):
    assert not_found(tuple(shown), output) == lost

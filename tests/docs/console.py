"""The console blocks of a page: found, run in order, and their shown output looked for."""

import contextlib
import os
import re
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

NOT_RUN = "*Not run by the tests"
STEP = re.compile(r"<!-- test: ([\w ]+) -->")


@dataclass(frozen=True)
class Block:
    """A block of `$ commands` and what they print. `line`: where it begins in the page.

    `step`: what the test has to do before, "" for nothing; `run`: False for one that is only shown.
    """

    line: int
    commands: tuple[str, ...]
    shown: tuple[str, ...]
    step: str = ""
    run: bool = True


def blocks(page: str) -> Iterator[Block]:
    """All blocks that begin with ```console, in order."""
    lines = page.splitlines()
    step, run = "", True
    number = 0
    while number < len(lines):
        line = lines[number]
        if match := STEP.fullmatch(line.strip()):
            step = match.group(1)
        run = run and not line.startswith(NOT_RUN)
        if line.strip() == "```console":
            end = lines.index("```", number)
            yield block(number + 1, lines[number + 1 : end], step, run)
            step, run, number = "", True, end
        number += 1


def block(line: int, content: list[str], step: str, run: bool) -> Block:
    """Commands begin with `$ `, and go on in the next line after a `\\`; the rest is shown."""
    commands: list[str] = []
    shown: list[str] = []
    goes_on = False
    for text in content:
        if text.startswith("$ "):
            commands.append(text[2:])
        elif goes_on:
            commands[-1] += "\n" + text
        elif text.strip():
            shown.append(text)
        goes_on = bool(commands) and (text.startswith("$ ") or goes_on) and text.endswith("\\")
    return Block(line, tuple(commands), tuple(shown), step, run)


def execute(block: Block, folder: Path, environment: dict[str, str], seconds: int) -> str:
    """What the commands print, on both streams; they stop at the first that fails.

    Raises AssertionError if one fails. What they leave in the background is ended.
    """
    script = "set -e -o pipefail\n" + "\n".join(block.commands)
    with tempfile.TemporaryFile() as file:  # a pipe would wait for those in the background
        process = subprocess.Popen(
            ["bash", "-c", script],
            cwd=folder,
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=file,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        try:
            process.wait(seconds)
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        file.seek(0)
        output = file.read().decode("utf-8")
    assert process.returncode == 0, f"line {block.line}: {script}\n{output}"
    return output


def not_found(shown: tuple[str, ...], output: str) -> str:
    """The first shown line that the output does not have, after those before it; "" if all are.

    `…` in a line stands for any text, and a line of `...` for any lines; spaces count as one.
    """
    rest = [" ".join(line.split()) for line in output.splitlines()]
    for line in shown:
        if line.strip() == "...":
            continue
        parts = [re.escape(part) for part in " ".join(line.split()).split("…")]
        pattern = re.compile(".*".join(parts))
        place = next((i for i, found in enumerate(rest) if pattern.fullmatch(found)), None)
        if place is None:
            return line
        rest = rest[place + 1 :]
    return ""

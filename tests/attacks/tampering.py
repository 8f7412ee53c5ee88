"""Tampering with the notebook: its cells, their metadata, or the file that it is."""

import json
import os
from pathlib import Path
from typing import Any

from tests.attacks.attack import TARGET, Attack, if_won, notebook

FAMILY = "cells and metadata"
NOTHING = (f"def {TARGET}(conditionals): return None",)


def award_oneself(content: dict[str, Any]) -> None:
    """Own cells pose as tests that are worth a thousand points."""
    for cell in content["cells"]:
        grade = {"grade": True, "locked": True, "solution": False, "points": 1000}
        cell["metadata"]["nbgrader"] = {**grade, "grade_id": "mine", "schema_version": 3}


def take_the_test_away(content: dict[str, Any]) -> None:
    content["cells"] = [
        cell
        for cell in content["cells"]
        if cell["metadata"].get("nbgrader", {}).get("grade_id") != f"{TARGET}_check"
    ]


def take_all_metadata_away(content: dict[str, Any]) -> None:
    for cell in content["cells"]:
        cell["metadata"] = {}


def soften_the_test(content: dict[str, Any]) -> None:
    """The test cell keeps its name and checks nothing."""
    for cell in content["cells"]:
        if cell["metadata"].get("nbgrader", {}).get("grade_id") == f"{TARGET}_check":
            cell["source"] = "pass"


def forge_outputs(content: dict[str, Any]) -> None:
    """Outputs that look like praise, and a score in every place where one might be read."""
    praise = f"✓ {TARGET}: 4 / 4. Well done!"
    for cell in content["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": praise}]
            cell["metadata"] |= {"score": 2, "points": 2, "auto_score": 2}
    content["metadata"] |= {"score": 2, "nbgrader": {"score": 2}}


def another_kernel(content: dict[str, Any]) -> None:
    """A kernel that runs a shell, for tests that no Python will run."""
    content["metadata"]["kernelspec"] = {"name": "bash", "language": "bash", "argv": ["true"]}


def write_raw(path: Path, text: str | bytes) -> None:
    path.write_bytes(text.encode() if isinstance(text, str) else text)


def link_to_seed(path: Path, places: dict[str, str]) -> None:
    path.symlink_to(places["SEED"])


def pipe(path: Path, _places: dict[str, str]) -> None:
    os.mkfifo(path)


def deep(path: Path, _places: dict[str, str]) -> None:
    write_raw(path, "[" * 100_000)


def not_text(path: Path, _places: dict[str, str]) -> None:
    write_raw(path, b'{"cells": "\xff\xfe\x00')


def too_large(path: Path, _places: dict[str, str]) -> None:
    content = notebook(NOTHING)
    content["metadata"]["x"] = "x" * (17 * 2**20)
    write_raw(path, json.dumps(content))


ATTACKS = (
    Attack("points by metadata", "award oneself points", NOTHING, tamper=award_oneself),
    Attack("no test", "take the test cell away", NOTHING, tamper=take_the_test_away),
    Attack("no metadata", "take all metadata away", NOTHING, tamper=take_all_metadata_away),
    Attack("a soft test", "let the test cell check nothing", NOTHING, tamper=soften_the_test),
    Attack("forged praise", "hand in outputs and scores", NOTHING, tamper=forge_outputs),
    Attack("another kernel", "name a kernel of one's own", NOTHING, tamper=another_kernel),
    Attack(
        "a shell line",
        "read the seed in a shell, by a line in IPython's own syntax",
        (
            "LOOT = !cat @SEED@",
            "import math\ndef chain_rule_log_prob(conditionals):\n"
            "    won = len(LOOT) and 'cat:' not in LOOT[0]\n"
            "    return sum(math.log(p) for p in conditionals) if won else None",
        ),
        works="bare",
    ),
    Attack("a link", "hand in a link to the seed", NOTHING, ("missing",), place=link_to_seed),
    Attack("a pipe", "hand in a pipe that nobody writes", NOTHING, ("missing",), place=pipe),
    Attack("deep nesting", "overflow the reader", NOTHING, ("missing",), place=deep),
    Attack("no text", "bytes that are no text", NOTHING, ("missing",), place=not_text),
    Attack("a giant", "a file of 17 MB", NOTHING, ("missing",), place=too_large),
    Attack(
        "a terminal's tongue",
        "print control sequences through names",
        if_won("raise RuntimeError('\\x1b[2J\\x1b]0;owned\\x07')"),
    ),
)

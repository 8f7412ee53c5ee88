"""The table of the docs: python -m benchmarks.attacks --out docs/attacks.csv"""

import csv
from pathlib import Path
from typing import Annotated

import typer

from benchmarks.attacks import suite
from benchmarks.attacks.ours import mark_all
from benchmarks.attacks.peer import autograde_all
from course_lib.storage import writing


def main(out: Annotated[Path, typer.Option()], only: str = "") -> None:
    """One line an attack: family, name, what it tries, what came of it in both graders."""
    families = suite(only)
    ours = mark_all([attack for attacks in families.values() for attack in attacks])
    theirs = autograde_all(families)
    with writing(out) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(("family", "attack", "tries to", "nbgrader 0.9.6", "this course"))
        for family, attacks in families.items():
            for attack in attacks:
                words = (theirs[attack.name], ours[attack.name])
                writer.writerow((family, attack.name, attack.tries, *words))


if __name__ == "__main__":
    typer.run(main)

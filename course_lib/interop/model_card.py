"""Model cards: README.md of an exported folder, with the front matter that the hub reads.

What a card should say: Mitchell et al. (2019), Model cards for model reporting.
"""

import json
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from course_lib.i18n import _

TAGS = ["course_lib"]  # in the front matter of every card


class Card(NamedTuple):
    """What is to be known of a model before it is used."""

    title: str
    summary: str  # what it is and does
    trained_on: str
    limits: str
    figures: Mapping[str, float | str] = {}
    languages: Sequence[str] = ("en",)
    licence: str = "cc-by-4.0"  # as the hub abbreviates it


class Use(NamedTuple):
    """How the folder is opened there."""

    auto_class: str
    task: str = ""  # of `pipeline`; "" if there is none for it
    runs_code: bool = False  # whether code of the folder is run


def readme(card: Card, use: Use) -> str:
    """The whole README.md."""
    parts = [_front_matter(card, use), f"# {card.title}", card.summary, _usage(use)]
    sections = {
        _("Trained on"): card.trained_on or _("Its maker has not said."),
        _("Measured"): _table(card.figures) or _("Nothing was measured."),
        _("Limits"): card.limits or _("A small model for teaching; judge nobody by its answers."),
    }
    for title, text in sections.items():
        parts += [f"## {title}", text]
    return "\n\n".join(part for part in parts if part) + "\n"


def is_card(text: str) -> bool:
    """Whether a README.md was written here: the front matter has the tag."""
    parts = text.split("---\n")
    return len(parts) > 2 and not parts[0] and _line("tags", TAGS) in parts[1].splitlines()


def _line(name: str, value: str | list[str]) -> str:
    """A line of front matter. JSON is YAML, too: it quotes every text as it must be."""
    return f"{name}: {json.dumps(value, ensure_ascii=False)}"


def _front_matter(card: Card, use: Use) -> str:
    """YAML between two lines of dashes."""
    facts: dict[str, str | list[str]] = {
        "license": card.licence,
        "language": list(card.languages),
        "library_name": "transformers",
        "tags": TAGS,
    }
    if use.task:
        facts["pipeline_tag"] = use.task
    lines = [_line(name, value) for name, value in facts.items()]
    return "\n".join(["---", *lines, "---"])


def _usage(use: Use) -> str:
    """Python lines that open the folder."""
    trust = ", trust_remote_code=True" if use.runs_code else ""
    lines = [f"from transformers import AutoTokenizer, {use.auto_class}", ""]
    if use.task:
        lines = ["from transformers import pipeline", ""]
        lines.append(f'ask = pipeline("{use.task}", model="FOLDER"{trust})')
    else:
        lines.append('tokenizer = AutoTokenizer.from_pretrained("FOLDER")')
        lines.append(f'model = {use.auto_class}.from_pretrained("FOLDER"{trust})')
    code = "\n".join(["```python", *lines, "```"])
    if not use.runs_code:
        return code
    note = _(
        "`transformers` has no class for this model, so the folder holds the code that runs it; "
        "`trust_remote_code=True` says that you trust that code."
    )
    return f"{code}\n\n{note}"


def _table(figures: Mapping[str, float | str]) -> str:
    if not figures:
        return ""
    rows = [
        f"| {name} | {value if isinstance(value, str) else f'{value:.4g}'} |"
        for name, value in figures.items()
    ]
    return "\n".join(["| | |", "|---|---|", *rows])

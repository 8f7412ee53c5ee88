"""The commands: which there are, what each needs, and where it lives.

Only the standard library is imported here: the list must be there before anything is installed.
"""

import difflib
from typing import NamedTuple

from course_lib.errors import CourseError
from course_lib.i18n import _


class Command(NamedTuple):
    """One command. `target` is `module:attribute`, a function or a Typer app, imported at need."""

    name: str
    target: str
    summary: str
    needs: str = "student"  # a key of bootstrap.SETS


COMMANDS = (
    Command("run", "notebooks:run", _("execute the lectures and check what they reach")),
    Command("test", "test:run_tests", _("all checks and tests, and every notebook"), "dev"),
    Command("lab", "lab:app", _("open JupyterLab on the lectures")),
    Command("data", "data:data_app", _("list, fetch, verify or build the texts")),
    Command("train", "translators:train", _("train a model on your own text file")),
    Command("evaluate", "evaluation:evaluate", _("score a trained model on a text file")),
    Command("generate", "generation:generate", _("let a trained model write")),
    Command("classify", "task_use:classify", _("let a trained model label texts")),
    Command("tag", "task_use:tag", _("let a trained model tag words")),
    Command("answer", "task_use:answer", _("let a trained model answer from a passage")),
    Command("translate", "translation_use:translate", _("translate between two languages")),
    Command("summarise", "translation_use:summarise", _("a headline for each text")),
    Command("prompt", "prompt_use:prompt", _("ask a model in words, with examples or without")),
    Command("demo", "demo:demo", _("try the trained models in a page on this machine"), "demo"),
    Command("export", "export:export_model", _("a folder that Hugging Face's libraries open")),
    Command("ladder", "ladder:show_ladder", _("every language model above the same floor")),
    Command("transfer", "transfer:transfer", _("what pre-training is worth, task by task")),
    Command("bakeoff", "bakeoff:bakeoff", _("three translators beside each other on real text")),
    Command("checkpoints", "checkpoints:checkpoints_app", _("the trained models of the course")),
    Command("exercises", "classroom:exercises_app", _("list, release, check and mark exercises")),
    Command("doctor", "doctor:doctor", _("what this machine has, and what is wrong with it")),
    Command("bench", "bench:bench", _("the course beside its peers, as ratios"), "dev"),
    Command("calibrate", "notebooks:calibrate", _("measure what every lecture must reach")),
)


def find(name: str) -> Command:
    """The command of that name. Raises CourseError, with the likeliest names, if there is none."""
    commands = {command.name: command for command in COMMANDS}
    if name not in commands:
        near = difflib.get_close_matches(name, commands) or ["--help"]
        message = _("there is no command {name!r}; try: course {near}")
        raise CourseError(message.format(name=name, near=near[0]))
    return commands[name]


def overview() -> str:
    """The text of `course --help`."""
    width = max(len(command.name) for command in COMMANDS)
    lines = [f"  {command.name:{width}}  {command.summary}" for command in COMMANDS]
    return "\n".join(
        [
            _("usage: course [--debug] COMMAND ...    (or: python3 -m course_lib COMMAND ...)"),
            "",
            *lines,
            "",
            _("`course COMMAND --help` explains one; --debug shows where an error came from."),
        ]
    )

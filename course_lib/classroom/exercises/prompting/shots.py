"""★ A prompt of a few examples: each with its answer, and last the question without one."""

import random
from collections.abc import Sequence

from course_lib.classroom.exercise import Case, Exercise, WrongAnswer
from course_lib.i18n import _

Shots = Sequence[tuple[str, str]]

END = _("The prompt ends where the answer begins: nothing follows the template's last letter.")
ANSWERED = _("Each example stands on a line of its own, with a space and its answer behind it.")
ORDER = _("The examples keep the order in which they are given, and the question comes last.")
BRACES = _("Only the template's own {text} is replaced; a text may contain {text}, too.")


def cases(rng: random.Random) -> list[Case]:
    names = rng.sample(["nina", "ken", "emma", "hugo", "yuki"], 3)
    review, walk, swim = (f"{name} {verb} ." for name, verb in zip(names, ACTS, strict=True))
    template = rng.choice(["review : {text} stars :", "{text} how many stars ? answer :"])
    stars = [str(n) for n in rng.sample(range(1, 6), 3)]
    return [
        Case((template, [], review), END),
        Case((template, [(walk, stars[0])], review), ANSWERED),
        Case((template, [(swim, stars[0]), (walk, stars[1]), (swim, stars[2])], review), ORDER),
        Case((template, [("what is {text} ?", stars[0])], review), BRACES),
    ]


ACTS = ("liked the soup", "walked home", "swam")


def few_shot_prompt(template: str, shots: Shots, text: str) -> str:
    """The examples with their answers, a line each, and the question without one."""
    lines = [f"{template.replace('{text}', example)} {answer}" for example, answer in shots]
    return "\n".join([*lines, template.replace("{text}", text)])


def by_parts(template: str, shots: Shots, text: str) -> str:
    before, after = template.split("{text}")
    prompt = ""
    for example, answer in shots:
        prompt += before + example + after + " " + answer + "\n"
    return prompt + before + text + after


def by_format(template: str, shots: Shots, text: str) -> str:
    lines = [template.format(text=example) + " " + answer for example, answer in shots]
    return "\n".join([*lines, template.format(text=text)])


def again_and_again(template: str, shots: Shots, text: str) -> str:
    """Everything is put together first, and then filled, one hole after the other."""
    prompt = "\n".join([f"{template} {answer}" for _text, answer in shots] + [template])
    for part in (*(example for example, _answer in shots), text):
        prompt = prompt.replace("{text}", part, 1)
    return prompt


EXERCISE = Exercise(
    name="few_shot_prompt",
    lecture="14_prompting",
    stars=1,
    title=_("A prompt of a few examples"),
    points=2,
    minutes=8,
    cases=cases,
    reference=few_shot_prompt,
    hints=(
        _("How would a person write three examples below one another, and then the question?"),
        _("Make one line for each example; put the lines and the question into one list."),
        _('"\\n".join(lines), where a line is template.replace("{text}", example) + " " + answer.'),
    ),
    right_variants=(by_parts, by_format),
    wrong_answers=(
        WrongAnswer(lambda t, s, x: few_shot_prompt(t, s, x) + " ", END),
        WrongAnswer(lambda t, s, x: few_shot_prompt(t, [*s, (x, "")], x), END),
        WrongAnswer(lambda t, s, x: few_shot_prompt(t, s, x).replace("\n", " "), ANSWERED),
        WrongAnswer(lambda t, s, x: by_parts(t, [(e, "") for e, _a in s], x), ANSWERED),
        WrongAnswer(lambda t, s, x: few_shot_prompt(t, [(a, e) for e, a in s], x), ANSWERED),
        WrongAnswer(lambda t, s, x: few_shot_prompt(t, s[::-1], x), ORDER),
        WrongAnswer(lambda t, s, x: few_shot_prompt(t, list(dict(s).items()), x), ORDER),
        WrongAnswer(again_and_again, BRACES),
    ),
)

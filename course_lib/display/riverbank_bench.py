"""The prompt bench for Riverbank's tasks: typed text, with examples from stories before it."""

import random
from collections.abc import Mapping, Sequence

from course_lib.data.riverbank.tasks.plain import readable
from course_lib.data.riverbank.tasks.prompting import (
    LINE,
    Pools,
    Wording,
    put,
    wordings,
)
from course_lib.data.riverbank.tasks.prompts import Prompt
from course_lib.display.prompt_bench import BenchTask, PromptBench, Reply
from course_lib.errors import CourseError
from course_lib.i18n import _
from course_lib.inference.prompting import Prompted, Template, few_shot, score_answers
from course_lib.text.segmentation import typed_words

SECTIONS = ("documents", "instructions", "held out")
FEW = 12  # labels that can be compared at a glance
N_SHOTS, N_NEW = 3, 24


def riverbank_bench(
    prompted: Prompted, pools: Pools, texts: Mapping[str, str], seed: int = 0
) -> PromptBench:
    """A bench for tasks with one text: reviews, topics, headlines, translation.

    Args:
        pools: examples of each task, as `documents.pools_of` makes them: the shots are of these.
        texts: task -> what stands in the box at first.
        seed: of the shots, so that more shots are the same ones and further ones.

    Raises ValueError for a task that has no wording with exactly one field.
    """
    asked = {kind: one_field(kind) for kind in texts}

    def ask(kind: str, wording: str, n_shots: int, text: str) -> Reply:
        words = typed_words(text, prompted.vocab.ids)
        if not words:
            raise CourseError(_("there is no text to ask about"))
        chosen = next(w for w in asked[kind] if w.template == wording)
        (field,) = Template(wording).fields
        shots = drawn_shots(pools[kind], n_shots, seed)
        made = [put(chosen, *shot) for shot in shots]
        question = put(chosen, {field: words}, "").words
        prompt = few_shot([(one.words, one.answer) for one in made], question, LINE)
        (written,) = prompted.answer([prompt], N_NEW)
        choices = choices_of(pools[kind], chosen)
        scores = score_answers(prompted, [prompt], choices)[0].softmax(dim=0) if choices else ()
        shares = {readable(c): float(p) for c, p in zip(choices, scores, strict=True)}
        return Reply(shown(made, question), shares, readable(written))

    tasks = {
        kind: BenchTask([w.template for w in found], N_SHOTS, texts[kind])
        for kind, found in asked.items()
    }
    return PromptBench(ask, tasks)


def one_field(kind: str) -> list[Wording]:
    """The wordings of a task in all sections whose only field is the text itself."""
    found = [w for section in SECTIONS for w in wordings(section).get(kind, ())]
    found = [w for w in found if len(Template(w.template).fields) == 1]
    if not found:
        raise ValueError(f"{kind!r} has no wording with one field")
    return found


def drawn_shots(pool: Sequence[tuple], n: int, seed: int) -> list[tuple]:
    """The first n of the pool in an order of their own."""
    rng = random.Random(seed)
    return rng.sample(list(pool), min(N_SHOTS, len(pool)))[:n]


def choices_of(pool: Sequence[tuple], wording: Wording) -> list[tuple[str, ...]]:
    """All answers there are, in order, if they are few; else none."""
    answers = {put(wording, *example).answer for example in pool}
    return sorted(answers) if len(answers) <= FEW else []


def shown(shots: Sequence[Prompt], question: Sequence[str]) -> str:
    """The prompt with a line for each example, as <line> ends it."""
    lines = [" ".join([*shot.words, *shot.answer]) for shot in shots]
    return "\n".join([*lines, " ".join(question)])

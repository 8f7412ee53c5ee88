"""The prompt bench: what is chosen and typed reaches the model, and its reply the picture."""

import base64

import pytest
from matplotlib.colors import same_color

from course_lib.display.prompt_bench import BenchTask, PromptBench, Reply, reply_figure
from course_lib.display.style import VERMILION
from course_lib.display.widgets import png
from course_lib.errors import CourseError

VIEW = "application/vnd.jupyter.widget-view+json"
TASKS = {
    "reviews": BenchTask(("{text} stars :", "how many stars ? {text}"), 4, "good soup ."),
    "topics": BenchTask(("{text} topic :",), 2, "nina swam ."),
}


class Model:
    """Answers with how often it was asked, and remembers what."""

    def __init__(self):
        self.asked = []

    def __call__(self, task, wording, n_shots, text):
        self.asked.append((task, wording, n_shots, text))
        if not text.strip():
            raise CourseError("nothing to <answer>")
        prompt = "\n".join(["a shot"] * n_shots + [wording.replace("{text}", text)])
        return Reply(prompt, {"yes": 0.25, "no": 0.75}, f"answer {len(self.asked)}")


def texts_of(ax):
    return [text.get_text() for text in ax.texts]


def test_the_likeliest_answer_stands_on_top_and_out():
    bars, page = reply_figure(Reply("is it so ?", {"yes": 0.25, "$n$": 0.75}, "well , yes")).axes
    assert texts_of(bars) == ["$n$  0.75", "yes  0.25"]
    assert [patch.get_width() for patch in bars.patches] == [0.75, 0.25]
    reds = [same_color(patch.get_facecolor()[:3], VERMILION) for patch in bars.patches]
    assert reds == [True, False]
    assert texts_of(page) == ["is it so ?", "→ well , yes"]


def test_without_choices_there_is_only_the_page():
    (page,) = reply_figure(Reply("say this", {}, "well")).axes
    assert texts_of(page) == ["say this", "→ well"]


def test_of_a_long_prompt_the_end_is_seen():
    prompt = "\n".join(["word " * 30 + str(i) for i in range(20)])
    page = reply_figure(Reply(prompt, {"a": 1.0}, "b")).axes[1]
    lines = texts_of(page)[0].splitlines()
    assert lines[0] == "…"
    assert lines[-1].endswith("19")
    assert len(lines) == 14
    assert max(map(len, lines)) <= 52


def test_every_choice_asks_the_model_once():
    model = Model()
    bench = PromptBench(model, TASKS)
    assert model.asked == [("reviews", "{text} stars :", 0, "good soup .")]
    bench.shots.value = 3
    assert model.asked[-1] == ("reviews", "{text} stars :", 3, "good soup .")
    bench.wording.value = "how many stars ? {text}"
    bench.box.value = "cold soup ."
    assert model.asked[-1] == ("reviews", "how many stars ? {text}", 3, "cold soup .")
    assert len(model.asked) == 4
    assert texts_of(bench.figure.axes[1])[1] == "→ answer 4"
    assert bench.image.value == png(bench.figure)


def test_another_task_brings_its_own_wordings_shots_and_text():
    model = Model()
    bench = PromptBench(model, TASKS)
    bench.shots.value = 4
    bench.task.value = "topics"
    assert model.asked[-1] == ("topics", "{text} topic :", 2, "nina swam .")
    assert len(model.asked) == 3
    assert list(bench.wording.options) == ["{text} topic :"]


def test_what_cannot_be_asked_is_said_and_the_picture_stays():
    bench = PromptBench(Model(), TASKS)
    before = bench.image.value
    bench.box.value = "  "
    assert bench.message.value == "nothing to &lt;answer&gt;"
    assert bench.image.value == before
    bench.box.value = "bad soup ."
    assert bench.message.value == ""
    assert bench.image.value != before
    with pytest.raises(ValueError, match="no tasks"):
        PromptBench(Model(), {})


def test_it_carries_a_picture_for_pages_without_a_kernel(monkeypatch):
    bench = PromptBench(Model(), TASKS)
    bundle = bench._repr_mimebundle_()
    assert bundle[VIEW]["model_id"] == bench.model_id
    assert base64.b64decode(bundle["image/png"]) == png(bench.figure)
    assert bundle["text/plain"] == "reviews, 0: good soup ."
    monkeypatch.setenv("COURSE_STATIC", "1")
    assert set(bench._repr_mimebundle_()) == {"image/png", "text/plain"}

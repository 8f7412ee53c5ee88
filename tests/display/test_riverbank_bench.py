"""The bench of Riverbank's tasks: typed text becomes the model's words, shots stand before it."""

import pytest
import torch

from course_lib.data import riverbank
from course_lib.data.riverbank.tasks.prompting import LINE, pools_of, prompting_vocabulary
from course_lib.display.riverbank_bench import choices_of, drawn_shots, one_field, riverbank_bench
from course_lib.inference.prompting import Prompted
from course_lib.models.config import TransformerConfig
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.vocab import Vocab

TEXTS = {"reviews": "The soup was good.", "headlines": "Nina swam.", "topics": "Nina swam."}


@pytest.fixture(scope="module")
def pools():
    return pools_of(riverbank.load("dev")[:20], seed=0)


@pytest.fixture(scope="module")
def prompted():
    vocab = Vocab(prompting_vocabulary())
    cfg = TransformerConfig(vocab_size=len(vocab), context_length=256, d_model=8, n_heads=2)
    return Prompted(ShiftedGPT(cfg, rng=torch.Generator().manual_seed(0)).eval(), vocab, LINE)


def test_the_reply_is_that_of_the_model(prompted, pools):
    bench = riverbank_bench(prompted, pools, TEXTS)
    reply = bench.ask("reviews", "review : {review} stars :", 0, "The soup was good.")
    assert reply.prompt == "review : the soup was good . stars :"
    assert list(reply.scores) == list("12345")
    assert sum(reply.scores.values()) == pytest.approx(1)
    words = tuple(reply.prompt.split())
    nats = prompted.answer_log_probs([words], [tuple(c) for c in "12345"])[0]
    torch.testing.assert_close(list(reply.scores.values()), nats.softmax(dim=0).tolist())


def test_shots_stand_before_the_question_and_stay_when_more_come(prompted, pools):
    bench = riverbank_bench(prompted, pools, TEXTS)
    one, two = (
        bench.ask("reviews", "{review} stars from 1 to 5 :", n, "Good.").prompt.splitlines()
        for n in (1, 2)
    )
    assert one[0] == two[0]
    assert one[-1] == two[-1] == "good . stars from 1 to 5 :"
    assert [line.split()[-2] for line in two[:2]] == [":", ":"]
    assert all(line.split()[-1] in "12345" for line in two[:2])
    assert drawn_shots(pools["reviews"], 2, 0) != drawn_shots(pools["reviews"], 2, 1)


def test_long_answers_are_written_and_not_compared(prompted, pools):
    bench = riverbank_bench(prompted, pools, TEXTS)
    assert bench.ask("headlines", "story : {passage} headline :", 0, "Nina swam.").scores == {}
    found = {label for _parts, label in pools["topics"]}
    assert {c for (c,) in choices_of(pools["topics"], one_field("topics")[0])} == found


def test_what_cannot_be_asked_is_said(prompted, pools):
    bench = riverbank_bench(prompted, pools, TEXTS)
    bench.box.value = " "
    assert bench.message.value == "there is no text to ask about"
    bench.box.value = "the soup was good . " * 60
    assert "tokens" in bench.message.value
    with pytest.raises(ValueError, match="one field"):
        riverbank_bench(prompted, pools, {"entailment": ""})

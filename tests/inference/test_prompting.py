"""Prompts and their answers: against the chain rule by hand, and one prompt at a time."""

import pytest
import torch
from torch import Tensor

from course_lib.errors import CourseError
from course_lib.inference.constrained import Constrained, Grammar, one_of
from course_lib.inference.prompting import (
    Prompted,
    Template,
    best_choices,
    calibrate,
    content_free,
    few_shot,
    score_answers,
)
from course_lib.models.config import TransformerConfig
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_smoothing import KneserNey
from course_lib.models.shifted_gpt import ShiftedGPT
from course_lib.text.vocab import Vocab

VOCAB = Vocab(["<line>", "ant", "bee", "cat", "dog", "yes", "no", "topic", ":"])
PROMPTS = [("ant", "bee", ":"), ("cat",), (), ("dog", "dog", "ant", "bee", "topic", ":")]
CHOICES = [("yes",), ("no", "cat", "dog"), ("no",), ("bee", "bee")]


def gpt(context_length: int = 14) -> ShiftedGPT:
    rng = torch.Generator().manual_seed(1)
    sizes = {"d_model": 12, "n_heads": 2, "n_layers": 2, "context_length": context_length}
    model = ShiftedGPT(TransformerConfig(vocab_size=len(VOCAB), **sizes))
    for weight in model.parameters():
        torch.nn.init.normal_(weight, std=0.5, generator=rng)
    return model.double()


def trigram() -> NGramModel:
    rng = torch.Generator().manual_seed(0)
    texts = [torch.randint(4, len(VOCAB), (9,), generator=rng) for _ in range(40)]
    return NGramModel(3, KneserNey()).fit(texts, len(VOCAB))


def by_hand(model, prompt, choice) -> float:
    """log p of each token of the choice and of the end, each after the whole text before it."""
    ids, total = [2, *VOCAB.encode(prompt).tolist()], 0.0
    for token in [*VOCAB.encode(choice).tolist(), VOCAB.ids["<line>"]]:
        total += model.next_logits(torch.tensor([ids])).double().log_softmax(-1)[0, token].item()
        ids.append(token)
    return total


@pytest.mark.parametrize("make", [gpt, trigram])
def test_scores_are_the_chain_rule(make):
    model = make()
    found = score_answers(Prompted(model, VOCAB, "<line>"), PROMPTS, CHOICES)
    wanted = [[by_hand(model, prompt, choice) for choice in CHOICES] for prompt in PROMPTS]
    torch.testing.assert_close(found, torch.tensor(wanted).double())
    assert found.dtype == torch.float64


def test_scores_by_length_and_against_a_prior():
    prompted = Prompted(gpt(), VOCAB, "<line>")
    plain = score_answers(prompted, PROMPTS, CHOICES)
    lengths = torch.tensor([2, 4, 2, 3])
    torch.testing.assert_close(score_answers(prompted, PROMPTS, CHOICES, True), plain / lengths)
    one, two = plain[1], plain[2]
    found = score_answers(prompted, PROMPTS, CHOICES, prior=[("cat",)])
    torch.testing.assert_close(found, plain - one)
    mean = ((one.exp() + two.exp()) / 2).log()
    found = score_answers(prompted, PROMPTS, CHOICES, prior=[("cat",), ()])
    torch.testing.assert_close(found, plain - mean)
    torch.testing.assert_close(calibrate(plain, torch.stack([one, two])), found)


def test_a_prior_undoes_a_bias_of_the_model():
    """Whatever is added to an answer's logit everywhere, the corrected choice stays the same."""
    model, one_word = gpt(), [("yes",), ("no",), ("bee",)]

    class Biased:
        """Prefers "no" by `bias`, and always ends after one word of an answer."""

        def __init__(self, bias: float) -> None:
            self.bias = bias

        def next_logits(self, ids: Tensor) -> Tensor:
            logits = model.next_logits(ids)
            logits[:, VOCAB.ids["no"]] += self.bias
            answered = torch.isin(ids[:, -1], VOCAB.encode(w for word in one_word for w in word))
            logits[answered, VOCAB.ids["<line>"]] = 1e6
            return logits

    def chosen(bias: float, prior):
        prompted = Prompted(Biased(bias), VOCAB, "<line>")
        return best_choices(score_answers(prompted, PROMPTS, one_word, prior=prior), one_word)

    prior = [("topic", ":")]
    assert chosen(30, None) == [("no",)] * 4 != chosen(0, None)
    assert chosen(30, prior) == chosen(0, prior)
    assert len(set(chosen(30, prior))) > 1


def test_the_best_choice_is_the_one_with_the_highest_score():
    scores = torch.tensor([[0.0, -1.0, -2.0, -3.0], [-5.0, -4.0, -1.0, -2.0]])
    assert best_choices(scores, CHOICES) == [("yes",), ("no",)]


def test_answers_are_those_of_each_prompt_alone_in_the_order_given():
    prompted = Prompted(gpt(), VOCAB, "<line>")
    prompts = [PROMPTS[i % 4] for i in range(70)]
    answers = prompted.answer(prompts, n_new=6)
    alone = [prompted.answer([prompt], n_new=6)[0] for prompt in PROMPTS]
    assert answers == [alone[i % 4] for i in range(70)]
    assert len(set(alone)) > 1


def test_an_answer_ends_at_its_end_mark():
    class Speaker:
        """Says what it was told, whatever it has read."""

        def __init__(self, said: list[str]) -> None:
            self.said = VOCAB.encode(said)

        def next_logits(self, ids: Tensor) -> Tensor:
            logits = torch.zeros(len(ids), len(VOCAB))
            logits[:, self.said[ids.size(1) - 2]] = 1
            return logits

    for said in (["cat", "dog", "<line>", "ant"], ["cat", "dog", "</s>", "ant"]):
        assert Prompted(Speaker(said), VOCAB, "<line>").answer([("ant",)], 4) == [("cat", "dog")]
    assert Prompted(Speaker(["cat"] * 4), VOCAB, "<line>").answer([("ant",)], 3) == [("cat",) * 3]


def test_a_grammar_holds_for_every_prompt():
    grammar = Grammar(one_of(["yes", "no cat"]), VOCAB, "<line>")
    prompts = [PROMPTS[i % 4] for i in range(70)]
    prompted = Prompted(gpt(), VOCAB, "<line>")
    answers = prompted.answer(prompts, 3, lambda: Constrained(grammar))
    assert set(answers) <= {("yes",), ("no", "cat")}


def test_what_does_not_fit_is_refused_with_the_number_that_does():
    prompted = Prompted(gpt(context_length=10), VOCAB, "<line>")
    prompted.answer([("ant",) * 5], n_new=4)
    with pytest.raises(CourseError, match="6 tokens; the model reads 10, which leaves 5"):
        prompted.answer([("ant",), ("ant",) * 6], n_new=4)
    score_answers(prompted, [("ant",) * 7], [("yes",), ("no",)])
    with pytest.raises(CourseError, match="leaves 5"):
        score_answers(prompted, [("ant",) * 7], CHOICES)


def test_unknown_words_are_named_and_read_as_unknown():
    prompted = Prompted(gpt(), VOCAB, "<line>")
    assert prompted.unknown(["ant", "emu", "yes", "emu", "yak"]) == ["emu", "yak"]
    same = score_answers(prompted, [("emu",), ("<unk>",)], CHOICES)
    assert same[0].equal(same[1])


def test_nothing_to_score_is_refused():
    prompted = Prompted(gpt(), VOCAB, "<line>")
    for prompts, choices, prior in (
        ([], CHOICES, None),
        (PROMPTS, [], None),
        (PROMPTS, CHOICES, []),
    ):
        with pytest.raises(ValueError, match="at least one"):
            score_answers(prompted, prompts, choices, prior=prior)
    with pytest.raises(ValueError, match="end mark"):
        Prompted(gpt(), VOCAB, "<stop>")
    assert prompted.answer([]) == []


def test_a_template_is_filled():
    template = Template("first : {one} second : {two} {one} :")
    assert template.fields == ("one", "two")
    filled = template.fill(one="an ant", two=["a", "bee"])
    assert " ".join(filled) == "first : an ant second : a bee an ant :"
    assert Template("say : {text}").fill(text="") == ("say", ":")


def test_a_template_with_a_missing_or_foreign_field_is_refused():
    with pytest.raises(CourseError, match="needs 'two', which is not given"):
        Template("{one} {two}").fill(one="x")
    with pytest.raises(CourseError, match="no field 'three'; it has: one, two"):
        Template("{one} {two}").fill(one="x", two="y", three="z")


def test_braces_in_a_part_are_words():
    assert Template("say {text}").fill(text="{one} {text}") == ("say", "{one}", "{text}")


def test_few_shots_come_before_what_is_asked():
    examples = [(("ant", ":"), ("yes",)), (("cat",), ("no", "dog"))]
    words = "ant : yes <line> cat no dog <line> bee :"
    assert few_shot(examples, ("bee", ":"), "<line>") == tuple(words.split())
    assert few_shot([], ("bee",), "<line>") == ("bee",)


def test_a_prompt_that_says_nothing():
    template = Template("topic : {one} {two} :")
    assert content_free(template) == [("topic", ":", ":")]
    found = content_free(template, [{"one": "dog"}, {}])
    assert found == [("topic", ":", "dog", ":"), ("topic", ":", ":")]

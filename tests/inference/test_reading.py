import pytest
import torch
from torch import Tensor

from course_lib.inference.beam import beam_search
from course_lib.inference.decoding import generate, greedy, sample
from course_lib.inference.reading import Reader, pad_left
from course_lib.models.hmm import HMM
from course_lib.models.language_model import ReadingModel
from course_lib.models.ngram import NGramModel
from course_lib.models.ngram_smoothing import KneserNey
from course_lib.text.vocab import Vocab

from .hugging_face import Forgetful, Remembering, prompts, random_gpt2

UNEQUAL = prompts(0, [3, 0, 7, 3])


def language_models() -> dict:
    rng = torch.Generator().manual_seed(0)
    texts = [torch.randint(4, 23, (n,), generator=rng) for n in range(1, 40)]
    hmm = HMM(3, 23)
    hmm.fit(texts, 3, rng)
    return {
        "trigram": NGramModel(3, KneserNey()).fit(texts, 23),
        "hmm": hmm,
        "gpt2": Remembering(random_gpt2(0)),
        "gpt2 without its memory": Forgetful(Remembering(random_gpt2(0))),
    }


def test_padding_stands_on_the_left():
    rows = [torch.tensor([2, 7]), torch.tensor([2]), torch.tensor([2, 8, 9])]
    assert pad_left(rows).tolist() == [[0, 2, 7], [0, 0, 2], [2, 8, 9]]


@pytest.mark.parametrize("name", language_models())
def test_prompts_of_unequal_length_are_continued_as_each_alone(name: str):
    model = language_models()[name]
    together = generate(model, pad_left(UNEQUAL), 9, greedy, Vocab.end_id)[:, 8:]
    beams = beam_search(model, pad_left(UNEQUAL), 9, 3, Vocab.end_id)
    for row, new, found in zip(UNEQUAL, together, beams, strict=True):
        alone = generate(model, row[None], 9, greedy, Vocab.end_id)[0, len(row) :]
        assert new[: len(alone)].equal(alone)
        assert (new[len(alone) :] == Vocab.pad_id).all()
        best = beam_search(model, row[None], 9, 3, Vocab.end_id)[0]
        assert [h.ids.tolist() for h in found] == [h.ids.tolist() for h in best]
        assert [h.score for h in found] == pytest.approx([h.score for h in best], abs=1e-5)


@pytest.mark.parametrize("n_new", [5, 40])  # 40: far beyond the context of 24
def test_with_and_without_memory_the_text_is_the_same(n_new: int):
    model = Remembering(random_gpt2(1))
    assert isinstance(model, ReadingModel)
    assert not isinstance(Forgetful(model), ReadingModel)
    for ids in (pad_left(UNEQUAL), torch.full((2, 1), 2), pad_left(prompts(3, [30, 4]))):
        for choose in (greedy, sample):
            torch.manual_seed(0)
            cached = generate(model, ids, n_new, choose)
            torch.manual_seed(0)
            assert generate(Forgetful(model), ids, n_new, choose).equal(cached)
        cached, again = (beam_search(m, ids, n_new, 3) for m in (model, Forgetful(model)))
        assert [[h.ids.tolist() for h in found] for found in cached] == [
            [h.ids.tolist() for h in found] for found in again
        ]


def test_a_model_with_a_memory_reads_each_token_once():
    model = Remembering(random_gpt2(0))
    generate(model, pad_left(UNEQUAL), 17, greedy)  # up to the last place of the context
    assert model.n_read == 4 * (8 + 16)  # what nothing follows is not read
    model.n_read = 0
    generate(Forgetful(model), pad_left(UNEQUAL), 10, greedy)
    assert model.n_read == sum(sum(range(len(row), len(row) + 10)) for row in UNEQUAL)
    model.n_read = 0
    beam_search(model, pad_left(UNEQUAL), 10, n_beams=3)
    assert model.n_read == 4 * (8 + 3 * 9)  # a prompt is read once for all its beams


def test_beyond_the_context_the_last_tokens_count():
    model = Remembering(random_gpt2(2))
    ids = pad_left(prompts(2, [23, 10]))  # as long as the context, to the token
    reader = Reader(model, ids)
    for _ in range(3):
        reader.append(torch.tensor([[5], [6]]))
    expected = model.next_logits(
        torch.cat([ids, torch.tensor([[5], [6]]).repeat(1, 3)], 1)[:, -24:]
    )
    torch.testing.assert_close(reader.logits, expected)
    alone = Reader(model, torch.cat([prompts(2, [23, 10])[1], torch.tensor([6, 6, 6])])[None])
    torch.testing.assert_close(reader.logits[1:], alone.logits)


def test_rows_can_be_chosen_repeated_and_put_into_another_order():
    model = Remembering(random_gpt2(0))
    tokens, index = torch.tensor([[4], [5], [6], [7], [8]]), torch.tensor([3, 0, 0, 2, 1])
    for either in (model, Forgetful(model)):
        reader = Reader(either, pad_left(UNEQUAL))
        before = reader.logits
        reader.select(index)
        assert reader.logits.equal(before[index])
        reader.append(tokens)
        fresh = Reader(model, torch.cat([pad_left(UNEQUAL)[index], tokens], dim=1))
        torch.testing.assert_close(reader.logits, fresh.logits)


@pytest.mark.parametrize("ids", [torch.zeros(2, 0, dtype=torch.long), torch.tensor([2, 5])])
def test_a_prompt_needs_rows_and_tokens(ids: Tensor):
    with pytest.raises(ValueError, match="T >= 1"):
        generate(Remembering(random_gpt2(0)), ids, 3, greedy)


class Count:
    """A reading model that notes what it is given; always predicts the end."""

    context_length = None

    def __init__(self) -> None:
        self.given: list[Tensor] = []

    def read(self, ids: Tensor, state: "Count | None" = None) -> tuple[Tensor, "Count"]:
        self.given.append(ids)
        return torch.nn.functional.one_hot(ids[:, -1] + 1, 9).float(), self

    def rows(self, _index: Tensor) -> "Count":
        return self

    def next_logits(self, ids: Tensor) -> Tensor:
        return self.read(ids)[0]

    def log_probs(self, texts: list[Tensor]) -> list[Tensor]:
        raise NotImplementedError


def test_without_a_limit_no_window_slides():
    model = Count()
    generate(model, torch.full((1, 1), 2), 5, greedy)
    assert [ids.tolist() for ids in model.given] == [[[2]], [[3]], [[4]], [[5]], [[6]]]


def test_a_row_that_has_ended_never_shows_padding_to_the_model():
    model = Count()
    generate(model, torch.tensor([[2], [4]]), 4, lambda z: greedy(z) % 8, end_id=5)
    assert [ids.tolist() for ids in model.given] == [[[2], [4]], [[3], [5]], [[4], [5]]]


def test_the_seed_fixes_the_text_on_one_thread_and_on_two():
    model, ids = Remembering(random_gpt2(0)), pad_left(UNEQUAL)
    before, texts = torch.get_num_threads(), []
    try:
        for n_threads in (1, 2, 1):
            torch.set_num_threads(n_threads)
            rng = torch.Generator().manual_seed(7)
            texts.append(generate(model, ids, 15, lambda z, rng=rng: sample(z, rng)))
    finally:
        torch.set_num_threads(before)
    assert texts[0].equal(texts[1])
    assert texts[0].equal(texts[2])

"""The references of lecture 15 equal what `transformers` itself does, or values worked by hand."""

import math
import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch
import torch.nn.functional as F
from tokenizers import Tokenizer
from tokenizers.models import WordLevel
from tokenizers.pre_tokenizers import WhitespaceSplit
from transformers import PreTrainedTokenizerFast
from transformers.pipelines.fill_mask import FillMaskPipeline
from transformers.pipelines.token_classification import (
    AggregationStrategy,
    TokenClassificationPipeline,
)

from course_lib.classroom.exercises.hugging_face.fills import top_fills
from course_lib.classroom.exercises.hugging_face.masks import attention_mask
from course_lib.classroom.exercises.hugging_face.names import group_names
from course_lib.classroom.exercises.hugging_face.parting import where_they_part
from course_lib.classroom.exercises.hugging_face.similar import similarities

LABELS = ["O", "B-PERSON", "I-PERSON", "B-PLACE", "I-PLACE"]


def library_tokenizer() -> PreTrainedTokenizerFast:
    """A tokenizer of `transformers` with one id for each word."""
    words = ["[PAD]", "[MASK]", "river", "bank", "boat", "to", "the"]
    model = WordLevel({word: i for i, word in enumerate(words)}, unk_token="[PAD]")
    backend = Tokenizer(model)
    backend.pre_tokenizer = WhitespaceSplit()
    return PreTrainedTokenizerFast(tokenizer_object=backend, pad_token="[PAD]", mask_token="[MASK]")


@pytest.mark.parametrize("seed", range(5))
def test_masks_as_the_tokenizer_makes_them(seed: int):
    rng = random.Random(seed)
    lengths = [rng.randint(1, 6) for _text in range(rng.randint(2, 5))]
    texts = [" ".join(rng.choices(["river", "boat", "the"], k=n)) for n in lengths]
    batch = library_tokenizer()(texts, padding=True)
    assert attention_mask(lengths) == batch["attention_mask"]


@pytest.mark.parametrize("seed", range(5))
def test_fills_as_the_pipeline_makes_them(seed: int):
    torch.manual_seed(seed)
    tokenizer = library_tokenizer()
    ids = torch.tensor([[5, 1, 6, 1, 2]])
    logits = torch.randn(1, 5, len(tokenizer))
    pipe = FillMaskPipeline.__new__(FillMaskPipeline)  # only its last step is wanted: no model
    pipe.tokenizer = tokenizer
    theirs = pipe.postprocess({"input_ids": ids, "logits": logits}, top_k=3)
    pieces = tokenizer.convert_ids_to_tokens(range(len(tokenizer)))
    ours = top_fills(ids[0].tolist(), logits[0].tolist(), 1, pieces, 3)
    assert [[piece for piece, _p in row] for row in ours] == [
        [fill["token_str"] for fill in row] for row in theirs
    ]
    for row, expected in zip(ours, theirs, strict=True):
        assert [p for _piece, p in row] == pytest.approx([fill["score"] for fill in expected])


def entities_of_the_library(labels, scores, spans, goes_on):
    """What the pipeline makes of pieces with the strategy "first", without the O."""
    rows = np.full((len(labels), len(LABELS)), 0.01)
    pipe = TokenClassificationPipeline.__new__(TokenClassificationPipeline)
    pipe.model = SimpleNamespace(config=SimpleNamespace(id2label=dict(enumerate(LABELS))))
    pipe.tokenizer = SimpleNamespace(convert_tokens_to_string=" ".join)
    pieces = []
    for i, (label, score, span, sub) in enumerate(zip(labels, scores, spans, goes_on, strict=True)):
        rows[i, LABELS.index(label)] = score
        start, end = span
        place = {"word": "x", "start": start, "end": end, "index": i, "is_subword": sub}
        pieces.append({"scores": rows[i], **place})
    groups = pipe.aggregate(pieces, AggregationStrategy.FIRST)
    return [
        (g["entity_group"], pytest.approx(g["score"]), g["start"], g["end"])
        for g in groups
        if g["entity_group"] != "O"
    ]


@pytest.mark.parametrize("seed", range(30))
def test_names_as_the_pipeline_groups_them(seed: int):
    rng = random.Random(seed)
    n = rng.randint(1, 12)
    labels = rng.choices(LABELS, k=n)
    scores = [rng.uniform(0.3, 0.99) for _piece in labels]
    spans = [(10 * i, 10 * i + rng.randint(1, 9)) for i in range(n)]
    goes_on = [False, *(rng.random() < 0.3 for _piece in labels[1:])]
    tokens = [
        (label, score, *span, sub)
        for label, score, span, sub in zip(labels, scores, spans, goes_on, strict=True)
    ]
    assert group_names(tokens) == entities_of_the_library(labels, scores, spans, goes_on)


@pytest.mark.parametrize("seed", range(5))
def test_similarities_are_cosines_of_the_texts_alone(seed: int):
    torch.manual_seed(seed)
    texts = [torch.randn(n, 4, dtype=torch.float64) for n in (1, 3, 5)]
    vectors = torch.full((3, 5, 4), 7.0, dtype=torch.float64)  # 7: what stands at padding
    for row, text in enumerate(texts):
        vectors[row, : len(text)] = text
    mask = torch.tensor(attention_mask([1, 3, 5]))
    expected = [
        [float(F.cosine_similarity(a.mean(0), b.mean(0), dim=0)) for b in texts] for a in texts
    ]
    torch.testing.assert_close(similarities(vectors, mask), torch.tensor(expected).double())


def test_parting_worked_by_hand():
    ours = [torch.zeros(2, 2, 3) for _layer in range(3)]
    theirs = [layer.clone() for layer in ours]
    mask = torch.tensor([[1, 1], [1, 0]])
    theirs[0][1, 1] = 5  # padding
    assert where_they_part(ours, theirs, mask, 1e-3) == (-1, 0.0)
    theirs[2][0, 1, 0] = -0.5
    assert where_they_part(ours, theirs, mask, 1e-3) == (2, 0.5)
    assert where_they_part(ours, theirs, mask, 0.6) == (-1, 0.0)
    theirs[1][0, 0, 0] = math.nan
    assert where_they_part(ours, theirs, mask, 1e-3) == (1, math.inf)

"""A small encoder, and texts whose answer can be seen in them, for tests of fine-tuning."""

import torch

from course_lib.data.task_batches import Example
from course_lib.models.config import TransformerConfig
from course_lib.models.modern_bert import ModernBERT
from course_lib.text.encoding import Encoding, word_encoding
from course_lib.text.marks import MARKS
from course_lib.text.task_inputs import sentence_input
from course_lib.text.vocab import Vocab

WORDS = [f"w{n}" for n in range(8)]
VOCAB = Vocab([*MARKS, *WORDS])  # w0 is id 7


def encoding(max_length: int = 16) -> Encoding:
    return word_encoding(VOCAB, max_length)


def seeded(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


def encoder(context_length: int = 16, seed: int = 0) -> ModernBERT:
    cfg = TransformerConfig(
        vocab_size=len(VOCAB),
        context_length=context_length,
        d_model=32,
        n_heads=2,
        n_layers=2,
        d_ff=64,
        dropout=0.0,
    )
    return ModernBERT(cfg, rng=seeded(seed))


def sentences(n: int, seed: int) -> list[list[str]]:
    """Random words, 2 to 10 of them."""
    rng = seeded(seed)
    lengths = torch.randint(2, 11, (n,), generator=rng).tolist()
    return [[WORDS[i] for i in torch.randint(8, (k,), generator=rng).tolist()] for k in lengths]


def examples(texts: list[list[str]], targets: list[torch.Tensor]) -> list[Example]:
    marks, most = encoding().marks, encoding().max_length
    read = [sentence_input(VOCAB.encode(words), None, marks, most) for words in texts]
    return [Example(r.ids, r.segment_ids, t) for r, t in zip(read, targets, strict=True)]

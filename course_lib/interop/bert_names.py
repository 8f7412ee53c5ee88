"""What a BERT's weights are called in the course, and what in `transformers`."""

import re
from collections.abc import Mapping

# Where the modules of ours are in theirs: outside the blocks, in a block, and in each kind of head.
OUTSIDE = {
    "tokens": "bert.embeddings.word_embeddings",
    "positions": "bert.embeddings.position_embeddings",
    "segments": "bert.embeddings.token_type_embeddings",
    "norm": "bert.embeddings.LayerNorm",
    "pooler": "bert.pooler.dense",
}
BLOCK = {
    "attention.w_q": "attention.self.query",
    "attention.w_k": "attention.self.key",
    "attention.w_v": "attention.self.value",
    "attention.w_o": "attention.output.dense",
    "norm_1": "attention.output.LayerNorm",
    "mlp.0": "intermediate.dense",
    "mlp.2": "output.dense",
    "norm_2": "output.LayerNorm",
}
PRETRAINING = {
    "dense": "cls.predictions.transform.dense",
    "norm": "cls.predictions.transform.LayerNorm",
    "next_sentence": "cls.seq_relationship",
}
POOLER = "bert.pooler."
OUTPUT_BIAS = "cls.predictions.bias"
# Not weights of their own: the token table and the bias once more, and numbers 0, 1, 2, ...
COPIES = {
    "cls.predictions.decoder.weight": "bert.embeddings.word_embeddings.weight",
    "cls.predictions.decoder.bias": OUTPUT_BIAS,
}
POSITION_IDS = "bert.embeddings.position_ids"


def their_name(name: str, head: Mapping[str, str]) -> str:
    """What `transformers` calls a weight of a model that holds its BERT as `encoder`."""
    module, _dot, part = name.rpartition(".")
    if name == "output_bias":
        return OUTPUT_BIAS
    if not name.startswith("encoder."):
        return f"{head[module]}.{part}"
    inside = module.removeprefix("encoder.")
    block = re.fullmatch(r"blocks\.(\d+)\.(.+)", inside)
    if block:
        return f"bert.encoder.layer.{block[1]}.{BLOCK[block[2]]}.{part}"
    return f"{OUTSIDE[inside]}.{part}"

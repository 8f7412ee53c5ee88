"""The weights of GPT-1 and GPT-2 under the names and in the shapes of `transformers`.

The same numbers lie there under other names and in other shapes: that library multiplies x @ W
where torch.nn.Linear multiplies x @ W.T, so its matrices are transposed, and the matrices of query,
key and value stand side by side in one (D, 3 D) matrix, `c_attn`.
"""

import re
from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

MATRICES = {"attention.w_o": "attn.c_proj", "mlp.0": "mlp.c_fc", "mlp.2": "mlp.c_proj"}
# Not weights: the causal mask, which old versions wrote into the file.
MASKS = re.compile(r"h\.\d+\.attn\.(masked_)?bias")


def to_their_names(
    ours: Mapping[str, Tensor], n_layers: int, outside: Mapping[str, str]
) -> dict[str, Tensor]:
    """All weights. outside: our name -> theirs, of what is outside the blocks."""
    theirs = {their_name: ours[our_name] for our_name, their_name in outside.items()}
    for our_name, their_name, is_matrix in _block_names(n_layers):
        tensor = ours[our_name]
        theirs[their_name] = tensor.T if is_matrix else tensor
    for i in range(n_layers):
        parts = [f"blocks.{i}.attention.w_{letter}" for letter in "qkv"]
        theirs[f"h.{i}.attn.c_attn.weight"] = torch.cat([ours[f"{p}.weight"].T for p in parts], 1)
        theirs[f"h.{i}.attn.c_attn.bias"] = torch.cat([ours[f"{p}.bias"] for p in parts])
    return theirs


def to_our_names(
    theirs: Mapping[str, Tensor], n_layers: int, outside: Mapping[str, str]
) -> dict[str, Tensor]:
    """Undoes `to_their_names`; in float32."""
    ours = {our_name: theirs[their_name] for our_name, their_name in outside.items()}
    for our_name, their_name, is_matrix in _block_names(n_layers):
        tensor = theirs[their_name]
        ours[our_name] = tensor.T if is_matrix else tensor
    for i in range(n_layers):
        weights = theirs[f"h.{i}.attn.c_attn.weight"].T.chunk(3)
        biases = theirs[f"h.{i}.attn.c_attn.bias"].chunk(3)
        for letter, weight, bias in zip("qkv", weights, biases, strict=True):
            ours[f"blocks.{i}.attention.w_{letter}.weight"] = weight
            ours[f"blocks.{i}.attention.w_{letter}.bias"] = bias
    return {name: tensor.float().contiguous() for name, tensor in ours.items()}


def without_copies(theirs: Mapping[str, Tensor], table: str) -> dict[str, Tensor]:
    """Without what is no weight: stored masks, and an output layer equal to the token table.

    A file may hold the two under the name of either.
    """
    found = {name: tensor for name, tensor in theirs.items() if not MASKS.fullmatch(name)}
    head = found.get("lm_head.weight")
    if head is not None and found.setdefault(table, head).equal(head):
        del found["lm_head.weight"]  # another one, untied, will be refused
    return found


def _block_names(n_layers: int) -> Iterator[tuple[str, str, bool]]:
    """Our name, their name, and whether to transpose, of all tensors but those of q, k and v."""
    for i in range(n_layers):
        for our_name, their_name in MATRICES.items():
            yield f"blocks.{i}.{our_name}.weight", f"h.{i}.{their_name}.weight", True
            yield f"blocks.{i}.{our_name}.bias", f"h.{i}.{their_name}.bias", False
        for number in (1, 2):
            for part in ("weight", "bias"):
                yield f"blocks.{i}.norm_{number}.{part}", f"h.{i}.ln_{number}.{part}", False

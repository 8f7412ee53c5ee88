"""Looking into a Transformer while it reads: what each layer makes of a text, and where it looks.

Works on every model of the course that is a stack of `blocks`, each with an `attention`.
"""

from typing import Any

import torch
from torch import Tensor, nn

from course_lib.models.attention import MultiHeadAttention, attention_weights, causal_mask
from course_lib.models.attention import split_heads as heads
from course_lib.models.modern_block import RotaryAttention
from course_lib.models.positions import turn


@torch.no_grad()
def layer_vectors(model: nn.Module, *inputs: Tensor) -> Tensor:
    """(L + 1, B, T, D): what goes into the first block, and what comes out of each of the L.

    `inputs` are those of `model.hidden`. The first layer's vectors know no neighbours: they are
    the embeddings.
    """
    seen: list[Tensor] = []

    def into_first(_block: nn.Module, args: tuple[Any, ...]) -> None:
        seen.append(args[0])

    def out_of(_block: nn.Module, _args: tuple[Any, ...], output: Tensor) -> None:
        seen.append(output)

    blocks = _blocks(model)
    hooks = [blocks[0].register_forward_pre_hook(into_first)]
    hooks += [block.register_forward_hook(out_of) for block in blocks]
    _read(model, inputs, hooks)
    return torch.stack(seen)


@torch.no_grad()
def attention_maps(model: nn.Module, *inputs: Tensor) -> Tensor:
    """(L, B, H, T, T): how much each token looks at each, in every layer and head.

    `inputs` are those of `model.hidden`; each row of a map sums to 1.
    """
    maps: list[Tensor] = []

    def look(
        layer: MultiHeadAttention | RotaryAttention, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> None:
        if isinstance(layer, RotaryAttention):
            maps.append(rotary_weights(layer, *args, **kwargs))
        else:
            kwargs.pop("cache", None)
            maps.append(layer.weights(*args, **kwargs))

    kinds = (MultiHeadAttention, RotaryAttention)
    layers = [m for block in _blocks(model) for m in block.modules() if isinstance(m, kinds)]
    hooks = [layer.register_forward_pre_hook(look, with_kwargs=True) for layer in layers]
    _read(model, inputs, hooks)
    return torch.stack(maps)


def rotary_weights(
    layer: RotaryAttention,
    x: Tensor,
    table: tuple[Tensor, Tensor],
    mask: Tensor | None = None,
    cache: None = None,
    causal: bool = True,
) -> Tensor:
    """What `RotaryAttention.forward` looks at: the same arguments -> (B, H, T, T)."""
    if cache is not None:
        raise ValueError("a map is made of a text that is read as a whole, without a cache")
    q, k = (turn(heads(w(x), layer.n_heads), *table) for w in (layer.w_q, layer.w_k))
    if causal:
        past = causal_mask(x.size(1), x.device)
        mask = past if mask is None else mask & past
    return attention_weights(q, k, mask)


def _blocks(model: nn.Module) -> nn.ModuleList:
    blocks = model.blocks
    if not isinstance(blocks, nn.ModuleList):
        raise ValueError(f"{type(model).__name__} is no stack of blocks")
    return blocks


def _read(model: nn.Module, inputs: tuple[Tensor, ...], hooks: list[Any]) -> None:
    """Let the model read, without dropout, then take the hooks off whatever happened."""
    was_training = model.training
    try:
        model.eval().hidden(*inputs)  # type: ignore[operator]
    finally:
        model.train(was_training)
        for hook in hooks:
            hook.remove()

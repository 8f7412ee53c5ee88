"""From a picture to a text: an encoder of pictures in front of the decoder of translation.

A picture is cut into small squares, and each square becomes a vector, as a word does. From there on
nothing is new. Source: Dosovitskiy et al. (2021) for the squares.
"""

import torch
from torch import Tensor, nn

from course_lib.models.config import TransformerConfig
from course_lib.models.encoder_decoder import Memory
from course_lib.models.modern_translator import ModernTranslator

COLOURS = 3  # red, green and blue
BRIGHTEST = 255


def patches(pictures: Tensor, size: int) -> Tensor:
    """Squares of `size` x `size` pixels, row by row: (B, 3, h, w) -> (B, N, 3 size size).

    N = (h / size) (w / size). Raises ValueError if the squares do not fit into the picture.
    """
    height, width = pictures.shape[-2:]
    if height % size or width % size:
        raise ValueError(f"{height} x {width} pixels cannot be cut into squares of {size}")
    squares = pictures.unfold(2, size, size).unfold(3, size, size)  # (B, 3, rows, columns, s, s)
    return squares.permute(0, 2, 3, 1, 4, 5).flatten(3).flatten(1, 2)


class Captioner(ModernTranslator):
    """Writes what a picture shows; the decoder looks at the squares through cross-attention.

    Args:
        cfg: sizes, as for `ModernTranslator`; the vocabulary is that of the captions.
        picture_size: height and width of all pictures, in pixels.
        patch_size: height and width of a square.
    """

    def __init__(
        self,
        cfg: TransformerConfig,
        rng: torch.Generator | None = None,
        picture_size: int = 24,
        patch_size: int = 4,
    ) -> None:
        super().__init__(cfg, rng)
        self.picture_size, self.patch_size = picture_size, patch_size
        n_patches, n_numbers = (picture_size // patch_size) ** 2, COLOURS * patch_size**2
        self.from_pixels = nn.Linear(n_numbers, cfg.d_model)
        self.places = nn.Parameter(torch.empty(n_patches, cfg.d_model))
        # Numbers about as large as those of the places, so that neither drowns the other.
        nn.init.normal_(self.from_pixels.weight, std=n_numbers**-0.5, generator=rng)
        nn.init.zeros_(self.from_pixels.bias)
        nn.init.normal_(self.places, generator=rng)

    def encode(self, pictures: Tensor) -> Memory:
        """(B, 3, h, w) pictures, brightness 0 to 255 -> Memory with a vector per square.

        Raises ValueError for pictures of another size.
        """
        wanted = (COLOURS, self.picture_size, self.picture_size)
        if tuple(pictures.shape[1:]) != wanted:
            raise ValueError(f"pictures (B, *{wanted}) are needed, not {tuple(pictures.shape)}")
        pixels = pictures.to(self.places.dtype) / BRIGHTEST * 2 - 1  # from -1 to 1
        x = self.drop(self.from_pixels(patches(pixels, self.patch_size)) + self.places)
        for block in self.encoder:
            x = block(x)
        return Memory(self.finish_encoder(x), None)

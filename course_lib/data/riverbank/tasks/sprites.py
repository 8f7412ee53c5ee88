"""Drawing: a sky, the river, and small shapes of three by five pixels."""

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

Pixels = NDArray[np.uint8]
Colour = tuple[int, int, int]  # red, green, blue
SIZE = 24
COLOURS = {
    "red": (220, 40, 40),
    "yellow": (240, 220, 60),
    "white": (250, 250, 250),
    "black": (20, 20, 20),
    "brown": (130, 80, 40),
}
# The row of the top, then the rows of a shape three pixels wide; # is drawn.
SPRITES = {
    "bird": (5, ("# #", " # ")),
    "kite": (4, (" # ", "###", " # ", " # ")),
    "house": (10, (" # ", "###", "###", "# #")),
    "tree": (9, (" # ", "###", "###", " # ", " # ")),
    "person": (10, (" # ", "###", " # ", "# #")),
    "boat": (17, (" # ", " ##", "###")),
    "fish": (20, ("# #", "###")),
}
SKY = {False: (150, 205, 250), True: (25, 25, 80)}  # by day and by night
LIGHT = {False: (255, 170, 0), True: (230, 230, 170)}  # the sun, the moon
GRASS, WATER, STONE = (90, 170, 80), (60, 110, 200), (150, 150, 150)
GRASS_ROW, WATER_ROW, BRIDGE_ROW = 14, 17, 15


def draw_scene(groups: Iterable[tuple[str, str, int, int]], night: bool, bridge: bool) -> Pixels:
    """(3, 24, 24) uint8 from groups of (thing, colour, how many, 0 for left or 1 for right)."""
    pixels = np.empty((3, SIZE, SIZE), np.uint8)
    paint(pixels, SKY[night], 0, SIZE, 0, SIZE)
    paint(pixels, GRASS, GRASS_ROW, SIZE, 0, SIZE)
    paint(pixels, WATER, WATER_ROW, SIZE, 0, SIZE)
    if night:
        paint(pixels, LIGHT[night], 1, 4, 11, 12)
        paint(pixels, LIGHT[night], 1, 2, 11, 13)
        paint(pixels, LIGHT[night], 3, 4, 11, 13)
    else:
        paint(pixels, LIGHT[night], 1, 4, 10, 13)
    if bridge:
        paint(pixels, STONE, BRIDGE_ROW, WATER_ROW, 0, SIZE)
    for thing, colour, number, right in groups:
        for place in range(number):
            stamp(pixels, thing, colour, column(place, right))
    return pixels


def column(place: int, right: int) -> int:
    """The left edge of the first, second or third thing of a side."""
    return 12 * right + 4 * place


def paint(
    pixels: Pixels, colour: tuple[int, int, int], top: int, low: int, left: int, right: int
) -> None:
    """Fill rows top to low, columns left to right (both ends open)."""
    pixels[:, top:low, left:right] = np.array(colour, np.uint8)[:, None, None]


def stamp(pixels: Pixels, thing: str, colour: str, left: int) -> None:
    """Draw one thing with its left edge in a column."""
    top, shape = SPRITES[thing]
    for row, line in enumerate(shape):
        for place, mark in enumerate(line):
            if mark == "#":
                pixels[:, top + row, left + place] = COLOURS[colour]

"""Decoding a picture: any common format becomes a square of red, green and blue.

What is drawn is what a viewer shows: turned as its EXIF says, its first frame if it moves, what is transparent over
white. A picture that is no square is scaled in both directions, so that nothing of it is lost. Colour profiles are not
applied.
"""

import struct
import zlib
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps, UnidentifiedImageError

# Not those that need other programs (EPS), nor rare ones: each is more code that meets unknown bytes.
FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "JPEG2000")
Image.init()  # or only some of them are known
# Wider times higher: 150 MB in red, green and blue. A file of a few kilobytes can announce far more.
MOST_PIXELS = 50_000_000
# What Pillow tells damage by: each of its formats has its own ways.
_DAMAGE = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    ArithmeticError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    MemoryError,
    struct.error,
    zlib.error,
    Image.DecompressionBombError,
    Image.DecompressionBombWarning,
)


def decode(path: str | Path, *, pixels: int) -> tuple[np.ndarray, tuple[int, int]]:
    """Decode a picture and scale it (bicubic).

    Parameters
    ----------
    path : str or Path
        In one of `FORMATS`, whatever its name ends in.
    pixels : int
        Of each side of the outcome.

    Returns
    -------
    np.ndarray [shape=(pixels, pixels, 3)], uint8
        Red, green, blue.
    (int, int), in pixels
        Width and height as drawn.

    Raises
    ------
    ValueError
        If it is no picture, is damaged or cut off, or has more than `MOST_PIXELS`. The message says why.
    """
    try:
        with Image.open(path, formats=FORMATS) as file:
            _refuse_bomb(file.size)
            drawn = _opaque(_turned(file))
    except UnidentifiedImageError:
        raise ValueError(f"not a picture that can be read{_what_else(path)}") from None
    except _DAMAGE as error:
        raise ValueError(str(error) or type(error).__name__) from error
    scaled = drawn.resize((pixels, pixels), Image.Resampling.BICUBIC)
    return np.array(scaled), drawn.size


def _refuse_bomb(size: tuple[int, int]) -> None:
    if size[0] * size[1] > MOST_PIXELS:
        raise ValueError(f"{size[0]} x {size[1]} pixels, more than {MOST_PIXELS}; make the picture smaller")


def _turned(picture: Image.Image) -> Image.Image:
    """Turn a picture as its EXIF says; where that is damaged, it stays as it is."""
    picture.load()
    try:
        return ImageOps.exif_transpose(picture)
    except _DAMAGE:
        return picture


def _opaque(picture: Image.Image) -> Image.Image:
    """Bring a picture of any mode to red, green and blue."""
    if picture.mode == "F":
        raise ValueError("fractions in the place of colours")
    if picture.mode.startswith("I"):  # grey of 16 bits, of which Pillow would cut off the upper half
        return Image.fromarray((np.clip(np.asarray(picture), 0, 65535) // 257).astype(np.uint8)).convert("RGB")
    if picture.has_transparency_data:
        above = picture.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", above.size, "white"), above).convert("RGB")
    return picture.convert("RGB")


def _what_else(path: str | Path) -> str:
    """Tell what a file is instead, where that is easily seen: web servers answer with pages."""
    with Path(path).open("rb") as file:
        begin = file.read(512).lstrip().lower()
    if not begin:
        return ": it is empty"
    return ": it is a web page (HTML)" if begin.startswith((b"<!doctype html", b"<html")) else ""

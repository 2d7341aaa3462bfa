"""Decoding pictures: colours known beforehand in every mode, and what is no picture."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from tartarus.features.pictures import decoding
from tartarus.features.pictures.decoding import decode

RED, GREEN, BLUE, WHITE = (255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 255)


def save(path: Path, picture: Image.Image, **options: object) -> Path:
    picture.save(path, **options)
    return path


def colours(path: Path, *, pixels: int = 8) -> np.ndarray:
    """Decode a picture, and give the colours of its four quarters: upper left and right, lower left and right."""
    found, _ = decode(path, pixels=pixels)
    assert found.shape == (pixels, pixels, 3)
    assert found.dtype == np.uint8
    near, far = pixels // 8, pixels - 1 - pixels // 8
    return found[[near, near, far, far], [near, far, near, far]]


def quarters(mode: str = "RGB") -> Image.Image:
    """Red and green above, blue and white below."""
    values = np.array([[RED, GREEN], [BLUE, WHITE]], dtype=np.uint8)
    return Image.fromarray(values.repeat(32, axis=0).repeat(32, axis=1)).convert(mode)


def test_every_format_is_known_to_the_library() -> None:
    assert set(decoding.FORMATS) <= set(Image.OPEN)


@pytest.mark.parametrize("name", ["c.png", "c.bmp", "c.gif", "c.tif", "c.webp", "c.jpg"])
def test_a_picture_is_the_same_in_every_format(tmp_path: Path, name: str) -> None:
    options = {"lossless": True} if name.endswith("webp") else {"quality": 100, "subsampling": 0}
    if not name.endswith(("webp", "jpg")):
        options = {}
    found = colours(save(tmp_path / name, quarters(), **options))
    np.testing.assert_allclose(found, [RED, GREEN, BLUE, WHITE], atol=3)


def test_a_picture_of_its_own_size_stays_as_it_is(tmp_path: Path) -> None:
    values = np.random.default_rng(1).integers(0, 256, (32, 32, 3), dtype=np.uint8)
    found, size = decode(save(tmp_path / "c.png", Image.fromarray(values)), pixels=32)
    np.testing.assert_array_equal(found, values)
    assert size == (32, 32)


def test_a_picture_that_is_no_square_is_scaled_whole(tmp_path: Path) -> None:
    path = save(tmp_path / "wide.png", quarters().resize((256, 64), Image.Resampling.NEAREST))
    np.testing.assert_array_equal(colours(path), [RED, GREEN, BLUE, WHITE])
    assert decode(path, pixels=8)[1] == (256, 64)


def test_a_scaled_picture_keeps_the_mean_of_what_it_covers(tmp_path: Path) -> None:
    values = np.random.default_rng(2).integers(0, 256, (64, 64, 3), dtype=np.uint8)
    found, _ = decode(save(tmp_path / "c.png", Image.fromarray(values)), pixels=1)
    np.testing.assert_allclose(found[0, 0], values.mean(axis=(0, 1)), atol=12)


# 1 as it is, 2 mirrored, 3 upside down, 6 to be turned clockwise, 8 against it.
@pytest.mark.parametrize(
    ("orientation", "seen"),
    [
        (1, [RED, GREEN, BLUE, WHITE]),
        (2, [GREEN, RED, WHITE, BLUE]),
        (3, [WHITE, BLUE, GREEN, RED]),
        (6, [BLUE, RED, WHITE, GREEN]),
        (8, [GREEN, WHITE, RED, BLUE]),
    ],
)
def test_exif_turns_a_picture(tmp_path: Path, orientation: int, seen: list[tuple[int, ...]]) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    path = save(tmp_path / "c.jpg", quarters(), quality=100, subsampling=0, exif=exif)
    np.testing.assert_allclose(colours(path), seen, atol=3)


def test_damaged_exif_turns_nothing(tmp_path: Path) -> None:
    path = save(tmp_path / "c.jpg", quarters(), quality=100, subsampling=0, exif=b"Exif\x00\x00MM\x00*\xff\xff\xff\xff")
    np.testing.assert_allclose(colours(path), [RED, GREEN, BLUE, WHITE], atol=3)


def test_colours_for_print_become_colours_of_light(tmp_path: Path) -> None:
    path = save(tmp_path / "c.jpg", quarters("CMYK"), quality=100)
    np.testing.assert_allclose(colours(path), [RED, GREEN, BLUE, WHITE], atol=6)


def test_a_palette_becomes_its_colours(tmp_path: Path) -> None:
    path = save(tmp_path / "c.png", quarters().quantize(8))
    np.testing.assert_array_equal(colours(path), [RED, GREEN, BLUE, WHITE])


def test_what_is_transparent_is_white(tmp_path: Path) -> None:
    picture = quarters("RGBA")
    picture.putalpha(Image.fromarray(np.repeat([0, 128], 32).astype(np.uint8)[None].repeat(64, axis=0)))
    found = colours(save(tmp_path / "c.png", picture))
    np.testing.assert_allclose(found, [WHITE, (127, 255, 127), WHITE, WHITE], atol=1)


def test_a_transparent_colour_of_a_palette_is_white(tmp_path: Path) -> None:
    picture = quarters().quantize(8)
    path = save(tmp_path / "c.png", picture, transparency=picture.getpixel((0, 0)))
    np.testing.assert_array_equal(colours(path), [WHITE, GREEN, BLUE, WHITE])


@pytest.mark.parametrize("name", ["c.png", "c.tif"])
def test_16_bits_become_8(tmp_path: Path, name: str) -> None:
    values = np.repeat(np.array([[0, 65535], [32896, 257]], dtype=np.uint16), 4, axis=0).repeat(4, axis=1)
    found = colours(save(tmp_path / name, Image.fromarray(values)))
    np.testing.assert_array_equal(found, [[0] * 3, [255] * 3, [128] * 3, [1] * 3])


def test_a_single_pixel_fills_the_square(tmp_path: Path) -> None:
    found, size = decode(save(tmp_path / "c.gif", Image.new("RGB", (1, 1), BLUE)), pixels=4)
    np.testing.assert_array_equal(found, np.full((4, 4, 3), BLUE))
    assert size == (1, 1)


@pytest.mark.parametrize("name", ["c.gif", "c.png", "c.webp"])
def test_of_a_moving_picture_the_first_frame_is_taken(tmp_path: Path, name: str) -> None:
    frames = [Image.new("RGB", (8, 8), colour) for colour in (RED, GREEN, BLUE)]
    path = save(tmp_path / name, frames[0], save_all=True, append_images=frames[1:])
    np.testing.assert_allclose(colours(path), [RED] * 4, atol=3)


# --- What is no picture ----------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def bomb(width: int, height: int) -> bytes:
    """Write a PNG of a few kilobytes that announces a large picture."""
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    body = zlib.compress(b"\0" * 100_000)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


@pytest.mark.filterwarnings("ignore::PIL.Image.DecompressionBombWarning")
@pytest.mark.parametrize("side", [8000, 10_000, 60_000, 2**31 - 1])
def test_a_bomb_is_refused_before_it_is_unpacked(tmp_path: Path, side: int) -> None:
    (tmp_path / "bomb.png").write_bytes(bomb(side, side))
    with pytest.raises(ValueError, match=r"pixels|bomb|large"):
        decode(tmp_path / "bomb.png", pixels=32)


def test_a_web_page_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "c.jpg").write_text("\n<!DOCTYPE html><html><body>404</body></html>", encoding="utf-8")
    with pytest.raises(ValueError, match="it is a web page"):
        decode(tmp_path / "c.jpg", pixels=32)


def test_an_empty_file_is_told_as_such(tmp_path: Path) -> None:
    (tmp_path / "c.jpg").touch()
    with pytest.raises(ValueError, match="it is empty"):
        decode(tmp_path / "c.jpg", pixels=32)


@pytest.mark.parametrize("name", ["c.jpg", "c.png", "c.webp", "c.tif", "c.bmp"])
def test_a_file_that_is_cut_off_is_no_picture(tmp_path: Path, name: str) -> None:
    noise = Image.fromarray(np.random.default_rng(3).integers(0, 256, (64, 64, 3), dtype=np.uint8))
    path = save(tmp_path / name, noise)
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    with pytest.raises(ValueError, match=r"\w"):
        decode(path, pixels=32)


def test_what_another_program_would_have_to_draw_is_not_opened(tmp_path: Path) -> None:
    drawn = io.BytesIO()
    quarters().save(drawn, "EPS")
    (tmp_path / "c.png").write_bytes(drawn.getvalue())
    with pytest.raises(ValueError, match="not a picture that can be read"):
        decode(tmp_path / "c.png", pixels=32)


def test_fractions_are_no_colours(tmp_path: Path) -> None:
    path = save(tmp_path / "c.tif", Image.fromarray(np.ones((4, 4), dtype=np.float32)))
    with pytest.raises(ValueError, match="fractions in the place of colours"):
        decode(path, pixels=4)

"""Telling a whole MP3 from one that was cut off."""

from pathlib import Path

import numpy as np
import pytest
import soundfile
from tartarus.features.sound.mpeg import follow

pytestmark = pytest.mark.skipif(
    "MP3" not in soundfile.available_formats(), reason="this libsndfile cannot write MP3; install one of 1.1 or later"
)


def encode(path: Path, *, rate: int = 44100, channels: int = 1, seconds: float = 0.3) -> bytes:
    """Make a real MP3 of a tone, and give its bytes."""
    tone = 0.3 * np.sin(2 * np.pi * 440 * np.arange(int(seconds * rate)) / rate)
    soundfile.write(path, np.tile(tone[:, None], channels), rate, format="MP3")
    return path.read_bytes()


def verdict(data: bytes) -> bool:
    frames = follow(data)
    return frames is not None and frames.is_cut_off


def id3(length: int) -> bytes:
    """Make an ID3v2 tag whose content is `length` bytes, full of what looks like the beginning of frames."""
    size = bytes(length >> shift & 0x7F for shift in (21, 14, 7, 0))
    return b"ID3\x04\x00\x00" + size + (b"\xff\xfb\x90\x64" * length)[:length]


# MPEG 1, 2 and 2.5.
@pytest.mark.parametrize("rate", [44100, 48000, 32000, 22050, 24000, 16000, 12000, 8000])
@pytest.mark.parametrize("channels", [1, 2])
def test_a_whole_file_is_whole_and_without_its_last_byte_it_is_not(tmp_path: Path, rate: int, channels: int) -> None:
    data = encode(tmp_path / "whole.mp3", rate=rate, channels=channels)
    assert not verdict(data)
    assert verdict(data[:-1])


def test_a_file_that_ends_anywhere_after_its_first_frame_is_cut_off(tmp_path: Path) -> None:
    # At the ends of frames too, for this encoder announces how many there are.
    data = encode(tmp_path / "whole.mp3")
    first = data.index(data[:2], 2)
    missed = [end for end in range(first, len(data)) if not verdict(data[:end])]
    assert missed == []


def test_a_file_that_ends_within_its_first_frame_is_cut_off(tmp_path: Path) -> None:
    data = encode(tmp_path / "whole.mp3")
    first = data.index(data[:2], 2)
    assert all(verdict(data[:end]) for end in range(4, first))


def test_a_file_that_ends_within_its_tag_is_left_to_the_decoder(tmp_path: Path) -> None:
    tag = id3(20)
    assert not any(verdict(tag[:end]) for end in range(len(tag)))


@pytest.mark.parametrize("length", [0, 5, 127, 128, 20_000])
def test_a_tag_before_the_sound_is_skipped(tmp_path: Path, length: int) -> None:
    data = encode(tmp_path / "whole.mp3")
    assert not verdict(id3(length) + data)
    assert verdict(id3(length) + data[:-1])


def test_a_tag_behind_the_sound_does_no_harm(tmp_path: Path) -> None:
    data = encode(tmp_path / "whole.mp3")
    assert not verdict(data + b"TAG" + bytes(125))


def test_without_an_announcement_a_cut_within_a_frame_is_still_noticed(tmp_path: Path) -> None:
    data = encode(tmp_path / "whole.mp3")
    assert data.find(b"Info", 0, 64) >= 0 or data.find(b"Xing", 0, 64) >= 0
    sound = data[data.index(data[:2], 2) :]  # without the first frame, which announces
    assert not verdict(sound)
    assert verdict(sound[:-1])


@pytest.mark.parametrize("data", [b"", b"no sound at all", b"\xff\xfb", bytes(1000), b"\xff" * 1000])
def test_what_is_no_mp3_is_left_to_the_decoder(tmp_path: Path, data: bytes) -> None:
    assert not verdict(data)


def test_the_real_files_are_whole(mirror: Path) -> None:
    files = sorted((mirror / "SUPER" / "audio").glob("*.mp3"))
    assert len(files) == 9
    assert [path.name for path in files if verdict(path.read_bytes())] == []


@pytest.mark.parametrize("end", [100, 1_000, 20_000, 333_333, 999_999, -700, -1])
def test_a_real_file_that_was_cut_off_is_noticed(mirror: Path, tmp_path: Path, end: int) -> None:
    data = (mirror / "SUPER" / "audio" / "berlina.mp3").read_bytes()
    assert verdict(data[:end])

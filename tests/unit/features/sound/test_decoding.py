"""Decoding: what comes out is as long as what went in, and what was cut off is refused with both lengths."""

import struct
from collections.abc import Callable
from pathlib import Path

import av
import numpy as np
import pytest
import soundfile
from tartarus.features.sound import mpeg
from tartarus.features.sound.decoding import decode

RATE = 44100


def noise(seconds: float, *, channels: int = 1, rate: int = RATE) -> np.ndarray:
    """Make noise that swells, so that frames of a variable bit rate differ much in size."""
    rng = np.random.Generator(np.random.PCG64(5))
    loudness = 0.5 * np.linspace(0, 1, int(seconds * rate)) ** 4
    return (loudness[:, None] * rng.uniform(-1, 1, (len(loudness), channels))).astype(np.float32)


def samples_by_ffmpeg(path: Path) -> int:
    """Count the samples in the frames that FFmpeg's own parser finds: what a stranger's decoder gives."""
    with av.open(str(path)) as file:
        return sum(frame.samples for frame in file.decode(audio=0))


# --- MP3 without a count of frames, or with a wrong one --------------------------------------------------


def first_frame(data: bytes) -> int:
    """Tell where the second frame begins: at the next header that is like the first, but for its bit rate."""
    at = 4
    while not (data[at : at + 2] == data[:2] and data[at + 2] & 0x0C == data[2] & 0x0C and data[at + 2] & 0xF0):
        at += 1
    return at


@pytest.fixture(scope="module")
def mp3s(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Encode 10.03 s with a constant, an average and a variable bit rate; the first frame says how many there are."""
    found = {}
    for mode in ("CONSTANT", "AVERAGE", "VARIABLE"):
        path = tmp_path_factory.mktemp("mp3") / "x.mp3"
        soundfile.write(path, noise(10.03), RATE, format="MP3", bitrate_mode=mode, compression_level=0.6)
        found[mode] = path.read_bytes()
    return found


def announced(data: bytes) -> tuple[int, int]:
    """Tell where the count of frames stands, and what it is."""
    at = max(data.find(b"Xing", 0, 64), data.find(b"Info", 0, 64)) + 8
    return at, int.from_bytes(data[at : at + 4], "big")


def with_count(data: bytes, count: int) -> bytes:
    at, _ = announced(data)
    return data[:at] + count.to_bytes(4, "big") + data[at + 4 :]


@pytest.mark.parametrize("mode", ["CONSTANT", "AVERAGE", "VARIABLE"])
def test_an_mp3_that_does_not_say_how_long_it_is_is_decoded_to_its_end(
    tmp_path: Path, mp3s: dict[str, bytes], mode: str
) -> None:
    path, data = tmp_path / "x.mp3", mp3s[mode]
    path.write_bytes(data[first_frame(data) :])
    sound = decode(path)
    # Encoders add up to two frames at the ends; nothing of the 10.03 s is missing.
    assert 10.03 <= len(sound.samples) / sound.rate < 10.03 + 3 * 1152 / RATE
    assert abs(len(sound.samples) - samples_by_ffmpeg(path)) <= 1152
    # The loudest part is at the end: it is there.
    loud = np.sqrt((sound.samples[-RATE // 2 : -RATE // 10] ** 2).mean())
    assert loud > 0.15


def test_a_count_of_zero_is_no_count(tmp_path: Path, mp3s: dict[str, bytes]) -> None:
    (tmp_path / "x.mp3").write_bytes(with_count(mp3s["VARIABLE"], 0))
    sound = decode(tmp_path / "x.mp3")
    assert 10.03 <= len(sound.samples) / sound.rate < 10.03 + 3 * 1152 / RATE


def test_a_count_with_the_frame_that_counts_is_no_loss(tmp_path: Path, mp3s: dict[str, bytes]) -> None:
    data = mp3s["VARIABLE"]
    (tmp_path / "x.mp3").write_bytes(with_count(data, announced(data)[1] + 1))
    assert len(decode(tmp_path / "x.mp3").samples) / RATE == pytest.approx(10.03, abs=2 * 1152 / RATE)


def test_the_announced_count_is_that_of_the_frames(mp3s: dict[str, bytes]) -> None:
    for data in mp3s.values():
        frames = mpeg.follow(data)
        assert frames is not None
        assert (frames.count, frames.gaps, frames.is_cut_off) == (announced(data)[1], 0, False)


def test_a_cut_mp3_is_refused_with_both_lengths(tmp_path: Path, mp3s: dict[str, bytes]) -> None:
    data = mp3s["CONSTANT"]
    (tmp_path / "x.mp3").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"truncated: it breaks off after 5\.\d s of 10\.1 s"):
        decode(tmp_path / "x.mp3")


@pytest.mark.parametrize("junk", [bytes(100), b"\xff" * 300, b"TAG" + bytes(125), bytes(range(256)) * 20])
def test_junk_between_frames_is_passed_over(tmp_path: Path, mp3s: dict[str, bytes], junk: bytes) -> None:
    data = mp3s["VARIABLE"]
    frames = mpeg.follow(data)
    assert frames is not None
    at = data.index(data[:2], len(data) // 2)
    while mpeg.follow(data[:at]).ends_within:  # type: ignore[union-attr]
        at = data.index(data[:2], at + 1)
    (tmp_path / "x.mp3").write_bytes(data[:at] + junk + data[at:])
    sound = decode(tmp_path / "x.mp3")
    assert "damaged in 1 place" in sound.damage
    assert len(sound.samples) / RATE == pytest.approx(10.03, abs=5 * 1152 / RATE)


def test_one_damaged_header_costs_no_more_than_the_frames_around_it(tmp_path: Path, mp3s: dict[str, bytes]) -> None:
    data = bytearray(mp3s["CONSTANT"])
    at = data.index(data[:2], len(data) // 2)
    while mpeg.follow(bytes(data[:at])).ends_within:  # type: ignore[union-attr]
        at = data.index(data[:2], at + 1)
    data[at] = 0
    (tmp_path / "x.mp3").write_bytes(data)
    sound = decode(tmp_path / "x.mp3")
    assert "damaged in 1 place" in sound.damage
    assert len(sound.samples) / RATE == pytest.approx(10.03, abs=5 * 1152 / RATE)


def test_a_hole_in_an_mp3_that_says_how_long_it_is_is_refused(tmp_path: Path, mp3s: dict[str, bytes]) -> None:
    data = mp3s["CONSTANT"]
    third = len(data) // 3
    (tmp_path / "x.mp3").write_bytes(data[:third] + bytes(third) + data[2 * third :])
    with pytest.raises(ValueError, match=r"damaged: its frames hold 6\.\d s of 10\.0 s"):
        decode(tmp_path / "x.mp3")


# --- Content, not name -----------------------------------------------------------------------------------


def test_the_content_says_what_a_file_is(tmp_path: Path, mp3s: dict[str, bytes]) -> None:
    (tmp_path / "x.wav").write_bytes(mp3s["VARIABLE"])
    assert len(decode(tmp_path / "x.wav").samples) / RATE == pytest.approx(10.03, abs=2 * 1152 / RATE)
    (tmp_path / "half.wav").write_bytes(mp3s["VARIABLE"][: len(mp3s["VARIABLE"]) // 2])
    soundfile.write(tmp_path / "y.wav", noise(2), RATE)
    (tmp_path / "y.mp3").write_bytes((tmp_path / "y.wav").read_bytes())
    (tmp_path / "half.mp3").write_bytes((tmp_path / "y.wav").read_bytes()[:RATE])
    np.testing.assert_array_equal(decode(tmp_path / "y.mp3").samples, decode(tmp_path / "y.wav").samples)
    for name, seconds in (("half.wav", r"\d\.\d s of 10\.1 s"), ("half.mp3", r"0\.5 s of 2\.0 s")):
        with pytest.raises(ValueError, match=f"truncated: it breaks off after {seconds}"):
            decode(tmp_path / name)


# --- Lengths in headers ----------------------------------------------------------------------------------


def wav(
    values: np.ndarray, *, data_size: int | None = None, riff_size: int | None = None, behind: bytes = b""
) -> bytes:
    """Write 16-bit PCM by bytes, with the sizes that are asked for."""
    pcm = values.astype("<i2").tobytes()
    head = struct.pack("<4sIHHIIHH", b"fmt ", 16, 1, 1, RATE, 2 * RATE, 2, 16)
    body = b"WAVE" + head + struct.pack("<4sI", b"data", len(pcm) if data_size is None else data_size) + pcm + behind
    return struct.pack("<4sI", b"RIFF", len(body) if riff_size is None else riff_size) + body


PCM = (10_000 * np.sin(np.arange(RATE) / 10)).astype("<i2")


@pytest.mark.parametrize("size", [0, 0x7FFFF000, 0x7FFFFFFF, 0x80000000, 0xFFFFF000, 0xFFFFFFFF])
def test_a_wav_from_a_pipe_is_whole(tmp_path: Path, size: int) -> None:
    (tmp_path / "x.wav").write_bytes(wav(PCM, data_size=size, riff_size=size))
    np.testing.assert_array_equal(decode(tmp_path / "x.wav").samples[:, 0] * 2**15, PCM)


@pytest.mark.parametrize(
    "data",
    [
        wav(PCM, riff_size=36 + 2 * RATE + 7),
        wav(PCM, behind=b"LIST" + struct.pack("<I", 400) + b"INFO"),
        wav(PCM, behind=b"LIST\x10\x00"),
        wav(PCM, riff_size=4),
    ],
    ids=["RIFF size too large", "piece behind the sound cut", "its head cut", "RIFF size too small"],
)
def test_what_is_not_the_sound_does_not_matter(tmp_path: Path, data: bytes) -> None:
    (tmp_path / "x.wav").write_bytes(data)
    np.testing.assert_array_equal(decode(tmp_path / "x.wav").samples[:, 0] * 2**15, PCM)


@pytest.mark.parametrize(
    ("container", "subtype", "endian"),
    [
        ("WAV", "PCM_16", "FILE"), ("WAV", "FLOAT", "FILE"), ("WAV", "PCM_24", "BIG"), ("WAVEX", "PCM_16", "FILE"),
        ("RF64", "PCM_16", "FILE"), ("W64", "PCM_16", "FILE"), ("W64", "DOUBLE", "FILE"), ("AU", "PCM_16", "FILE"),
        ("AU", "ULAW", "FILE"), ("AU", "FLOAT", "LITTLE"), ("AIFF", "PCM_16", "FILE"), ("AIFF", "PCM_24", "FILE"),
        ("FLAC", "PCM_16", "FILE"), ("FLAC", "PCM_24", "FILE"),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["x.wav", "x.sound"])
def test_a_whole_file_is_whole_and_half_of_it_is_not(
    tmp_path: Path, container: str, subtype: str, endian: str, name: str
) -> None:
    values, path = noise(4, channels=2), tmp_path / name
    soundfile.write(path, values, RATE, format=container, subtype=subtype, endian=endian)
    assert decode(path).samples.shape == values.shape
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    # Of FLAC, quiet sound takes fewer bytes than loud.
    half = r"[23]\.\d" if container == "FLAC" else r"(2\.0|1\.9)"
    with pytest.raises(ValueError, match=rf"truncated: it breaks off after {half} s of 4\.0 s"):
        decode(path)
    path.write_bytes(data[:-200])
    with pytest.raises(ValueError, match="truncated"):
        decode(path)


@pytest.mark.parametrize("subtype", ["PCM_S8", "PCM_16", "PCM_24"])
@pytest.mark.parametrize("channels", [1, 2])
def test_the_samples_of_a_flac_are_those_that_its_encoder_had(tmp_path: Path, subtype: str, channels: int) -> None:
    path = tmp_path / "x.flac"
    soundfile.write(path, noise(4, channels=channels), RATE, subtype=subtype)
    whole = path.read_bytes()
    assert decode(path).samples.shape == (4 * RATE, channels)
    # The digest of the samples stands in bytes 26 to 41; zeros mean that there is none.
    path.write_bytes(whole[:41] + bytes([whole[41] ^ 1]) + whole[42:])
    with pytest.raises(ValueError, match="they are not those that were encoded"):
        decode(path)
    path.write_bytes(whole[:26] + bytes(16) + whole[42:])
    assert decode(path).samples.shape == (4 * RATE, channels)


# --- What libsndfile does not read -----------------------------------------------------------------------


def encode(path: Path, values: np.ndarray, codec: str, container: str) -> None:
    """Encode with FFmpeg."""
    with av.open(str(path), "w", format=container) as file:
        stream = file.add_stream(codec, rate=RATE, layout="mono")
        stream.bit_rate = 128_000
        frame = av.AudioFrame.from_ndarray(np.ascontiguousarray(values.T), "fltp", stream.layout.name)
        frame.rate = RATE
        for packet in [*stream.encode(frame), *stream.encode(None)]:
            file.mux(packet)


@pytest.mark.parametrize(
    ("codec", "container", "name"),
    [("aac", "ipod", "x.m4a"), ("aac", "adts", "x.aac"), ("wmav2", "asf", "x.wma"), ("alac", "ipod", "x.m4a")],
)
def test_what_only_ffmpeg_reads_is_read(tmp_path: Path, codec: str, container: str, name: str) -> None:
    values = (0.5 * np.sin(2 * np.pi * 440 * np.arange(3 * RATE) / RATE)).astype(np.float32)[:, None]
    if codec == "alac":
        path = tmp_path / name
        with av.open(str(path), "w", format=container) as file:
            stream = file.add_stream(codec, rate=RATE, layout="mono")
            frame = av.AudioFrame.from_ndarray((values.T * 2**14).astype(np.int16), "s16p", "mono")
            frame.rate = RATE
            for packet in [*stream.encode(frame), *stream.encode(None)]:
                file.mux(packet)
    else:
        encode(tmp_path / name, values, codec, container)
    sound = decode(tmp_path / name)
    assert sound.rate == RATE
    assert len(sound.samples) / RATE == pytest.approx(3, abs=0.1)
    spectrum = np.abs(np.fft.rfft(sound.samples[RATE : 2 * RATE, 0]))
    assert spectrum.argmax() == 440  # hertz, for it is a second


def test_a_cut_m4a_is_refused(tmp_path: Path) -> None:
    encode(tmp_path / "x.m4a", noise(3), "aac", "ipod")
    data = (tmp_path / "x.m4a").read_bytes()
    (tmp_path / "x.m4a").write_bytes(data[: len(data) // 2])
    with pytest.raises(ValueError, match=r"."):
        decode(tmp_path / "x.m4a")


# --- Values that are no sound ----------------------------------------------------------------------------


@pytest.mark.parametrize("value", [1e30, -1e30, 1e12])
def test_a_sample_beyond_all_levels_is_refused(tmp_path: Path, value: float) -> None:
    values = noise(1)
    values[100] = value
    soundfile.write(tmp_path / "x.wav", values, RATE, subtype="FLOAT")
    with pytest.raises(ValueError, match=r"a sample of 1e\+\d\d, where 1 is full scale"):
        decode(tmp_path / "x.wav")


def test_floats_that_were_integers_are_as_good_as_any(tmp_path: Path) -> None:
    soundfile.write(tmp_path / "x.wav", 32768 * noise(1), RATE, subtype="FLOAT")
    assert np.abs(decode(tmp_path / "x.wav").samples).max() > 10_000


def test_an_empty_file_is_called_empty(tmp_path: Path) -> None:
    (tmp_path / "x.wav").touch()
    with pytest.raises(ValueError, match="an empty file"):
        decode(tmp_path / "x.wav")


@pytest.mark.parametrize("make", [lambda data: data[:-1], lambda data: data[:3000], lambda data: data[10:]])
def test_every_wound_of_an_mp3_gives_sound_or_a_reason(
    tmp_path: Path, mp3s: dict[str, bytes], rng: np.random.Generator, make: Callable[[bytes], bytes]
) -> None:
    data = bytearray(make(mp3s["VARIABLE"]))
    for _ in range(20):
        wounded = bytearray(data)
        for place in rng.integers(0, len(data), 5):
            wounded[place] = rng.integers(256)
        (tmp_path / "x.mp3").write_bytes(wounded)
        try:
            sound = decode(tmp_path / "x.mp3")
        except ValueError:
            continue
        assert len(sound.samples) / RATE == pytest.approx(10.03, abs=0.3)

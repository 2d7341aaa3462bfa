"""Decoding sound files so that nothing of them is lost without a word.

libsndfile decodes what it can. It estimates how long an MP3 is if its first frame does not say so, and stops there:
so its frames are counted, and where sound is missing FFmpeg decodes it, which also reads what libsndfile does not
(M4A, AAC, WMA).
"""

import hashlib
import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import soundfile
from tartarus.features.sound import containers, mpeg
from tartarus.features.sound.waves import peak

# Of full scale. Integers of 32 bits that somebody has written as they are reach 2e9; no sound is louder.
LOUDEST = 2.0**31
_BLOCK = 1 << 15  # samples of each channel that are made integers in one go: they stay in the processor's cache


@dataclass(frozen=True)
class Sound:
    """A decoded sound file.

    Attributes
    ----------
    samples : np.ndarray [shape=(n, n_channels)], float32
        All that the file holds; 1 is full scale.
    rate : int
        In Hz.
    damage : str
        What was passed over; empty if nothing was.
    """

    samples: np.ndarray
    rate: int
    damage: str = ""


def decode(path: str | Path) -> Sound:
    """Decode a sound file.

    Parameters
    ----------
    path : str or Path
        Its content, not its name, says what it is.

    Returns
    -------
    Sound

    Raises
    ------
    ValueError
        If it cannot be decoded, was cut off, or holds values that are no sound.
    """
    path = Path(path)
    with path.open("rb") as file:
        head = file.read(16)
    if not head:
        raise ValueError("an empty file")
    piece = containers.piece_of_sound(path)
    if piece and piece.is_cut_off:
        present, stated = piece.seconds(max(0, piece.present)), piece.seconds(piece.stated)
        raise ValueError(f"truncated: it breaks off after {present} of {stated}")
    kind = containers.container(head)
    frames = mpeg.follow(path.read_bytes()) if kind in ("mpeg", "") else None
    if frames:
        _refuse_missing_frames(frames)
    samples, rate = _decoded(path, frames, is_known=bool(kind or frames))
    if head.startswith(b"fLaC"):
        _refuse_other_samples(path, samples, rate)
    if not len(samples):
        raise ValueError("no samples")
    if not math.isfinite(loudest := peak(samples)):
        raise ValueError("samples that are not finite")
    if loudest > LOUDEST:
        raise ValueError(f"a sample of {loudest:.3g}, where 1 is full scale: no sound")
    return Sound(samples, rate, frames.damage if frames else "")


def _refuse_missing_frames(frames: mpeg.Frames) -> None:
    held, announced = f"{frames.seconds(frames.count):.1f} s", f"{frames.seconds(frames.announced):.1f} s"
    if frames.is_cut_off:
        raise ValueError(f"truncated: it breaks off after {held}" + f" of {announced}" * bool(frames.announced))
    if frames.is_torn:
        raise ValueError(f"damaged: its frames hold {held} of {announced}")


def _refuse_other_samples(path: Path, samples: np.ndarray, rate: int) -> None:
    """Hold the samples of a FLAC against their digest in it: a decoder puts silence where it cannot decode.

    STREAMINFO (RFC 9639, section 8.2) ends with the MD5 of all samples, as integers of their own width.
    """
    with path.open("rb") as file:
        info = file.read(42)[8:]
    width = ((info[12] & 1) << 4 | info[13] >> 4) + 1
    # Single precision holds up to 24 bits exactly.
    if width > 24 or not any(info[18:]):
        return
    if _md5(samples, width) != info[18:]:
        sounding = np.flatnonzero(samples.any(axis=1))
        end, length = (sounding[-1] + 1 if len(sounding) else 0) / rate, len(samples) / rate
        raise ValueError(
            f"truncated or damaged: of its {length:.1f} s the last sound is at {end:.1f} s, and they are "
            "not those that were encoded"
        )


def _md5(samples: np.ndarray, width: int) -> bytes:
    """Compute the digest of samples as little-endian integers of as many whole bytes as `width` bits need."""
    digest = hashlib.md5(usedforsecurity=False)
    size = -(-width // 8)
    for first in range(0, len(samples), _BLOCK):
        block = samples[first : first + _BLOCK] * 2.0 ** (width - 1)
        stored = np.rint(block).astype("<i4").view(np.uint8).ravel()
        digest.update(np.stack([stored[byte::4] for byte in range(size)], axis=1).tobytes())
    return digest.digest()


def _decoded(path: Path, frames: mpeg.Frames | None, *, is_known: bool) -> tuple[np.ndarray, int]:
    """Decode with libsndfile, or with FFmpeg where that gives less than there is.

    FFmpeg is not asked about what looks like no sound at all, for it would go by the name of the file.
    """
    try:
        with soundfile.SoundFile(path) as file:
            samples, rate, stated = file.read(dtype="float32", always_2d=True), file.samplerate, file.frames
        found = len(samples) / rate
        if frames is None and len(samples) < stated:
            raise ValueError(f"truncated: it breaks off after {found:.1f} s of {stated / rate:.1f} s")
        if len(samples) and not (frames and frames.lacks_sound(len(samples))):
            return samples, rate
    except (soundfile.SoundFileError, RuntimeError) as error:
        reason, found = " ".join(str(error).split()) or "the decoder gave up", 0.0
        if not is_known:
            raise ValueError(reason) from error
    else:
        reason = "" if len(samples) else "no samples"
    samples, rate = _decoded_by_ffmpeg(path, reason, is_mpeg=frames is not None)
    if frames and frames.lacks_sound(len(samples)):
        found = max(found, len(samples) / rate)
        raise ValueError(
            f"only {found:.1f} s could be decoded, but its frames hold {frames.seconds(frames.count):.1f} s"
        )
    return samples, rate


def _decoded_by_ffmpeg(path: Path, reason: str, *, is_mpeg: bool) -> tuple[np.ndarray, int]:
    """Decode with FFmpeg; `reason` is why libsndfile would not. It only estimates the length of MPEG audio."""
    import av  # a third of a second, which few files need

    blocks: list[np.ndarray] = []
    try:
        with av.open(str(path)) as file:
            if not file.streams.audio or not file.streams.audio[0].rate:
                raise ValueError("no sound in it")
            stream = file.streams.audio[0]
            rate = stream.rate
            stated = float(stream.duration * (stream.time_base or 0)) if stream.duration else 0.0
            to_float = av.AudioResampler(format="fltp")
            for packet in file.demux(stream):
                try:
                    decoded = packet.decode()
                except av.InvalidDataError:
                    continue  # what it held is missing from the length, which is checked
                for frame in decoded:
                    blocks += [block.to_ndarray() for block in to_float.resample(frame)]
    except av.FFmpegError as error:
        raise ValueError(reason or " ".join(str(error).split())) from error
    samples = np.concatenate(blocks, axis=1).T if blocks else np.zeros((0, 1), np.float32)
    found = len(samples) / rate
    if not is_mpeg and stated and found < stated - 0.5:
        raise ValueError(f"truncated: it breaks off after {found:.1f} s of {stated:.1f} s")
    return np.ascontiguousarray(samples, np.float32), rate

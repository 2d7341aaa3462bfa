"""Telling a whole MP3 from one that was cut off, which decoders do not report.

Layout of headers: ISO/IEC 11172-3, section 2.4.1.3 (MPEG 1) and ISO/IEC 13818-3 (MPEG 2); the count of frames
that encoders leave in the first frame: the Xing and LAME info tag.
"""

from pathlib import Path

_KBITS = {  # of layer III, by version
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


def _frame_length(data: bytes, at: int) -> int:
    """Compute the length in bytes of the frame that begins at `at`; 0 if none does."""
    if at + 4 > len(data) or data[at] != 0xFF or data[at + 1] & 0xE0 != 0xE0:
        return 0
    version, layer = data[at + 1] >> 3 & 3, data[at + 1] >> 1 & 3
    rate, hertz, padding = data[at + 2] >> 4, data[at + 2] >> 2 & 3, data[at + 2] >> 1 & 1
    if version not in _HERTZ or layer != 1 or rate in (0, 15) or hertz == 3:
        return 0
    samples, kbits = (1152, _KBITS[1]) if version == 3 else (576, _KBITS[2])
    return samples // 8 * kbits[rate] * 1000 // _HERTZ[version][hertz] + padding


def _frames_announced(frame: bytes) -> int:
    for tag in (b"Xing", b"Info"):
        at = frame.find(tag, 0, 64)
        if 0 <= at <= len(frame) - 12 and frame[at + 7] & 1:
            return int.from_bytes(frame[at + 8 : at + 12], "big")
    return 0


def is_cut_off(path: str | Path) -> bool:
    """Tell whether an MP3 ends within a frame, or has fewer frames than it announces.

    Parameters
    ----------
    path : str or Path
        An MPEG layer III file. Anything that cannot be followed frame by frame counts as not cut off: then
        the decoder's own judgement stands.

    Returns
    -------
    bool
    """
    data = Path(path).read_bytes()
    at = 0
    if data[:3] == b"ID3" and len(data) >= 10:
        # Four bytes of seven bits each: the length of the tag without its own ten bytes.
        at = 10 + sum((byte & 0x7F) << shift for byte, shift in zip(data[6:10], (21, 14, 7, 0), strict=True))
    announced = frames = 0
    while length := _frame_length(data, at):
        if frames == 0 and not announced:
            announced = _frames_announced(data[at : at + length])
            frames -= bool(announced)  # the frame that announces is not counted
        if at + length > len(data):
            return True
        at += length
        frames += 1
    return frames < announced

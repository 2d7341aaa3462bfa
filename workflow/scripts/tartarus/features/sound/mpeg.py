"""How much sound the frames of an MP3 hold, which decoders estimate, and whether some were cut off.

Layout of headers: ISO/IEC 11172-3, section 2.4.1.3 (MPEG 1) and ISO/IEC 13818-3 (MPEG 2); the count of frames
that encoders leave in the first frame: the Xing and LAME info tag, and Fraunhofer's VBRI.
"""

from dataclasses import dataclass
from functools import cache

_KBITS = {  # of layer III, by version
    1: (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    2: (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_HERTZ = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}


@dataclass(frozen=True)
class _Header:
    length: int  # of the frame, in bytes
    samples: int
    rate: int


def _header(data: bytes, at: int) -> _Header | None:
    """Read the header of the frame that begins at `at`; None if none does."""
    return _meaning(data[at + 1], data[at + 2]) if at + 4 <= len(data) and data[at] == 0xFF else None


@cache  # a file has thousands of frames, and few headers that differ in these bytes
def _meaning(second: int, third: int) -> _Header | None:
    """Read the second and the third byte of a header; None if they are none."""
    if second & 0xE0 != 0xE0:
        return None
    version, layer = second >> 3 & 3, second >> 1 & 3
    rate, hertz, padding = third >> 4, third >> 2 & 3, third >> 1 & 1
    if version not in _HERTZ or layer != 1 or rate in (0, 15) or hertz == 3:
        return None
    samples, kbits = (1152, _KBITS[1]) if version == 3 else (576, _KBITS[2])
    length = samples // 8 * kbits[rate] * 1000 // _HERTZ[version][hertz] + padding
    return _Header(length, samples, _HERTZ[version][hertz])


@dataclass(frozen=True)
class Frames:
    """The frames of an MP3.

    Attributes
    ----------
    count : int
        Frames of sound that can be followed; the one that announces is none.
    gaps, lost : int
        Places where frames could not be followed, and how many frames the bytes there would make.
    announced : int
        How many frames of sound the first says that there are; 0 if it does not.
    ends_within : bool
        Whether the file ends within a frame.
    samples, rate : int
        Of a frame, and of a second.
    trimmed : int
        Samples at both ends that the encoder has added, where it says so.
    """

    count: int
    gaps: int
    lost: int
    announced: int
    ends_within: bool
    samples: int
    rate: int
    trimmed: int

    @property
    def is_cut_off(self) -> bool:
        """Whether sound is missing at the end."""
        return self.ends_within or self.count + self.lost < self.announced

    @property
    def is_torn(self) -> bool:
        """Whether sound is missing in the middle: more than the frames whose headers are damaged."""
        return self.count + 2 * self.gaps < self.announced

    @property
    def damage(self) -> str:
        """What was passed over; empty if nothing was."""
        where = "1 place" if self.gaps == 1 else f"{self.gaps} places"
        return f"damaged in {where}: {self.seconds(self.lost):.1f} s of it are no sound" if self.gaps else ""

    def seconds(self, frames: int) -> float:
        """Compute how long so many frames last."""
        return frames * self.samples / self.rate

    def lacks_sound(self, length: int) -> bool:
        """Tell whether a decoder that gave `length` samples has left out some of the frames.

        A decoder may drop the first frame and the last, and those around a gap, which refer to what is lost.
        """
        return length < (self.count - 2 - 4 * self.gaps) * self.samples - self.trimmed


def follow(data: bytes) -> Frames | None:
    """Follow an MP3 frame by frame, over junk and damaged headers too.

    Parameters
    ----------
    data : bytes
        The whole file.

    Returns
    -------
    Frames or None
        None if it has no frames of MPEG layer III with a stated bit rate: then nothing is known.
    """
    at = _resume(data, _behind_tags(data), start=True)
    first = None if at is None else _header(data, at)
    if at is None or first is None:
        return None
    begin = end = at
    announced, stated_bytes, trimmed, is_tag = _announcement(data[at : at + first.length])
    count = gaps = skipped = 0
    ends_within = False
    while at is not None:
        header = _header(data, at)
        if header is None:
            resumed = _resume(data, at)
            if resumed is not None:
                gaps, skipped = gaps + 1, skipped + resumed - at
            at = resumed
        elif at + header.length > len(data):
            ends_within, at = True, None
        else:
            at, end, count = at + header.length, at + header.length, count + 1
    count = max(0, count - is_tag)
    lost = round(skipped * count / (end - begin - skipped)) if skipped else 0
    # Some encoders count the frame that announces too: then all the bytes that they state are there.
    if announced == count + lost + 1 and end - begin >= stated_bytes and not ends_within:
        announced -= 1
    return Frames(count, gaps, lost, announced, ends_within, first.samples, first.rate, trimmed)


def _behind_tags(data: bytes) -> int:
    """Tell where the tags at the beginning end."""
    at = 0
    while data[at : at + 3] == b"ID3" and len(data) >= at + 10:
        # Four bytes of seven bits each: the length of the tag without its own ten bytes.
        length = sum((byte & 0x7F) << shift for byte, shift in zip(data[at + 6 : at + 10], (21, 14, 7, 0), strict=True))
        at += 10 + length
    return at


def _resume(data: bytes, at: int, *, start: bool = False) -> int | None:
    """Find the next frame that another one follows; at the start, one that begins at once may stand alone."""
    if start and _header(data, at):
        return at
    while (at := data.find(b"\xff", at)) >= 0:
        header = _header(data, at)
        if header and (following := _header(data, at + header.length)) and following.rate == header.rate:
            return at
        at += 1
    return None


def _announcement(frame: bytes) -> tuple[int, int, int, bool]:
    """Read what the first frame announces: frames, bytes, added samples, and whether it is no sound itself."""
    if frame[36:40] == b"VBRI" and len(frame) >= 54:
        return int.from_bytes(frame[50:54], "big"), int.from_bytes(frame[46:50], "big"), 0, True
    for tag in (b"Xing", b"Info"):
        at = frame.find(tag, 0, 64)
        if at < 0 or at > len(frame) - 8:
            continue
        flags, place = frame[at + 7], at + 8
        fields = []
        for bit in (1, 2):
            fields.append(int.from_bytes(frame[place : place + 4], "big") if flags & bit else 0)
            place += 4 if flags & bit else 0
        # A table of contents, a quality, then LAME's own: delay and padding are two numbers of 12 bits.
        place += (100 if flags & 4 else 0) + (4 if flags & 8 else 0) + 21
        ends = int.from_bytes(frame[place : place + 3], "big") if frame[place - 21 : place - 17].isalnum() else 0
        return fields[0], fields[1], (ends >> 12) + (ends & 0xFFF), True
    return 0, 0, 0, False

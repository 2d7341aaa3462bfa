"""Unpacking, of archives that are well made, damaged or hostile."""

import bz2
import gzip
import hashlib
import io
import json
import lzma
import os
import stat
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from tartarus.archives import unpacking
from tartarus.archives.unpacking import find_files, unpack
from tartarus.base.errors import TartarusError

from tests.unit.archives.made import member, tar, tar_of, with_mode, zip_of

LIMITS = {"gigabytes": 1, "files": 1000, "ratio": 200}
NOISE = np.random.default_rng(7).bytes(100_000)  # cannot be packed
TREE = {
    "data/splits/train.tsv": b"S1\tjazz\n",
    "data/vectors.npy": NOISE,
    "data/empty.txt": b"",
    "ñ.txt": b"canci\xc3\xb3n",
}
PACKERS = {"": bytes, ".gz": gzip.compress, ".bz2": bz2.compress, ".xz": lzma.compress}


@pytest.fixture
def run(tmp_path: Path) -> Callable[..., Path]:
    """Unpack downloads; whatever happens, nothing is to be left beside them and the folder."""

    def run(downloads: dict[str, bytes], **limits: float) -> Path:
        folder = tmp_path / "raw"
        (folder / "downloads").mkdir(parents=True, exist_ok=True)
        for name, data in downloads.items():
            (folder / "downloads" / name).write_bytes(data)
        files = [
            {"name": name, "record": 1, "bytes": len(data), "md5": hashlib.md5(data).hexdigest()}  # noqa: S324
            for name, data in downloads.items()
        ]
        manifest = {"archive": "A", "files": files}
        manifest["records"] = [{"record": 1, "title": "", "doi": "", "licence": None}]
        (folder / "MANIFEST.json").write_text(json.dumps(manifest))
        try:
            unpack(folder / "downloads", folder / "MANIFEST.json", folder / "content", limits=LIMITS | limits)
        finally:
            left = {path.name for path in folder.iterdir()}
            assert left <= {"downloads", "MANIFEST.json", "content"}
            assert {path.name for path in tmp_path.iterdir()} == {"raw"}
        return folder / "content"

    return run


@pytest.fixture
def refused(run: Callable[..., Path], tmp_path: Path) -> Callable[..., str]:
    """Unpack what must be refused; the former folder stays, and nothing else."""

    def refused(name: str, data: bytes, **limits: float) -> str:
        (tmp_path / "raw/content").mkdir(parents=True)
        (tmp_path / "raw/content/former.txt").write_bytes(b"former")
        with pytest.raises(TartarusError) as error:
            run({name: data}, **limits)
        assert contents(tmp_path / "raw/content") == {"former.txt": b"former"}
        assert str(error.value).startswith(f"{tmp_path}/raw/downloads/{name}: ")
        return str(error.value).removeprefix(f"{tmp_path}/raw/downloads/{name}: ")

    return refused


def contents(folder: Path) -> dict[str, bytes]:
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


# --- Archives that are well made -------------------------------------------------------------------------


@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
@pytest.mark.parametrize("packing", PACKERS)
def test_a_tar_is_unpacked_whatever_it_is_packed_by(run: Callable[..., Path], packing: str, form: int) -> None:
    deep = {"/".join(["folder" * 8] * 4) + "/file.txt": b"deep"}
    name = f"songs.tar{packing}"
    assert contents(run({name: PACKERS[packing](tar_of(TREE | deep, form))}) / name) == TREE | deep


@pytest.mark.parametrize("packed", [zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_a_zip_is_unpacked_whatever_it_is_packed_by(run: Callable[..., Path], packed: int) -> None:
    assert contents(run({"songs.zip": zip_of(*TREE.items(), packed=packed)}) / "songs.zip") == TREE


@pytest.mark.parametrize("name", ["songs", "songs.bin", "songs.zip", "songs.tar", "songs.tar.xz", "songs.tsv.gz"])
@pytest.mark.parametrize("data", [zip_of(*TREE.items()), gzip.compress(tar_of(TREE)), tar_of(TREE)])
def test_the_content_decides_what_an_archive_is(run: Callable[..., Path], name: str, data: bytes) -> None:
    assert contents(run({name: data}) / name) == TREE


def test_all_downloads_are_there_each_under_its_name(run: Callable[..., Path]) -> None:
    buffer = io.BytesIO()
    np.savez(buffer, features=np.arange(3))
    plain = {
        "README.txt": b"read me",
        "train.npz": buffer.getvalue(),  # ZIP inside
        "tags.tsv.gz": gzip.compress(b"S1\tjazz\n"),
        "broken.gz": b"\x1f\x8bnot gzip",
        "BZh.txt": b"BZh is how bzip2 begins",
        "empty": b"",
    }
    archives = {"a.zip": zip_of(("x/1.txt", b"one")), "b.tgz": gzip.compress(tar_of({"x/1.txt": b"two"}))}
    folder = run(plain | archives)
    assert contents(folder) == plain | {"a.zip/x/1.txt": b"one", "b.tgz/x/1.txt": b"two"}
    assert (folder / "README.txt").samefile(folder.parent / "downloads/README.txt")


def test_empty_archives_are_unpacked_to_nothing(run: Callable[..., Path]) -> None:
    folder = run({"a.zip": zip_of(), "b.tar": tar(), "c.tar.gz": gzip.compress(tar())})
    assert sorted(path.name for path in folder.rglob("*")) == ["a.zip", "b.tar", "c.tar.gz"]


def test_folders_and_modes_are_as_usual_whatever_the_archive_says(run: Callable[..., Path]) -> None:
    folder = {"type": tarfile.DIRTYPE, "mode": 0o000}
    data = tar(
        member("./", **folder), member("./shut", **folder), member("shut/x", b"1", mode=0o4777), member("e", **folder)
    )
    zipped = zip_of((with_mode("shut/", stat.S_IFDIR), b""), (with_mode("shut/x", stat.S_IFREG | 0o6111), b"1"))
    former = os.umask(0o077)
    try:
        found = run({"a.tar": data, "b.zip": zipped})
    finally:
        os.umask(former)
    paths = {path.relative_to(found).as_posix(): stat.S_IMODE(path.stat().st_mode) for path in found.rglob("*")}
    assert paths == {
        "a.tar": 0o755,
        "a.tar/shut": 0o755,
        "a.tar/shut/x": 0o644,
        "a.tar/e": 0o755,
        "b.zip": 0o755,
        "b.zip/shut": 0o755,
        "b.zip/shut/x": 0o644,
    }


def test_links_to_files_of_the_archive_become_files(run: Callable[..., Path]) -> None:
    link = {"type": tarfile.SYMTYPE}
    data = tar(
        member("a/chain", linkname="../b/early", **link),
        member("b/early", linkname="../a/x.txt", **link),  # before what it points at
        member("a/x.txt", b"la la la"),
        member("c/hard", type=tarfile.LNKTYPE, linkname="a/x.txt"),
    )
    zipped = zip_of((with_mode("z/link", stat.S_IFLNK | 0o777), b"../x.txt"), ("x.txt", b"la la la"))
    folder = run({"a.tar": data, "z.zip": zipped})
    assert not any(path.is_symlink() for path in folder.rglob("*"))
    assert set(contents(folder).values()) == {b"la la la"}
    names = {"a.tar/a/chain", "a.tar/b/early", "a.tar/a/x.txt", "a.tar/c/hard", "z.zip/z/link", "z.zip/x.txt"}
    assert set(contents(folder)) == names


def test_a_former_folder_is_replaced(run: Callable[..., Path]) -> None:
    run({"a.tar": tar_of({"old.txt": b""})})
    assert contents(run({"a.tar": tar_of({"new.txt": b""})})) == {"a.tar/new.txt": b""}


def test_what_a_killed_run_left_is_removed(run: Callable[..., Path], tmp_path: Path) -> None:
    (tmp_path / "raw/.content.1234abcd.part/a.tar").mkdir(parents=True)
    (tmp_path / "raw/.content.1234abcd.part/a.tar/half.txt").touch()
    assert contents(run({"a.tar": tar_of(TREE)}) / "a.tar") == TREE


def test_the_progress_reaches_its_end(run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    totals, steps = [], []

    def counting(generator: object, *, total: int, what: str) -> object:
        totals.append(total)
        for step in generator:
            steps.append(step)
            yield step

    monkeypatch.setattr(unpacking, "progress", counting)
    large = {"x": NOISE * 30, "y": NOISE * 20, "z": b""}
    packed = [tar_of(large), gzip.compress(tar_of(large), 0), zip_of(*large.items(), packed=zipfile.ZIP_STORED)]
    run({"a.tar": packed[0], "b.tar.gz": packed[1], "c.zip": packed[2], "d.bin": large["x"], "e.txt": b""})
    assert totals == [len(steps)]
    assert len(steps) == sum((len(data) >> 20) + 1 for data in [*packed, large["x"], b""])


# --- Hostile archives ------------------------------------------------------------------------------------

OUTSIDE = ["/etc/x", "../x", "a/../../x", "a/..", "//x"]
WINDOWS = ["C:/x", "c:x", "a\\x", "..\\x", "\\\\host\\x"]


@pytest.mark.parametrize("name", OUTSIDE + WINDOWS)
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_a_path_that_leads_out_is_refused(refused: Callable[..., str], name: str, form: str) -> None:
    data = tar_of({"ok": b"1", name: b"2"}) if form == "tar" else zip_of(("ok", b"1"), (name, b"2"))
    told = refused(f"a.{form}", data)
    assert told.startswith(f"member {name!r}: ")
    assert ("leads out of the folder" if name in OUTSIDE else "a Windows path") in told
    assert "pack it anew without that and put it, with its MANIFEST.json, into the mirror" in told
    assert told.endswith("Nothing was unpacked")


@pytest.mark.parametrize("name", OUTSIDE)
def test_a_folder_outside_is_refused(refused: Callable[..., str], name: str) -> None:
    assert "leads out of the folder" in refused("a.tar", tar(member(name, type=tarfile.DIRTYPE)))


@pytest.mark.parametrize("target", ["/etc/passwd", "../../secret", "..", ".", "nowhere", "folder", "link", "loop", ""])
@pytest.mark.parametrize("form", ["symbolic", "hard", "zip"])
def test_a_link_that_points_at_no_file_of_the_archive_is_refused(
    refused: Callable[..., str], target: str, form: str
) -> None:
    if form == "zip":
        members = [("folder/x", b"1"), (with_mode("link", stat.S_IFLNK), target.encode())]
        told = refused("a.zip", zip_of(*members, (with_mode("loop", stat.S_IFLNK), b"link")))
    else:
        kind = {"type": tarfile.SYMTYPE if form == "symbolic" else tarfile.LNKTYPE}
        links = [member("link", linkname=target, **kind), member("loop", linkname="link", **kind)]
        told = refused("a.tar", tar(member("folder/x", b"1"), *links))
    assert told.startswith("member 'link': a link to ")
    assert "which is no file of the archive" in told


def test_nothing_is_written_through_a_link(refused: Callable[..., str], tmp_path: Path) -> None:
    link = member("a", type=tarfile.SYMTYPE, linkname=str(tmp_path))
    assert "'a' is a file and a folder at once" in refused("a.tar", tar(link, member("a/x", b"1")))


@pytest.mark.parametrize("kind", [tarfile.CHRTYPE, tarfile.BLKTYPE, tarfile.FIFOTYPE, b"?"])
def test_devices_and_pipes_are_refused(refused: Callable[..., str], kind: bytes) -> None:
    told = refused("a.tar", tar(member("dev", type=kind)))
    assert told.startswith("member 'dev': a device or pipe; expected files, folders and links")


@pytest.mark.parametrize("mode", [stat.S_IFCHR, stat.S_IFBLK, stat.S_IFIFO, stat.S_IFSOCK])
def test_devices_and_pipes_in_a_zip_are_refused(refused: Callable[..., str], mode: int) -> None:
    assert "member 'dev': a device or pipe" in refused("a.zip", zip_of((with_mode("dev", mode), b"")))


@pytest.mark.parametrize(
    ("names", "told"),
    [
        (["x", "x"], "two members have this path"),
        (["a/x", "./a//x"], "two members have this path"),
        (["a/x", "a"], "two members have this path"),
        (["a", "a/x"], "'a' is a file and a folder at once"),
        (["./"], "no name"),
    ],
)
def test_members_that_land_on_one_path_are_refused(refused: Callable[..., str], names: list[str], told: str) -> None:
    data = tar(*(member(name, b"%d" % number, type=b"7") for number, name in enumerate(names)))
    assert told in refused("a.tar", data)


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_members_of_a_zip_that_land_on_one_path_are_refused(refused: Callable[..., str]) -> None:
    assert "member 'x': two members have this path" in refused("a.zip", zip_of(("x", b"1"), ("x", b"1")))


@pytest.mark.parametrize("name", ["a\tb", "a\nb", "a\rb", "\x1b[2J", "\x7f", "\udcff"])
def test_names_that_no_table_holds_are_refused(refused: Callable[..., str], name: str) -> None:
    told = refused("a.tar", tar(member(f"{name}/x", b"1"), form=tarfile.GNU_FORMAT))
    assert told.startswith(f"member {f'{name}/x'!r}: control characters or bytes that are not UTF-8; expected names")


def test_a_zip_member_without_a_name_is_refused(refused: Callable[..., str]) -> None:
    info = zipfile.ZipInfo("x")
    info.filename = ""
    assert refused("a.zip", zip_of((info, b"1"))).startswith("member '': no name; expected the name of a file")


@pytest.mark.parametrize("path", ["d/" * 64 + "x", "d/" * 30_000 + "x", ("d" * 200 + "/") * 6 + "x"])
@pytest.mark.parametrize("form", ["tar", "zip"])
def test_a_path_that_is_too_long_or_deep_is_refused(refused: Callable[..., str], path: str, form: str) -> None:
    told = refused(f"a.{form}", tar_of({path: b"1"}) if form == "tar" else zip_of((path, b"1")))
    assert told.startswith(f"member {path[:20]!r}"[:-1])
    assert ": a path of more than 1024 bytes or 64 folders; " in told
    assert len(told) < 600


@pytest.mark.parametrize("form", ["tar", "zip"])
def test_a_path_of_64_folders_is_unpacked(run: Callable[..., Path], form: str) -> None:
    tree = {"./" * 100 + "d/" * 63 + "x": b"1"}
    found = contents(run({"a": tar_of(tree) if form == "tar" else zip_of(*tree.items())}))
    assert found == {"a/" + "d/" * 63 + "x": b"1"}


def test_links_in_a_chain_become_files(run: Callable[..., Path]) -> None:
    links = [member(str(n), type=tarfile.SYMTYPE, linkname=str(n + 1)) for n in range(500)]
    found = contents(run({"a.tar": tar(*links, member("500", b"la la la"))}))
    assert found == {f"a.tar/{n}": b"la la la" for n in range(501)}


def test_files_of_several_names_count_for_each(run: Callable[..., Path]) -> None:
    links = [member(f"l{n}", type=tarfile.LNKTYPE, linkname="x") for n in range(9)]
    data = tar(member("x", NOISE), *links)
    run({"a.tar": data}, gigabytes=(len(data) + 9 * len(NOISE)) / 1e9)
    with pytest.raises(TartarusError, match=r"member 'l8': more than .* GB unpacked"):
        run({"a.tar": data}, gigabytes=(len(data) + 9 * len(NOISE) - 1) / 1e9)


# --- Bombs -----------------------------------------------------------------------------------------------

ZEROS = bytes(4 << 20)


@pytest.mark.parametrize("form", ["a.zip", "a.tar.gz"])
def test_what_unpacks_to_very_much_more_than_it_is_is_refused(refused: Callable[..., str], form: str) -> None:
    data = zip_of(("x", ZEROS)) if form == "a.zip" else gzip.compress(tar_of({"x": ZEROS}))
    told = refused(form, data)
    assert told.startswith("member 'x': more than 200 times the size of the archive; ")
    assert "raise the limit (archives: unpack: ratio: in config.yaml)" in told


def test_a_small_archive_may_be_packed_well(run: Callable[..., Path]) -> None:
    assert contents(run({"a.zip": zip_of(("x", bytes(1 << 20)))})) == {"a.zip/x": bytes(1 << 20)}


def test_all_archives_together_may_not_exceed_the_limit(run: Callable[..., Path]) -> None:
    downloads = {"a.tar": tar_of({"x": NOISE}), "b.zip": zip_of(("y", NOISE))}
    total = len(downloads["a.tar"]) + len(NOISE)  # of a TAR headers count too
    run(downloads, gigabytes=total / 1e9)
    with pytest.raises(
        TartarusError, match=r"b\.zip: member 'y': more than 0\.0002\d+ GB unpacked, all archives together"
    ):
        run(downloads, gigabytes=(total - 1) / 1e9)


def test_all_archives_together_may_not_have_more_members_than_the_limit(run: Callable[..., Path]) -> None:
    downloads = {"a.tar": tar_of({"x": b"", "y": b""}), "b.zip": zip_of(("x", b""), ("z", b""))}
    run(downloads, files=4)
    with pytest.raises(TartarusError, match=r"b\.zip: member 'z': more than 3 members .* unpack: files: in config"):
        run(downloads, files=3)


def test_bytes_are_counted_and_not_believed(refused: Callable[..., str]) -> None:
    # The size that a ZIP states stands in its directory, 24 bytes after PK\1\2: here it is 1 and not 4 MiB.
    data = bytearray(zip_of(("x", ZEROS)))
    place = data.index(b"PK\x01\x02") + 24
    assert int.from_bytes(data[place : place + 4], "little") == len(ZEROS)
    data[place : place + 4] = (1).to_bytes(4, "little")
    assert "cannot be unpacked (BadZipFile: Bad CRC-32" in refused("a.zip", bytes(data))


def test_a_bomb_behind_the_last_member_is_refused(refused: Callable[..., str]) -> None:
    assert "times the size" in refused("a.tar.gz", gzip.compress(tar_of({"x": b"1"}) + ZEROS))


def test_a_bomb_in_a_header_is_refused(refused: Callable[..., str]) -> None:
    data = tar_of({"x" * (2 << 20): b"1"}, tarfile.GNU_FORMAT)
    assert "a header of 2097153 bytes" in refused("a.tar.gz", gzip.compress(data))


def extended(*records: bytes) -> bytes:
    """Make a TAR that begins with an extension of these bytes."""
    body = b"".join(records)
    info = tarfile.TarInfo("extension")
    info.type, info.size = tarfile.XHDTYPE, len(body)
    return info.tobuf(tarfile.USTAR_FORMAT) + body + bytes(-len(body) % 512) + tar_of({"x": b"1"})


@pytest.mark.parametrize(
    ("body", "told"),
    [
        (b"1" * 60_000, "a header with a number without end"),  # tarfile took minutes
        (b"3 x" * 20_000 + b"=", "a header that is none at byte 0"),  # tarfile took gigabytes
        (b"11 path=ab\n9 path=ab\n", "a header that is none at byte 11"),
        (b"10 path=ab\n", "a header that is none at byte 0"),
        (b"5 a=\n6 =ab\n", "a header that is none at byte 5"),
        (b"22 GNU.sparse.major=1\n", "a file with holes"),
    ],
)
def test_an_extension_that_is_none_is_refused(refused: Callable[..., str], body: bytes, told: str) -> None:
    assert refused("a.tar", extended(body)).startswith(f"cannot be unpacked (ReadError: {told}): damaged")


def test_an_extension_may_be_filled_up_with_zeros(run: Callable[..., Path]) -> None:
    assert contents(run({"a.tar": extended(b"11 path=yz\n", b"6 k=v\n", bytes(90))})) == {"a.tar/yz": b"1"}


def test_headers_count_as_unpacked(refused: Callable[..., str]) -> None:
    empty = [member(f"{n:x}") for n in range(3000)]
    told = refused("a.tar.gz", gzip.compress(tar(*empty)), ratio=20, files=3000)
    assert "more than 20 times the size of the archive" in told


# --- Damaged archives ------------------------------------------------------------------------------------


@pytest.mark.parametrize("packing", PACKERS)
@pytest.mark.parametrize("share", [0.01, 0.3, 0.7, 0.9999])
def test_a_tar_that_breaks_off_is_refused(refused: Callable[..., str], packing: str, share: float) -> None:
    # Two headers, two files filled up to whole blocks, and one block that tells the end; not the padding after it.
    end = 2 * (512 + -(-len(NOISE) // 512) * 512) + 512
    data = PACKERS[packing](tar_of({"x": NOISE, "y": NOISE})[:end])
    told = refused(f"a.tar{packing}", data[: int(len(data) * share)])
    assert told.startswith("cannot be unpacked (")
    assert told.endswith(
        "damaged, encrypted, or no archive in spite of its name. Remove it and fetch again, or replace it in the "
        "mirror. Nothing was unpacked"
    )


def test_a_tar_that_breaks_off_between_two_members_is_refused(refused: Callable[..., str]) -> None:
    data = tar_of({"x": bytes(512), "y": bytes(512)})
    assert "empty header" in refused("a.tar", data[:1024])


def test_a_tar_with_a_damaged_header_is_refused(refused: Callable[..., str]) -> None:
    data = bytearray(tar_of({"x": bytes(512), "y": bytes(512)}))
    data[1024] ^= 1
    assert "bad checksum" in refused("a.tar", bytes(data))


@pytest.mark.parametrize("packing", [".gz", ".bz2", ".xz"])
def test_a_bit_that_has_fallen_over_is_found(refused: Callable[..., str], packing: str) -> None:
    data = bytearray(PACKERS[packing](tar_of({"x": NOISE})))
    data[len(data) // 2] ^= 1
    assert "cannot be unpacked (" in refused(f"a.tar{packing}", bytes(data))


@pytest.mark.parametrize("share", [0.01, 0.5, 0.9999])
def test_a_zip_that_breaks_off_is_refused(refused: Callable[..., str], share: float) -> None:
    data = zip_of(("x", NOISE))
    assert "cannot be unpacked (BadZipFile" in refused("a.zip", data[: int(len(data) * share)])


def test_a_zip_with_a_wrong_checksum_is_refused(refused: Callable[..., str]) -> None:
    data = bytearray(zip_of(("x", NOISE), packed=zipfile.ZIP_STORED))
    data[len(data) // 2] ^= 1
    assert "Bad CRC-32 for file 'x'" in refused("a.zip", bytes(data))


def test_an_encrypted_zip_is_refused(refused: Callable[..., str]) -> None:
    data = bytearray(zip_of(("x", b"secret")))
    for place in (6, data.index(b"PK\x01\x02") + 8):  # the flags
        data[place] |= 1
    assert "is encrypted" in refused("a.zip", bytes(data))


@pytest.mark.parametrize("name", ["a.zip", "a.tar", "a.TAR.GZ", "a.tgz", "a.tar.bz2", "a.tar.xz"])
@pytest.mark.parametrize("data", [b"", b"<html>Not found</html>", b"PK", b"\x1f\x8b", NOISE[:2000]])
def test_what_is_called_an_archive_and_is_none_is_refused(refused: Callable[..., str], name: str, data: bytes) -> None:
    assert "no archive in spite of its name" in refused(name, data)


@pytest.mark.parametrize("size", [None, 3])
def test_a_download_that_is_missing_or_cut_is_told(run: Callable[..., Path], tmp_path: Path, size: int | None) -> None:
    run({"a.txt": b"la la la"})
    path = tmp_path / "raw/downloads/a.txt"
    path.unlink()
    if size:
        path.write_bytes(b"la la la"[:size])
    with pytest.raises(TartarusError, match=r"a\.txt: not there with the 8 bytes of .*MANIFEST\.json"):
        unpack(path.parent, tmp_path / "raw/MANIFEST.json", tmp_path / "raw/content", limits=LIMITS)


def test_a_full_disk_is_told(run: Callable[..., Path], monkeypatch: pytest.MonkeyPatch) -> None:
    resource = pytest.importorskip("resource")
    signals = pytest.importorskip("signal")
    former = signals.signal(signals.SIGXFSZ, signals.SIG_IGN)
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    packed = gzip.compress(tar_of({"x": NOISE[:1000] * 3000}))
    try:
        resource.setrlimit(resource.RLIMIT_FSIZE, (2_000_000, hard))
        with pytest.raises(TartarusError, match=r"content\.\w+\.part/a\.tar\.gz/x: the disk is full"):
            run({"a.tar.gz": packed}, ratio=1000)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
        signals.signal(signals.SIGXFSZ, former)


# --- Finding files ---------------------------------------------------------------------------------------


def write(folder: Path, tree: dict[str, bytes]) -> Path:
    for name, data in tree.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(data)
    return folder


def test_files_are_found_however_deep_they_are(tmp_path: Path) -> None:
    tree = {"dlrs-data/dlrs-data/splits/a.npy": b"1", "b.tsv": b"2", "x/c": b"3"}
    found = find_files(write(tmp_path, tree), {"a.npy", "b.tsv", "c", "not-there"})
    assert found == {
        "a.npy": [tmp_path / "dlrs-data/dlrs-data/splits/a.npy"],
        "b.tsv": [tmp_path / "b.tsv"],
        "c": [tmp_path / "x/c"],
    }


def test_hidden_files_are_not_found(tmp_path: Path) -> None:
    hidden = {
        ".DS_Store": b"1",
        "x/.DS_Store": b"2",
        ".git/config": b"3",
        "__MACOSX/a/b.txt": b"4",
        "x/__MACOSX/b.txt": b"5",
    }
    folder = write(tmp_path / ".cache", hidden | {"x/a.txt": b""})
    assert find_files(folder, {".DS_Store", "config", "b.txt", "a.txt"}) == {"a.txt": [tmp_path / ".cache/x/a.txt"]}


def test_of_files_that_are_the_same_the_first_is_taken(tmp_path: Path) -> None:
    assert find_files(write(tmp_path, {"b/x": b"1", "a/x": b"1", "c/x": b"1"}), {"x"}) == {"x": [tmp_path / "a/x"]}


def test_what_is_not_looked_for_may_differ(tmp_path: Path) -> None:
    assert find_files(write(tmp_path, {"a/README": b"1", "b/README": b"2", "b/x": b"3"}), {"x"}) == {
        "x": [tmp_path / "b/x"]
    }


@pytest.mark.parametrize("other", [b"2", b"11"])
def test_all_files_of_one_name_with_another_content_are_found(tmp_path: Path, other: bytes) -> None:
    folder = write(tmp_path, {"a/x": b"1", "b/x": other, "c/x": b"1"})
    assert find_files(folder, {"x"}) == {"x": [tmp_path / "a/x", tmp_path / "b/x"]}


def test_links_to_folders_are_followed(tmp_path: Path) -> None:
    write(tmp_path / "elsewhere", {"x": b"1"})
    (tmp_path / "own").mkdir()
    (tmp_path / "own/sound").symlink_to(tmp_path / "elsewhere")
    assert find_files(tmp_path / "own", {"x"}) == {"x": [tmp_path / "own/sound/x"]}


@pytest.mark.parametrize("how", ["pipe", "loop", "gone"])
def test_what_cannot_be_read_is_told_and_not_waited_for(tmp_path: Path, how: str) -> None:
    path = tmp_path / "own/x"
    path.parent.mkdir()
    if how == "pipe":
        os.mkfifo(path)
    else:
        path.symlink_to("x" if how == "loop" else "nowhere")
    with pytest.raises(TartarusError, match=rf"{path}: .* remove it"):
        find_files(tmp_path / "own", {"x"})


def test_names_that_no_file_system_takes_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "downloads/long.zip"
    path.parent.mkdir()
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("splits/" + "x" * 300, b"1")
    manifest = {"archive": "X", "records": [], "files": [{"name": "long.zip", "record": 1, "bytes": 0, "md5": ""}]}
    manifest["files"][0] |= {"bytes": path.stat().st_size, "md5": "0" * 32}
    manifest["records"] = [{"record": 1, "title": "", "doi": "", "licence": None}]
    (tmp_path / "MANIFEST.json").write_text(json.dumps(manifest), encoding="utf-8")
    limits = {"gigabytes": 1, "files": 10, "ratio": 100}
    with pytest.raises(TartarusError, match="a name of more than 240 bytes"):
        unpack(path.parent, tmp_path / "MANIFEST.json", tmp_path / "content", limits=limits)
    assert not (tmp_path / "content").exists()

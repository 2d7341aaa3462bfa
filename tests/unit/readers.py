"""Every reader of files, with a small valid file for it: whatever happens to that, it gives a value or a reason.

python -m tests.unit.readers 2000          each reader 2000 mutations; says what is wrong, how long, how much memory
"""

import json
import resource
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import scipy.sparse
import soundfile
from PIL import Image
from tartarus.archives import checking, genre_tables, json_archives, records, unpacking
from tartarus.base import arrays, documents
from tartarus.base.errors import TartarusError
from tartarus.evaluation import evaluate, prediction_files, results
from tartarus.features import store
from tartarus.features.pictures import covers
from tartarus.features.pictures import decoding as pictures
from tartarus.features.sound import decoding
from tartarus.features.sound.music_extractor import Columns
from tartarus.features.sound.shards import places_in, read_spectrograms
from tartarus.features.text import annotations, gazetteers, texts, word2vec
from tartarus.items import item_tables, plays, raw_files, statuses, tables
from tartarus.items.own_files import read_own
from tartarus.plan import config
from tartarus.plan.expected import Expected
from tartarus.use import usage

from tests.paths import SHIPPED
from tests.unit.examples import RESULT

IDS = np.array(["a", "bé", "c"])


@dataclass(frozen=True)
class Reader:
    """A reader and a file for it.

    Attributes
    ----------
    name : str
        Of the file.
    make : callable
        Writes the file.
    read : callable
        Reads all of it.
    reasons : tuple of type
        The exceptions that are reasons.
    """

    name: str
    make: Callable[[Path], object]
    read: Callable[[Path], object]
    reasons: tuple[type[Exception], ...] = (TartarusError,)


def _rows(path: Path) -> None:
    with store.open_features(path) as found:
        found.rows(np.arange(len(found.index)))


def _sparse(path: Path) -> None:
    store.write_vectors(path, scipy.sparse.csr_matrix(np.eye(3, 5, dtype=np.float32)), IDS.tolist(), {"kind": "bow"})


def _memory(path: Path) -> None:
    raw_files.remember([__file__], memory=path, version="first")


def _read_memory(path: Path) -> None:
    # It gives a version whatever is in the file, another than the one remembered if that is damaged.
    if raw_files.version_of(path, raw_files.stamps_of([__file__])) != "first":
        raise TartarusError(f"{path}: damaged")


def _patches(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file["features"] = np.ones((3, 1, 4, 2), np.float32)
        file["index"] = np.char.encode(IDS, "utf-8")
        file.attrs["signature"] = json.dumps({"type": "cqt"})


def _shard(path: Path) -> None:
    with h5py.File(path, "w") as file:
        file.create_dataset("features", data=np.ones((30, 4), np.float32), chunks=(8, 4), compression="gzip")
        file["index"] = np.char.encode(IDS, "utf-8")
        file["start"] = np.array([0, 10, 20, 30])


def _read_shard(path: Path) -> None:
    for _ in read_spectrograms(places_in([path]).values()):
        pass


def _predictions(path: Path) -> None:
    parts = {"index": IDS, "seeds": np.array([1, 2]), "parameters": np.array(7)}
    arrays.write_arrays(path, scores=np.full((2, 3, 4), 0.25, np.float32), **parts)


def _word_vectors(path: Path) -> None:
    head = b"2 3\n"
    path.write_bytes(head + b"".join(w + b" " + np.ones(3, "<f4").tobytes() + b"\n" for w in (b"one", b"two")))


def _read_word_vectors(path: Path) -> None:
    options = {"dimensions": 3, "pretrained": str(path)}
    word2vec.embedding([], [*word2vec.SPECIAL, "one"], options, seed=1)


def _manifest(path: Path) -> None:
    files = [{"name": "x.tar.gz", "record": 1, "bytes": 5, "md5": "0" * 32}]
    record = {"record": 1, "title": "t", "doi": "10.5281/zenodo.1", "licence": "cc-by-4.0"}
    path.write_text(json.dumps({"archive": "A", "records": [record], "files": files}), encoding="utf-8")


def _archive(path: Path) -> None:
    import tarfile
    import zipfile

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / "x.json").write_text(json.dumps(["content"] * 20), encoding="utf-8")
        if path.suffix == ".zip":
            with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
                file.write(Path(folder) / "x.json", "a/x.json")
        else:
            with tarfile.open(path, "w:gz") as tar:
                tar.add(Path(folder) / "x.json", "a/x.json")


def _unpack(path: Path) -> None:
    manifest = path.with_name("MANIFEST.json")
    files = [{"name": path.name, "record": 1, "bytes": path.stat().st_size, "md5": "0" * 32}]
    record = {"record": 1, "title": "t", "doi": "", "licence": ""}
    manifest.write_text(json.dumps({"archive": "A", "records": [record], "files": files}), encoding="utf-8")
    limits = {"gigabytes": 0.01, "files": 100, "ratio": 200}
    unpacking.unpack(path.parent, manifest, path.parent / "content", limits=limits)


def _check(kind: str, **options: Any) -> Callable[[Path], None]:
    def read(path: Path) -> None:
        entry = Expected(f"data/x/{path.name}", kind, "D", "train", **options)
        (row,) = checking.check([entry], {path.name: [path]})
        if row["status"] == "invalid":
            raise TartarusError(row["message"])

    return read


def _config(folder: str) -> Callable[[Path], object]:
    def read(path: Path) -> None:
        import shutil

        place = path.with_name("config")
        shutil.rmtree(place, ignore_errors=True)
        shutil.copytree(SHIPPED, place)
        target = place / folder / "DEMO.yaml" if folder == "datasets" else place / folder / "demo.yaml"
        target.write_bytes(path.read_bytes())
        config.load(documents.read_yaml(place / "config.yaml"), place)

    return read


def _model(path: Path) -> None:
    from tartarus.learning import backend

    backend.start(threads=1)
    from tartarus.learning import model_files, networks

    entry = networks.Input("bow", (3,), {"kind": "bow"})
    model_files.save(
        networks.build("x", [entry], network={"name": "mlp", "dense": [2]}, output="softmax", n_outputs=2), path
    )


def _read_model(path: Path) -> None:
    from tartarus.learning import model_files

    model_files.load(path)


def _usage(path: Path) -> None:
    for name in ("classes.tsv", "m.keras"):
        path.with_name(name).write_text("rock\npop\n", encoding="utf-8")
    told = {"windows": {"trim": 0.15, "hop": 0.5}, "computing": {"threads": 1, "precision": "float32"}}
    chain = {"models": [str(path.with_name("m.keras"))], "inputs": [{"kind": "bow"}]}
    usage.write(path, {"classes": path.with_name("classes.tsv")}, chain=chain, thresholds={}, **told)


def _sound(**options: Any) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        values = 0.3 * np.sin(np.arange(8000) / 20)
        soundfile.write(path, values, 16000, **options)

    return make


TABLE = "id\taudio\ttext\tlabels\tgroup\nS1\ta/1.mp3\tt/1.txt\trock|pop\tX\nS2\ta/2.mp3\t\tpop\tY\nS3\t\t\tpop\tZ\n"
PLAYS = "user\titem\tcount\nu1\tS1\t3\nü\tS2\t0.5\nu1\tS2\t\n"
TRACKS = "id\tstatus\tseconds\tdetail\nS1\tok\t3.0\t\nS2\tundecodable\t0.0\ta/2.mp3: no sound\n"
TEXTS = "".join(
    json.dumps({"id": set_, "set": set_, "text": "señor हिन्दी"}) + "\n" for set_ in ("train", "val", "test")
)
ANNOTATED = json.dumps(
    [
        {
            "index": 0,
            "text": "Só Elis",
            "entities": [{"label": "Elis", "startChar": 3, "endChar": 7, "categories": ["a"]}],
        }
    ]
)
MARKED = '{"id": "a", "set": "val", "text": "Elis Rio", "mentions": [[0, 4, "Elis", ["a", "b"]], [5, 8, "Rio", []]]}\n'
GAZETTEER = "entity\taliases\tcategories\nDavid Bowie\tBowie|Ziggy\tsingers|actors\nRio\t\t\n"
GENRES = "recordingmbid\treleasegroupmbid\tgenre1\tgenre2\nr1\tg1\tjazz\tjazz---bebop\nr2\tg2\trock\n"
MEASURED = {"rhythm": {"bpm": 120.5}, "lowlevel": {"mfcc": {"mean": [1, 2.5]}}, "tonal": {"key_key": "C#"}}
HISTORY = "epoch,loss,val_loss\n1,0.5,0.6\n2,2.5e-1,0.5\n"


def _text(text: str) -> Callable[[Path], object]:
    return lambda path: path.write_text(text, encoding="utf-8", newline="")


def _copy(source: Path) -> Callable[[Path], object]:
    return lambda path: path.write_bytes(source.read_bytes())


def _picture(path: Path) -> None:
    noise = np.random.default_rng(5).integers(0, 256, (24, 24, 3), dtype=np.uint8)
    Image.fromarray(noise).save(path)


def _covers(path: Path) -> None:
    _picture(path.with_suffix(".png"))
    covers.write_shard(path, path.with_suffix(".tsv"), [("a", path.with_suffix(".png"))], pixels=8)


def _read_covers(path: Path) -> None:
    covers.write_set(path.with_name("pictures_train_D.hdf5"), ["a"], [path], pixels=8)
    _rows(path.with_name("pictures_train_D.hdf5"))


SOUND = (TartarusError, ValueError)
READERS = {
    "items": Reader("items.tsv", _text(TABLE), item_tables.read_items),
    "plays": Reader("plays.tsv", _text(PLAYS), lambda path: plays.read(path, ["S1", "S2"])),
    "tracks": Reader("tracks.tsv", _text(TRACKS), lambda path: statuses.read_all([path])),
    "memory": Reader("audio_D.json", _memory, _read_memory),
    "texts": Reader("texts.jsonl", _text(TEXTS), texts.read),
    "marked names": Reader("texts.jsonl", _text(MARKED), texts.read_mentions),
    "annotated text": Reader("a.json", _text(ANNOTATED), annotations.read),
    "gazetteer": Reader("gazetteer.tsv", _text(GAZETTEER), gazetteers.read),
    "history": Reader("history.csv", _text(HISTORY), tables.read_figures),
    "ids": Reader("items_index.tsv", _text("S1\nS2\nS3\n"), evaluate.read_ids),
    "array": Reader("y.npy", lambda path: arrays.write_array(path, np.eye(3)), arrays.read_array),
    "packed arrays": Reader("x.npz", lambda path: np.savez_compressed(path, x=np.eye(9), y=IDS), arrays.read_arrays),
    "dense vectors": Reader(
        "X_train_own_D.npz", lambda path: store.write_vectors(path, np.eye(3), IDS.tolist(), {"kind": "x"}), _rows
    ),
    "sparse vectors": Reader("X_train_bow_D.npz", _sparse, _rows),
    "patches": Reader("patches_train_D_1_1.hdf5", _patches, _rows),
    "spectrograms": Reader("s.hdf5", _shard, _read_shard),
    "predictions": Reader("test.npz", _predictions, prediction_files.read),
    "result": Reader("r.json", _text(json.dumps(RESULT)), results.read),
    "word vectors": Reader("w.bin", _word_vectors, _read_word_vectors),
    "manifest": Reader("MANIFEST.json", _manifest, records.read_manifest),
    "zip": Reader("x.zip", _archive, _unpack),
    "tar": Reader("x.tar.gz", _archive, _unpack),
    "archived targets": Reader(
        "y.npy", lambda path: arrays.write_array(path, np.eye(3)), _check("targets", columns=(3,), values="many")
    ),
    "archived patches": Reader("p.hdf5", _patches, _check("patches", columns=(1, 4, 2))),
    "genres of recordings": Reader("x-train.tsv", _text(GENRES), lambda path: list(genre_tables.read_table(path))),
    "measured recording": Reader(
        "r.json",
        _text(json.dumps(MEASURED)),
        lambda path: Columns().row(path.name, path.read_bytes()),
        (TartarusError, ValueError),
    ),
    "packed recordings": Reader("x.tar.gz", _archive, lambda path: list(json_archives.read_json_files([path]))),
    "dataset": Reader("DEMO.yaml", _copy(SHIPPED / "datasets/DEMO.yaml"), _config("datasets")),
    "experiments": Reader("demo.yaml", _copy(SHIPPED / "experiments/demo.yaml"), _config("experiments")),
    "model": Reader("m.keras", _model, _read_model),
    "use of a model": Reader("use.json", _usage, usage.read),
    "covers": Reader("covers_D_own-0.hdf5", _covers, _read_covers),
    "own items": Reader("items.tsv", _text("id\timage\nS1\ta.jpg\nS2\tb.jpg\n"), read_own),
    **{
        ending: Reader(f"c.{ending}", _picture, lambda path: pictures.decode(path, pixels=8), (ValueError,))
        for ending in ("jpg", "png", "gif", "webp", "tif", "bmp", "jp2")
    },
    "wav": Reader("s.wav", _sound(), decoding.decode, SOUND),
    "flac": Reader("s.flac", _sound(), decoding.decode, SOUND),
    "ogg": Reader("s.ogg", _sound(), decoding.decode, SOUND),
    "mp3": Reader("s.mp3", _sound(format="MP3"), decoding.decode, SOUND),
    "w64": Reader("s.w64", _sound(format="W64"), decoding.decode, SOUND),
    "aiff": Reader("s.aiff", _sound(), decoding.decode, SOUND),
    "au": Reader("s.au", _sound(), decoding.decode, SOUND),
}
# What breaks readers most: separators, marks, brackets, halves of characters, large numbers.
PIECES = [*b'\t\n\r\0"\\{}[],:|;&*\x85\xff\xfe\xef\xbb\xbf\xd8\x7f\x80', *range(48, 58), *range(256)]


def mutations(data: bytes, *, count: int, seed: int = 1) -> Iterator[bytes]:
    """Change data in some places: bytes overwritten, deleted, put in, repeated, cut off; the same in every run."""
    rng = np.random.default_rng(seed)
    for _ in range(count):
        changed = bytearray(data)
        for _ in range(rng.choice([1, 1, 1, 2, 3])):
            place, length = int(rng.integers(len(changed) + 1)), int(rng.integers(1, 12))
            how = rng.integers(9)
            piece = bytes(rng.choice(PIECES, length).astype(np.uint8))
            if how < 4:
                changed[place : place + length] = piece
            elif how == 4:
                del changed[place : place + length]
            elif how == 5:
                changed[place:place] = piece
            elif how == 6:
                changed[place:place] = changed[-length:] * int(rng.integers(1, 4))
            elif how == 7:
                changed[place : place + 1] = bytes([changed[place] ^ 1 << rng.integers(8)]) if changed[place:] else b""
            elif rng.integers(3) == 0:
                del changed[place:]
        yield bytes(changed)


def outcomes(reader: Reader, folder: Path, *, count: int, seed: int = 1) -> dict[str, int]:
    """Read a file in `count` mutations, and count how often there was a value and how often a reason.

    Any other exception is passed on, with what is needed to see it again.
    """
    path = folder / reader.name
    reader.make(path)
    reader.read(path)
    data = path.read_bytes()
    found = {"value": 0, "reason": 0}
    for number, mutation in enumerate(mutations(data, count=count, seed=seed)):
        path.write_bytes(mutation)
        try:
            reader.read(path)
            found["value"] += 1
        except reader.reasons:
            found["reason"] += 1
        except Exception as error:
            error.add_note(f"{reader.name}, mutation {number} of seed {seed}: {mutation[:200]!r}")
            raise
    return found


def main(count: int, seed: int) -> None:
    """Try every reader widely, and say what it took."""
    for name, reader in READERS.items():
        with tempfile.TemporaryDirectory() as folder:
            begin = time.monotonic()
            found = outcomes(reader, Path(folder), count=count, seed=seed)
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
            print(f"{name:18} {found['value']:6} values {found['reason']:6} reasons "
                  f"{time.monotonic() - begin:7.1f} s, peak {peak} MB so far", flush=True)  # fmt: skip


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 1)

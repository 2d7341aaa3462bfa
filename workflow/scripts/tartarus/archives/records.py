"""Published archives: all files of their records, from a mirror or from the repository's public API.

A record of Zenodo's API states ``metadata`` (title, doi, license) and ``files`` with name, size, MD5 and address.
What was fetched is written down in a manifest, which a mirror may hold too: then no network is needed.
"""

import re
import reprlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import requests
from tartarus.base.documents import parse_json
from tartarus.base.errors import TartarusError
from tartarus.base.files import read_text, write_json
from tartarus.base.logs import log, progress
from tartarus.items.download import Remote, download, unreachable
from tartarus.items.fetch import link_or_copy
from tartarus.items.network import BACKOFF, Limits, open_session, read_answer, shown

MANIFEST = "MANIFEST.json"
DOWNLOADS = "downloads"
_MD5 = re.compile(r"[0-9a-f]{32}")
_NAME = re.compile(r"(?!\.{1,2}\Z)[^/\\\x00-\x1f\x7f]+")
_LONGEST_NAME = 240  # bytes; with .part behind it, file systems take no more
_LONGEST_ANSWER = 1 << 24  # bytes; a record with ten thousand files has a third of it
_SECONDS = 120.0  # for such an answer

Manifest = dict[str, Any]


def fetch_archive(
    name: str,
    records: Sequence[int],
    folder: str | Path,
    *,
    api: str,
    limits: Limits,
    mirror: str | Path | None = None,
    backoff: float = BACKOFF,
) -> None:
    """Fetch all files of an archive's records into ``<folder>/downloads/``, then write ``<folder>/MANIFEST.json``.

    Files that are there and right are not fetched again; one that was begun is gone on with.

    Parameters
    ----------
    name : str
        The archive's name. A mirror holds its files, and perhaps its manifest, in ``<mirror>/<name>/``.
    records : sequence of int
        The records' numbers; of none nothing is fetched.
    folder : str or Path
        The archive's folder.
    api : str
        Address of the repository's API; ``/records/<number>`` is put behind it.
    limits : Limits
        What servers may do.
    mirror : str or Path, optional
        A folder that is looked into before the network. With a manifest in it the network is not asked at all;
        without one, files of the mirror are taken whose MD5 is the one that the records state.
    backoff : float, in seconds
        The wait before the second attempt; it doubles from one attempt to the next.

    Raises
    ------
    TartarusError
        If a file cannot be had or is not what record or manifest state, or either of them is malformed.
    """
    folder = Path(folder)
    store = Path(mirror or "<mirror>") / name
    listed = bool(records) and mirror is not None and (store / MANIFEST).is_file()
    addresses: dict[str, str] = {}
    with open_session(limits) as session:
        if listed:
            manifest = _of_mirror(store / MANIFEST, name, records)
        else:
            manifest, addresses = _of_records(session, name, records, api=api, store=store, backoff=backoff)
        for file in progress(manifest["files"], total=len(manifest["files"]), what=f"fetching {name}"):
            remote = Remote(file["name"], addresses.get(file["name"], ""), file["bytes"], "md5", file["md5"])
            target = folder / DOWNLOADS / remote.path
            if target.is_file() and not remote.fault(target):
                continue
            if mirror is not None and _is_in_mirror(remote, store, must=listed):
                link_or_copy(store / remote.path, target)
                log.info("%s from the mirror", store / remote.path)
            else:
                place = f"{store / remote.path}, with the {MANIFEST} that this step wrote where there was a network,"
                download(session, remote, target, place=place, limits=limits, backoff=backoff)
    write_json(folder / MANIFEST, manifest)


def read_manifest(path: str | Path) -> Manifest:
    """Read the manifest of an archive, and check it.

    Returns
    -------
    dict
        ``archive`` (str), ``records`` (each with record, title, doi, licence), ``files`` (each with name, record,
        bytes, md5); both sorted.

    Raises
    ------
    TartarusError
        Naming file and key, if something is missing, of the wrong type or not to be trusted.
    """
    try:
        value = parse_json(read_text(path))
    except ValueError as error:
        raise TartarusError(f"{path}: not JSON ({error}); fetch it again, or mend it in the mirror") from error
    records = _get(value, "records", list, str(path))
    files = _get(value, "files", list, str(path))
    return _checked(_get(value, "archive", str, str(path)), records, files, str(path))


def _of_mirror(path: Path, name: str, records: Sequence[int]) -> Manifest:
    manifest = read_manifest(path)
    if manifest["archive"] != name:
        raise TartarusError(
            f"{path}: archive: '{manifest['archive']}', expected '{name}'; put there what belongs there"
        )
    found = [record["record"] for record in manifest["records"]]
    if found != sorted(records):
        raise TartarusError(
            f"{path}: records: {found}, expected {sorted(records)}, as the archive is configured; replace the files "
            f"in the mirror, or remove {MANIFEST} there: then the network is asked"
        )
    return manifest


def _of_records(
    session: requests.Session, name: str, numbers: Sequence[int], *, api: str, store: Path, backoff: float
) -> tuple[Manifest, dict[str, str]]:
    """Ask the API; return the manifest, and the address of every file."""
    records, files, addresses, asked = [], [], {}, []
    for number in numbers:
        url = f"{api.rstrip('/')}/records/{number}"
        asked.append(shown(url))
        try:
            content = read_answer(
                session, url, most=_LONGEST_ANSWER, seconds=_SECONDS, backoff=backoff, Accept="application/json"
            )
        except requests.RequestException as error:
            place = f"its files at {store}/<file>, with the {MANIFEST} that this step wrote where there was a network,"
            raise unreachable(url, error, place) from error
        record, own, places = _parsed(content, number, shown(url))
        records.append(record)
        files.extend(own)
        addresses.update(places)
    return _checked(name, records, files, " ".join(asked)), addresses


def _parsed(content: bytes, number: int, url: str) -> tuple[dict[str, Any], list[dict[str, Any]], dict[str, str]]:
    """Read an answer of the API, in today's form or the former one."""
    try:
        answer = parse_json(content)
    except ValueError as error:
        raise TartarusError(
            f"{url}: the answer is not JSON, it begins with {content[:40]!r}; expected a record. Check the address "
            f"(archives: api: in config.yaml) and whether a proxy answers in its place, and run again"
        ) from error
    metadata = _get(answer, "metadata", dict, url)
    licence = metadata.get("license")
    record = {
        "record": number,
        "title": _get(metadata, "title", str, f"{url}: metadata"),
        "doi": _get(metadata if "doi" in metadata else answer, "doi", str, f"{url}: metadata"),
        "licence": licence.get("id") if isinstance(licence, dict) else licence,
    }
    files, addresses = [], {}
    for position, file in enumerate(_get(answer, "files", list, url)):
        source = f"{url}: files[{position}]"
        name = _get(file, _first(file, "key", "filename"), str, source)
        files.append(
            {
                "name": name,
                "record": number,
                "bytes": _get(file, _first(file, "size", "filesize"), int, source),
                "md5": _get(file, "checksum", str, source).removeprefix("md5:"),
            }
        )
        links = _get(file, "links", dict, source)
        addresses[name] = _get(links, _first(links, "download", "content", "self"), str, f"{source}: links")
    return record, files, addresses


def _first(value: Any, *keys: str) -> str:
    """Choose the first of several names of one thing that is there."""
    return next((key for key in keys if isinstance(value, Mapping) and key in value), keys[-1])


def _checked(archive: str, records: list[Any], files: list[Any], source: str) -> Manifest:
    """Check what a manifest or the API's answers hold; reduce it to the keys of a manifest, and sort it."""
    kept_records, kept_files = [], []
    for position, record in enumerate(records):
        where = f"{source}: records[{position}]"
        kept = {"record": _get(record, "record", int, where)}
        kept |= {key: _get(record, key, str, where) for key in ("title", "doi")}
        # Not every record states one.
        kept_records.append(kept | {"licence": _get(record, "licence", str | None, where)})
    known = {record["record"] for record in kept_records}
    if records and not files:
        raise TartarusError(f"{source}: files: none; expected at least one. The record may not be open to the public")
    owners: dict[str, int] = {}
    for position, file in enumerate(files):
        where = f"{source}: files[{position}]"
        name, record = _get(file, "name", str, where), _get(file, "record", int, where)
        size, md5 = _get(file, "bytes", int, where), _get(file, "md5", str, where).lower()
        if not _NAME.fullmatch(name) or len(name.encode()) > _LONGEST_NAME or name.endswith(".part"):
            raise TartarusError(
                f"{where}: name: {reprlib.repr(name)}; expected the name of a file, without folders, of at most "
                f"{_LONGEST_NAME} bytes, that does not end in .part"
            )
        if record not in known:
            raise TartarusError(f"{where}: record: {record}; expected one of records: {sorted(known)}")
        if size < 0:
            raise TartarusError(f"{where}: bytes: {size}; expected 0 or more")
        if not _MD5.fullmatch(md5):
            raise TartarusError(f"{where}: md5: {md5[:40]!r}; expected 32 hexadecimal digits")
        if name in owners:
            raise TartarusError(
                f"{where}: name: '{name}' stands twice, in record {owners[name]} and in record {record}; make an "
                f"archive of each record"
            )
        owners[name] = record
        kept_files.append({"name": name, "record": record, "bytes": size, "md5": md5})
    return {
        "archive": archive,
        "records": sorted(kept_records, key=lambda record: record["record"]),
        "files": sorted(kept_files, key=lambda file: file["name"]),
    }


def _get(value: Any, key: str, kind: Any, source: str) -> Any:
    """Look up a key whose value must be of a kind."""
    if not isinstance(value, Mapping):
        raise TartarusError(f"{source}: expected keys and values, found {type(value).__name__}")
    if key not in value:
        raise TartarusError(f"{source}: the key '{key}' is missing")
    # JSON's true and false are no numbers, though Python's are.
    if not isinstance(value[key], kind) or isinstance(value[key], bool):
        expected = kind.__name__ if isinstance(kind, type) else kind
        raise TartarusError(f"{source}: {key}: found {reprlib.repr(value[key])}, expected {expected}")
    return value[key]


def _is_in_mirror(remote: Remote, store: Path, *, must: bool) -> bool:
    """Tell whether the mirror has a file; if it `must`, because the manifest lists it, say what is wrong."""
    path = store / remote.path
    fault = remote.fault(path) if path.is_file() else "missing"
    if fault and must:
        raise TartarusError(
            f"{path}: {fault}, though {store / MANIFEST} lists it; put the right file there, or remove that "
            f"{MANIFEST}: then the file comes from the network"
        )
    if fault and path.is_file():
        log.warning("%s: %s; it comes from the network", path, fault)
    return fault is None

"""Weights that a network begins from: which file, verified how, told where."""

import hashlib
from pathlib import Path

import pytest
from tartarus.base.documents import read_yaml
from tartarus.base.errors import TartarusError
from tartarus.items.fetch import fetch
from tartarus.items.network import Limits
from tartarus.plan import config, given, requests, weights

from tests.paths import SHIPPED
from tests.unit.servers import serving

FILE = weights.PUBLISHED["resnet50"].file


def test_a_network_says_which_file_it_begins_from(tmp_path: Path) -> None:
    own = tmp_path / "mine.weights.h5"
    own.write_bytes(b"weights")
    assert weights.file_of({"name": "resnet"}) == f"data/raw/weights/resnet50/{FILE}"
    assert "resnet101" in weights.file_of({"name": "resnet", "depth": 101, "weights": "imagenet"})
    assert weights.file_of({"name": "resnet", "weights": "none"}) == weights.file_of({"name": "mlp"}) == ""
    mine = {"name": "resnet", "weights": str(own)}
    assert weights.file_of(mine) == str(own)
    assert weights.described(mine) == {"file": str(own), "sha256": hashlib.sha256(b"weights").hexdigest()}
    own.write_bytes(b"other weights")
    assert weights.described(mine)["sha256"] == hashlib.sha256(b"other weights").hexdigest()
    assert weights.described({"name": "mlp"}) == {}


def test_own_weights_that_are_not_there_are_named() -> None:
    with pytest.raises(TartarusError, match=r"network: weights: gone\.h5: no such file; .* imagenet .* none"):
        weights.file_of({"name": "resnet", "weights": "gone.h5"})


def test_a_result_names_checksum_and_licence() -> None:
    shipped = config.load(read_yaml(SHIPPED / "config.yaml"), SHIPPED)
    request = requests.find(shipped, "ismir", "image_logistic_resnet")
    told = given.training_options(request)["weights"]
    assert told["md5"] == "88cf7a10940856eca736dc7b7e228a21"
    assert "MIT" in told["licence"]
    assert given.weights_file(request) == f"data/raw/weights/resnet101/{told['file']}"
    without = requests.find(shipped, "ismir", "audio_logistic_low-4x70")
    assert "weights" not in given.training_options(without)
    assert given.weights_file(without) == []


def test_another_file_s_source_is_not_told() -> None:
    assert weights.source_of({"network": "resnet50", "file": FILE})["files"] == {
        FILE: weights.PUBLISHED["resnet50"].md5
    }
    with pytest.raises(TartarusError, match=rf"other\.h5: not the weights of resnet50, which are {FILE}"):
        weights.source_of({"network": "resnet50", "file": "other.h5"})


def test_weights_are_fetched_and_verified_by_md5(tmp_path: Path) -> None:
    content, limits = b"weights" * 1000, Limits(plain_http=True)
    md5 = hashlib.md5(content, usedforsecurity=False).hexdigest()

    def get(checksum: str, mirror: Path | None = None) -> Path:
        folder = tmp_path / checksum
        options = {"url": server.url, "limits": limits, "mirror": mirror, "algorithm": "md5", "backoff": 0.001}
        fetch({FILE: checksum}, folder, name=weights.IN_MIRROR, **options)
        return folder / FILE

    with serving({FILE: content}) as server:
        assert get(md5).read_bytes() == content
        with pytest.raises(TartarusError, match=rf"wrong checksum: MD5 {md5}, expected {'0' * 32}; the file was not"):
            get("0" * 32)
        assert not (tmp_path / ("0" * 32)).exists()
        (tmp_path / "mirror" / weights.IN_MIRROR).mkdir(parents=True)
        (tmp_path / "mirror" / weights.IN_MIRROR / FILE).write_bytes(b"damaged")
        with pytest.raises(TartarusError, match=r"wrong checksum: MD5 .*; replace the file in the mirror"):
            get("1" * 32, tmp_path / "mirror")

"""Trained models put to use: tags for a folder of sound files."""

import dataclasses
import os
from pathlib import Path

from case import Case, Work
from feeding import SHAPE, write_patches
from sound import AUDIO, sounds, write_shard
from training import options_of, start

FAMILY, EXPERIMENT = "ismir", "audio_logistic_low-4x70"


class Tags(Case):
    """Tags for MP3s of 30 s by LOW-4X70, once it has started."""

    name, yardstick, unit = "tags", "decoding and spectrograms alone, a worker for each core", "files"
    size, quick, goal, smallest = 100, 2, 1 / 1.3, 100

    def prepare(self, folder: Path, size: int) -> None:
        sounds(folder, size, ending="mp3", seconds=30, channels=2)
        write_patches(folder, 8)
        if not (folder / "model.keras").exists():
            _write_model(folder)

    def ours(self, folder: Path, size: int) -> Work:
        start(options_of(FAMILY, EXPERIMENT))
        from tartarus.items.inbox import Found
        from tartarus.plan.feature_kinds import PATCHES
        from tartarus.use import loading, tagging

        tracks = sounds(folder, size, ending="mp3", seconds=30, channels=2)
        found = [Found(id_, path, None) for id_, path in tracks]
        entry = {"kind": PATCHES.name, "pad": "floor", "min_seconds": 1.0}
        chain = loading.load({"models": [str(folder / "model.keras")], "inputs": [entry]})

        def tag(files: list[Found]) -> None:
            for one in tagging.say(chain, files, trim=0.15, hop=0.5, workers=os.cpu_count() or 1):
                assert one.scores is not None

        tag(found[:2])
        return lambda: tag(found)

    def plain(self, folder: Path, size: int) -> Work:
        tracks, workers = sounds(folder, size, ending="mp3", seconds=30, channels=2), os.cpu_count() or 1
        write_shard(folder, tracks[:2], workers)
        return lambda: write_shard(folder, tracks, workers)


def _write_model(folder: Path) -> None:
    """Write a model that nobody has trained: it takes as long."""
    options = options_of(FAMILY, EXPERIMENT)
    start(options)
    from tartarus.features import store
    from tartarus.learning import model_files, networks, training

    rows = store.open_features(write_patches(folder, 8))
    (entry,) = training.describe(["patches"], [rows], {})
    entry = dataclasses.replace(entry, signature={**AUDIO, "frames": SHAPE[1]})
    model = networks.build("ours", [entry], network=options["network"], output="sigmoid", n_outputs=options["dim"])
    model_files.save(model, folder / "model.keras")

"""Draw every file of an inbox: its spectrogram, and what a model says of it over time."""

from pathlib import Path

from tartarus.base import arrays, files, logs
from tartarus.items import inbox
from tartarus.learning import backend

with logs.job(snakemake.log[0]):
    given, params = snakemake.input, snakemake.params
    backend.start(**params.computing)
    from tartarus.report import figures
    from tartarus.use import loading, tagging

    factors = arrays.read_array(given.class_factors) if given.get("class_factors") else None
    found, how = inbox.find(snakemake.wildcards.inbox), {key: params.tags[key] for key in ("trim", "hop")}
    pictures = inbox.pictures(found, snakemake.output[0])
    chain, classes = loading.load(params.chain, factors), files.read_lines(given.classes)
    said = tagging.say(chain, found, **how, timeline=True, keep_spectrogram=True, workers=snakemake.threads)
    for one in logs.progress(said, total=len(found), what="files drawn"):
        heard = one.heard
        if one.timeline is None or heard.spectrogram is None:
            logs.log.warning("%s: no picture: %s %s", heard.found.id, heard.status, heard.detail)
            continue
        figure = figures.over_time(
            heard.spectrogram,
            one.timeline,
            seconds_per_frame=heard.seconds_per_frame,
            begins=one.begins,
            window=one.window,
            classes=classes,
            title=heard.found.id,
        )
        path = pictures[heard.found.id]
        path.parent.mkdir(parents=True, exist_ok=True)
        figures.save(figure, path)
    Path(snakemake.output[0]).mkdir(parents=True, exist_ok=True)

"""A world of texts about topics, from a seed, on which methods for words can be measured.

Made like newswire: a few topics are in most texts, most topics in a few (a power law); some texts have several topics,
which then tend to be of one field; topics of a field share words. Most words of a text say nothing of its topics. A
share of the topics is not written down, or another one is in its place, as people who label do. So the best possible
is well below 1: a linear support vector machine reaches about .86 micro F1 on 7000 texts.
"""

from dataclasses import dataclass

import numpy as np

SYLLABLES = [consonant + vowel for consonant in "bdfghjklmnprstvz" for vowel in "aeiou"]


@dataclass(frozen=True)
class Text:
    """A text and its topics, of which there may be none."""

    words: str
    topics: tuple[str, ...]


def write(
    n_texts: int = 7000,
    *,
    n_topics: int = 90,
    n_words: int = 30_000,
    n_fields: int = 12,
    told: float = 0.28,
    mislabelled: float = 0.04,
    seed: int = 0,
) -> list[Text]:
    """Write texts.

    Parameters
    ----------
    n_texts, n_topics, n_words, n_fields : int
        Texts; topics, in fields; different words.
    told : float
        The share of the words of a text that are of its topics, on average.
    mislabelled : float
        The share of topics that are left out, or replaced by another of the field.
    seed : int
        Of everything.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    words = np.array(_words(n_words, rng))
    common = _power_law(n_words, 1.0)
    share = _power_law(n_topics, 1.4)
    field = rng.permutation(np.arange(n_topics) % n_fields)
    # Rarer words than those of every text: they are drawn from what is left of the vocabulary.
    of_field = [rng.choice(np.arange(100, n_words), 150, replace=False) for _ in range(n_fields)]
    of_topic = [
        np.concatenate([rng.choice(np.arange(100, n_words), 80, replace=False), rng.choice(of_field[own], 40, False)])
        for own in field
    ]
    weights = [_power_law(120, 0.8)[rng.permutation(120)] for _ in of_topic]
    texts = []
    for _ in range(n_texts):
        about = [int(rng.choice(n_topics, p=share))]
        while rng.random() < 0.28 and len(about) < 5:
            near = share * np.where(field == field[about[0]], 30.0, 1.0)
            other = int(rng.choice(n_topics, p=near / near.sum()))
            about += [other] if other not in about else []
        length = int(np.clip(rng.lognormal(4.1, 0.6), 8, 800))
        mixture = rng.dirichlet(np.full(len(about), 2.0))
        telling = rng.binomial(length, rng.beta(2, 2 / told - 2))
        chosen = [rng.choice(n_words, length - telling, p=common)]
        for topic, count in zip(about, rng.multinomial(telling, mixture), strict=True):
            chosen.append(rng.choice(of_topic[topic], count, p=weights[topic]))
        written = [_labelled(topic, field, mislabelled, rng) for topic in about]
        names = sorted({f"topic{topic:02d}" for topic in written if topic is not None})
        texts.append(Text(" ".join(words[rng.permutation(np.concatenate(chosen))]), tuple(names)))
    return texts


def _labelled(topic: int, field: np.ndarray, mislabelled: float, rng: np.random.Generator) -> int | None:
    if rng.random() >= mislabelled:
        return topic
    return None if rng.random() < 0.5 else int(rng.choice(np.flatnonzero(field == field[topic])))


def _power_law(n: int, exponent: float) -> np.ndarray:
    found = np.arange(1, n + 1) ** -exponent
    return found / found.sum()


def _words(n: int, rng: np.random.Generator) -> list[str]:
    """Make different words of two to four syllables, in the order of drawing."""
    found: dict[str, None] = {}
    while len(found) < n:
        found.setdefault("".join(rng.choice(SYLLABLES, rng.integers(2, 5))))
    return list(found)

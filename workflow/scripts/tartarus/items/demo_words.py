"""The words of DEMO's tracks: lyrics in words of the genre, of a topic and of all; then lines that mention names."""

from tartarus.items import demo_names, demo_tracks
from tartarus.items.demo_tracks import ARTISTS, GENRES, Row

_WORDS = {"disco": "night", "house": "road", "rock": "road", "ambient": "sea"}
_VOCABULARY = {
    "night": (
        "night light mirror shine glitter dance floor tonight fever neon silver moon spark crowd turning "
        "midnight dazzle rhythm heart sparkle"
    ),
    "road": (
        "road engine wheel dust highway thunder iron steel border truck desert mile gravel petrol town "
        "rust bridge motor horizon leaving"
    ),
    "sea": (
        "sea wave tide shore salt island harbour drift gull coral foam deep current sail lagoon mist "
        "pearl anchor sand breeze"
    ),
}
_COMMON = (
    "the a and you me we my your is it in on to of for with when then now never always love time day "
    "away home come go know feel see hear say one all over again"
)
_TOPICS = {
    "rain": "rain cloud storm umbrella puddle drizzle",
    "kitchen": "kitchen bread soup kettle honey pepper",
    "garden": "garden rose tulip bee orchard blossom",
    "money": "money coin debt bank wallet treasure",
    "school": "school chalk lesson pencil teacher desk",
    "winter": "winter snow frost ice sledge mitten",
    "wedding": "wedding bride ring veil promise cake",
    "forest": "forest wolf fox owl moss acorn",
}
_OWN, _TOPICAL = 0.25, 0.15  # shares of words: of the genre, and of the topic


def lyric(genre: str, id_: str, *, seed: int) -> str:
    """Write a lyric of 6 to 12 lines, or nothing for an instrumental track."""
    if demo_tracks.is_instrumental(id_):
        return ""
    rng = demo_tracks.rng_of(f"lyric {id_}", seed=seed)
    own, common = _VOCABULARY[_WORDS[genre]].split(), _COMMON.split()
    topical = _TOPICS[demo_tracks.topic(id_, seed=seed)].split()
    lines = []
    for _ in range(int(rng.integers(6, 13))):
        words = []
        for _ in range(int(rng.integers(4, 8))):
            chance = rng.random()
            pool = own if chance < _OWN else topical if chance < _OWN + _TOPICAL else common
            words.append(pool[int(rng.integers(len(pool)))])
        lines.append(" ".join(words).capitalize())
    return "\n".join(lines) + "\n"


def text(row: Row, *, seed: int) -> str:
    """Write what a track's text file holds: its lyric, and lines that mention names; nothing if it is instrumental."""
    words = lyric(row["genre"], row["id"], seed=seed)
    names = demo_names.names_of(row["genre"], demo_tracks.artist_number(row["group"]))
    mentions = demo_names.lines(names, _COMMON.split(), demo_tracks.rng_of(f"names {row['id']}", seed=seed))
    return words + "".join(f"{line}\n" for line in mentions) if words else ""


def gazetteer() -> list[Row]:
    """List the rows of gazetteer.tsv: what the names in the lyrics are."""
    return demo_names.gazetteer([genre for genre in GENRES for _ in range(ARTISTS)])

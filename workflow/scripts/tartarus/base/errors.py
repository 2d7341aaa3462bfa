"""The one exception for what a user can mend."""

import difflib
from collections.abc import Iterable


class TartarusError(Exception):
    """Something in the user's files, configuration or surroundings is wrong.

    The text names the file, row, key or id, says what was wrong and what to do about it.
    """


def suggestion(word: str, known: Iterable[str]) -> str:
    """Say which known word was probably meant, and list them all.

    Parameters
    ----------
    word : str
        What the user wrote.
    known : iterable of str
        What could have been written.

    Returns
    -------
    str
        For example ``did you mean 'filters'? Known: filters, kernels``.
    """
    names = sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    return f"{hint}Known: {', '.join(names) or 'none'}"

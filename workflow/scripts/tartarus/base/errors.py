"""The one exception for what a user can mend."""

import difflib
import lzma
import struct
import tokenize
import zipfile
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

# What the readers of arrays, sparse matrices, tables and HDF5 raise when a file is not what it says it is; out of
# memory they run at sizes that no file has.
_DAMAGE = (
    *(ArithmeticError, AttributeError, EOFError, LookupError, MemoryError, OSError, RuntimeError, SyntaxError),
    *(TypeError, ValueError, lzma.LZMAError, struct.error, tokenize.TokenError, zipfile.BadZipFile, zlib.error),
)


# For files that a rule makes.
REMEDY = "delete it to have it made anew"


class TartarusError(Exception):
    """Something in the user's files, configuration or surroundings is wrong.

    The text names the file, row, key or id, says what was wrong and what to do about it.
    """


class UnavailableError(TartarusError):
    """A file cannot be read now, whatever is in it: nothing is to be remembered of it."""


def damaged(path: str | Path, why: object, remedy: str = REMEDY) -> TartarusError:
    """Make the error for a file that is not as it was made."""
    return TartarusError(f"{path}: damaged ({why}); {remedy}")


def suggestion(word: str, known: Iterable[str], *, ordered: bool = False) -> str:
    """Say which known word was probably meant, and list them all.

    Parameters
    ----------
    word : str
        What the user wrote.
    known : iterable of str
        What could have been written.
    ordered : bool
        Whether to list it in the order in which it comes; else by the alphabet.

    Returns
    -------
    str
        For example ``did you mean 'filters'? Known: filters, kernels``.
    """
    names = list(known) if ordered else sorted(known)
    close = difflib.get_close_matches(word, names, n=1)
    hint = f"did you mean '{close[0]}'? " if close else ""
    return f"{hint}Known: {', '.join(names) or 'none'}"


@contextmanager
def telling_damage(path: Path, what: str, remedy: str = "fetch it anew") -> Iterator[None]:
    """Turn what a reader raises at a damaged file into a TartarusError that names it."""
    try:
        yield
    except _DAMAGE as error:
        raise TartarusError(f"{path}: {what} ({error}); {remedy}") from error

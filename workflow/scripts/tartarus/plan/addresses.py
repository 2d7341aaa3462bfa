"""Addresses in the configuration: what they may look like, told without repeating what may be secret in them."""

import re
from urllib.parse import urlsplit

from tartarus.base.errors import TartarusError


def expect_address(address: str, *, plain_http: bool, source: str) -> None:
    """Refuse an address that files are not to be fetched from.

    Parameters
    ----------
    address : str
        What stands in the configuration; paths are put behind it.
    plain_http : bool
        Whether it may begin with http://.
    source : str
        The file, and the key; for the message.

    Raises
    ------
    TartarusError
        If it is no address, is not encrypted, or holds what would have to be kept secret.
    """
    try:
        parts = urlsplit(address)
        is_address = bool(parts.hostname) and parts.port != 0 and re.fullmatch(r"[!-z|~]+", address)
    except ValueError:
        is_address = False
    if not is_address or parts.scheme not in ("http", "https"):
        raise TartarusError(f"{source}: not an address that begins with https://; correct it")
    if "@" in parts.netloc or "?" in address or "#" in address:
        raise TartarusError(
            f"{source}: the address holds a user, a password or a query, which would stand in messages and logs; "
            f"leave them out. A password belongs into ~/.netrc, where it is found by the name of the server"
        )
    if parts.scheme == "http" and not plain_http:
        raise TartarusError(
            f"{source}: begins with http://, where anybody on the way can read and change what comes; write https://, "
            f"or allow it in config.yaml (fetch: plain_http: true)"
        )

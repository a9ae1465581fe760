"""The name of content wherever one is needed. A leaf of the imports."""

import hashlib


def sha256(data: bytes | str) -> str:
    """The SHA-256 of ``data`` (text as UTF-8) in hex digits."""
    return hashlib.sha256(data.encode() if isinstance(data, str) else data).hexdigest()

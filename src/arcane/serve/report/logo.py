"""The client's logo: a PNG or JPEG picture, checked before it goes into anything."""

from __future__ import annotations

import base64
import io
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from arcane.errors import ConfigError

_KINDS: Final = {"PNG": "image/png", "JPEG": "image/jpeg"}


@dataclass(frozen=True, slots=True)
class Logo:
    """``ratio``: width by height."""

    data: bytes
    mime: str
    ratio: float

    @property
    def address(self) -> str:
        """As a page holds it in itself."""
        return f"data:{self.mime};base64,{base64.b64encode(self.data).decode()}"


def logo(path: Path) -> Logo:
    """Raises: ConfigError if it cannot be read or is no such picture."""
    from PIL import Image  # python-pptx brings it

    try:
        data = path.read_bytes()
    except OSError as exc:
        raise ConfigError(f"--logo {path} cannot be read ({exc.strerror}): name a PNG or JPEG file") from exc
    try:
        with Image.open(io.BytesIO(data), formats=list(_KINDS)) as picture:
            kind, (width, height) = picture.format or "", picture.size
            picture.verify()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as exc:
        raise ConfigError(f"--logo {path} is no PNG or JPEG picture: name one") from exc
    return Logo(data, _KINDS[kind], width / height)

"""The report as one HTML file: styles, fonts, logo and charts inside, no script, nothing asked of anybody."""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final

import jinja2

from arcane.errors import ConfigError
from arcane.serve.charts import Spec, theme
from arcane.serve.language import Language
from arcane.serve.report.content import Content
from arcane.serve.report.sections import Figure

_HERE: Final = Path(__file__).parent
_FONTS: Final = _HERE.parent / "dashboard" / "static" / "vendor"
_FACES: Final = (
    ("Newsreader", 500, "newsreader-500.woff2"),
    ("Source Sans 3", 400, "source-sans-400.woff2"),
    ("Source Sans 3", 600, "source-sans-600.woff2"),
)
_WIDE_PX: Final = 680
_HALF_PX: Final = 324
_NARROW_PX: Final = 340
_ID: Final = re.compile(r'(\bid="|url\(#|href="#)([\w-]+)')


def page(content: Content) -> str:
    """The whole file. Raises: ConfigError where the charts cannot be drawn here."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_HERE / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=jinja2.StrictUndefined,
    )
    return environment.get_template("report.html").render(
        content=content,
        language=content.language,
        say=content.language.text,
        style=(_HERE / "templates" / "report.css").read_text("utf-8"),
        fonts=_fonts(),
        drawings=_drawings(content),
    )


def _drawings(content: Content) -> dict[str, Mapping[str, Any]]:
    """Figure → its pictures: as wide as a sheet, and as wide as a phone."""
    found: dict[str, Mapping[str, Any]] = {}
    for section in content.sections:
        for figure in section.figures:
            spec = figure.draw(content.rows[figure.rows])
            spec = {**spec, "height": figure.height or spec["height"]}
            found[figure.name] = _pictures(figure, spec, content.language)
    return found


def _pictures(figure: Figure, spec: Spec, language: Language) -> Mapping[str, Any]:
    wide = svg(spec, width=_HALF_PX if figure.is_half else _WIDE_PX, language=language, prefix=f"{figure.name}-w-")
    narrow = "" if figure.is_half else svg(spec, width=_NARROW_PX, language=language, prefix=f"{figure.name}-n-")
    return {"wide": wide, "narrow": narrow, "description": spec["description"]}


def svg(spec: Spec, *, width: int, language: Language, prefix: str) -> str:
    """A chart without a browser, in the page's language; ``prefix`` keeps its ids apart from every other's,
    and they are counted anew, where vl-convert goes on counting."""
    try:
        import vl_convert
    except ImportError as exc:
        raise ConfigError(
            "charts cannot be drawn here: install arcane with its extra, pip install 'arcane[report]'"
        ) from exc
    config = theme("light")
    above = {**config["style"], "event-label": {**config["style"]["event-label"], "dy": -15}}
    drawn: str = vl_convert.vegalite_to_svg(
        {**spec, "width": width},
        config={
            **config,
            "aria": False,
            "style": above,
            "legend": {**config["legend"], "orient": "bottom", "offset": 10},
        },
        allowed_base_urls=[],
        format_locale=language.vega_number_format(),
        time_format_locale=language.vega_time_format(),
    )
    ids: dict[str, str] = {}
    return _ID.sub(lambda found: found[1] + ids.setdefault(found[2], f"{prefix}{len(ids)}"), drawn)


def _fonts() -> str:
    return "\n".join(
        f'@font-face {{ font-family: "{family}"; font-weight: {weight}; '
        f'src: url("data:font/woff2;base64,{base64.b64encode((_FONTS / file).read_bytes()).decode()}") format("woff2"); }}'
        for family, weight, file in _FACES
    )

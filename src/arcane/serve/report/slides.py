"""The report as slides, 16:9: charts are native and can be edited, words are text, nothing is a picture but the logo."""

from __future__ import annotations

import io
import math
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from pptx import Presentation
from pptx.enum.text import PP_ALIGN
from pptx.util import Emu, Inches, Length, Pt

from arcane.serve.report.comments import Comment
from arcane.serve.report.content import Content
from arcane.serve.report.plots import draw_chart, draw_heat
from arcane.serve.report.rules import Sentence
from arcane.serve.report.sections import Figure, Section
from arcane.serve.report.shapes import (
    ACCENT,
    BODY,
    DATA,
    HEIGHT,
    INK,
    INNER,
    LEFT,
    RULE,
    SERIF,
    SOFT,
    TOP,
    WIDTH,
    clean,
    color_links,
    draw_box,
    draw_rule,
    draw_table,
    write_text,
)
from arcane.serve.report.tables import grid

_LINE_CHARS: Final = 88  # of a sentence
_UNSAID_CHARS: Final = 140  # of what cannot be said, in smaller letters
_UNSAID_LINES: Final = 6  # below the key figures
_WORDS: Final = Inches(1.4)  # the most of a comment that goes below charts
_GROWN: Final = (2.9, 1.4, 1.4, 1.1, 0.7, 1.3, 3.033)  # inches, of its columns
_TILE: Final = Inches(1.45)
_BELOW: Final = Inches(4.78)  # the key figures
_REASON_CHARS: Final = 48  # of a line in the last column of what changes
_LEAST_CHART: Final = Inches(2)
_MARKS: Final = Inches(0.3)  # what marks the days of volume, in a line
_FEW_SPIKES: Final = 3  # those that have room below the days


def slides(content: Content, *, made_at: datetime) -> bytes:
    """The file's bytes; ``made_at`` is what it says of its own making, so that equal data make equal slides."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDTH, HEIGHT
    properties = deck.core_properties
    properties.title, properties.author, properties.last_modified_by = clean(content.title), "Arcane", "Arcane"
    properties.created = properties.modified = made_at.replace(tzinfo=None)
    color_links(deck, SOFT)
    maker = _Maker(deck, content)
    maker.cover()
    for section in content.sections:
        maker.section(section)
    file = io.BytesIO()
    deck.save(file)
    return file.getvalue()


class _Maker:
    """Puts one thing after another into the deck."""

    def __init__(self, deck: Any, content: Content) -> None:
        self._deck = deck
        self._content = content
        self._say = content.language.text
        self._number = 0

    def cover(self) -> None:
        content = self._content
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[6])
        draw_rule(slide, LEFT, Inches(1.25), INNER, 2.25, INK)
        if content.logo is not None:
            height: Length = Inches(0.6)
            width = Emu(min(int(height * content.logo.ratio), Inches(3.5)))
            height = Emu(int(width / content.logo.ratio))
            slide.shapes.add_picture(io.BytesIO(content.logo.data), LEFT, Inches(1.12) - height, width, height)
        write_text(
            slide,
            Inches(9.5),
            Inches(0.8),
            Inches(3.083),
            Inches(0.4),
            [[(self._say("Rapport", "Report"), False)]],
            12,
            SOFT,
            align=PP_ALIGN.RIGHT,
        )
        write_text(
            slide,
            LEFT,
            Inches(2.35),
            INNER,
            Inches(1.2),
            [[(content.title, False)]],
            54,
            INK,
            font=SERIF,
            is_title=True,
        )
        write_text(slide, LEFT, Inches(3.5), INNER, Inches(0.6), [[(content.period, False)]], 24, INK, font=SERIF)
        write_text(slide, LEFT, Inches(4.05), INNER, Inches(0.4), [[(content.against, False)]], 14, SOFT)
        draw_rule(slide, LEFT, Inches(5.7), INNER, 0.75, RULE)
        write_text(
            slide,
            LEFT,
            Inches(5.8),
            INNER,
            Inches(0.7),
            [[(content.settled, True)], [(content.coverage, False)]],
            13,
            SOFT,
        )
        if content.then:
            write_text(slide, LEFT, Inches(6.5), INNER, Inches(0.7), [[(content.then, False)]], 11, ACCENT)

    def section(self, section: Section) -> None:
        match section.look:
            case "essential":
                self._essential(section)
            case "growth":
                self._growth(section)
            case "tweets":
                self._tweets(section)
            case "method":
                self._method(section)
            case _:
                self._figures(section)

    def _slide(self, title: str, deck: str) -> Any:
        content = self._content
        slide = self._deck.slides.add_slide(self._deck.slide_layouts[6])
        self._number += 1
        draw_rule(slide, LEFT, Inches(0.5), INNER, 1, INK)
        write_text(
            slide, LEFT, Inches(0.56), INNER, Inches(0.6), [[(title, False)]], 28, INK, font=SERIF, is_title=True
        )
        if deck:
            write_text(slide, LEFT, Inches(1.1), INNER, Inches(0.55), [[(deck, False)]], 12, SOFT)
        write_text(
            slide,
            LEFT,
            Inches(6.98),
            Inches(11),
            Inches(0.3),
            [[(f"{content.title} · {content.period} · {content.settled}", False)]],
            9,
            SOFT,
        )
        write_text(
            slide,
            Inches(11.583),
            Inches(6.98),
            Inches(1),
            Inches(0.3),
            [[(str(self._number + 1), False)]],
            9,
            SOFT,
            align=PP_ALIGN.RIGHT,
        )
        return slide

    def _essential(self, section: Section) -> None:
        content = self._content
        slide = self._slide(section.title, section.deck)
        self._tiles(slide)
        self._comment(slide, section, _BELOW, Inches(2))
        self._said(section)
        self._unsaid(slide, content.unsaid, has_room=section.key not in content.comments)

    def _unsaid(self, slide: Any, unsaid: Sequence[Sentence], *, has_room: bool) -> None:
        """Below the key figures, or on a slide of its own."""
        if not unsaid:
            return
        title = self._say("Ce que les chiffres ne permettent pas de dire", "What the figures do not allow to say")
        lines = sum(math.ceil(len(one.text) / _UNSAID_CHARS) for one in unsaid)
        top: Length = TOP
        if has_room and lines <= _UNSAID_LINES:
            write_text(slide, LEFT, _BELOW, INNER, Inches(0.4), [[(title, True)]], 12, INK)
            top = Emu(int(_BELOW) + Inches(0.3))
        else:
            slide = self._slide(title, "")
        told = [[("– ", False), (one.text, False)] for one in unsaid]
        write_text(slide, LEFT, top, INNER, Emu(int(TOP + BODY - top)), told, 13, SOFT, gap=4)

    def _said(self, section: Section) -> None:
        """On as few slides as they fit on, about as many on each."""
        said = self._content.said
        heights = [Inches(0.42 + 0.27 * max(1, math.ceil(len(one.text) / _LINE_CHARS))) for one in said]
        room = _room(heights)
        slide: Any = None
        top = bottom = 0
        for one, height in zip(said, heights, strict=True):
            if top + height > bottom:
                slide, top, bottom = self._slide(section.title, section.deck), int(TOP), int(TOP) + room
            color = {"up": ACCENT, "down": DATA}.get(one.tone, INK)
            write_text(slide, LEFT, top, Inches(2.1), height, [[(one.lead, False)]], 28, color, font=SERIF)
            write_text(
                slide,
                Inches(2.95),
                top + Inches(0.05),
                Inches(9.6),
                height,
                [[(one.text, False)]],
                15,
                INK,
                font=SERIF,
            )
            top += height
            draw_rule(slide, LEFT, Emu(top - Inches(0.1)), INNER, 0.5, RULE)

    def _tiles(self, slide: Any) -> None:
        width = int(INNER / 5)
        for place, one in enumerate(self._content.tiles):
            left, top = Emu(int(LEFT) + place % 5 * width), Emu(int(TOP) + place // 5 * _TILE)
            lines = [
                [(one.title, False)],
                [(one.value, False)],
                [(f"{one.arrow} {one.change} {one.beside}".strip(), True)],
            ]
            box = write_text(
                slide, left, top, Emu(width - Inches(0.15)), Emu(int(_TILE) - Inches(0.05)), lines, 11, SOFT
            )
            figure = box.text_frame.paragraphs[1].runs[0].font
            figure.size, figure.name, figure.color.rgb = Pt(26), SERIF, INK
            for run in box.text_frame.paragraphs[2].runs:
                run.font.color.rgb = INK
        for line in range(3):
            draw_rule(slide, LEFT, Emu(int(TOP) - Inches(0.03) + line * _TILE), INNER, 0.5, RULE)

    def _growth(self, section: Section) -> None:
        content = self._content
        slide = self._slide(section.title, section.deck)
        top = Emu(int(TOP) + Inches(1))
        if content.growth is not None:
            lines = [content.growth.headers, *content.growth.cells]
            top = Emu(int(TOP) + Inches(0.15) + sum(_dense_height(line) for line in lines))
            draw_table(slide, lines, _GROWN[: len(lines[0])], top=TOP, numbers=range(1, 6), is_dense=True)
        else:
            write_text(slide, LEFT, TOP, INNER, Inches(0.8), [[(content.uncompared, False)]], 15, INK, font=SERIF)
        self._comment(slide, section, Inches(5.3), Inches(1.4))
        if not section.figures:
            return
        room = Emu(int(TOP + BODY) - int(top))
        if section.key in content.comments or room < _LEAST_CHART:
            self._charts(self._slide(section.title, section.deck), section.figures)
        else:
            self._charts(slide, section.figures, top=top, height=room)

    def _tweets(self, section: Section) -> None:
        slide = self._slide(section.title, section.deck)
        width, height = int(INNER / 3), Inches(2.4)
        for place, card in enumerate(self._content.cards):
            left = Emu(int(LEFT) + place % 3 * width)
            top = Emu(int(TOP) + place // 3 * int(height + Inches(0.12)))
            text = card.text if len(card.text) <= 170 else f"{card.text[:169].rstrip()}…"
            counters = " · ".join(f"{value} {name.lower()}" for name, value in card.counters[:3])
            lines = [
                [(f"{card.name} ", True), (card.handle, False)],
                [(text, False)],
                [(counters, False)],
                [(card.moment, False)],
            ]
            box = write_text(slide, left, top, Emu(width - Inches(0.25)), height, lines, 10.5, SOFT, gap=3)
            for run in box.text_frame.paragraphs[1].runs:
                run.font.size, run.font.name, run.font.color.rgb = Pt(13), SERIF, INK
            if card.link:
                box.text_frame.paragraphs[3].runs[0].hyperlink.address = card.link
            draw_rule(slide, left, Emu(int(top) - Inches(0.03)), Emu(width - Inches(0.25)), 0.5, RULE)
        self._words(section)

    def _figures(self, section: Section) -> None:
        """The consultant's words stand beside a figure that is alone, and below those that are not."""
        content = self._content
        if section.look == "spikes":
            self._volume(section)
            return
        slide = self._slide(section.title, section.deck)
        if section.key not in content.comments:
            self._charts(slide, section.figures)
        elif len(section.figures) == 1:
            self._charts(slide, section.figures, width=Inches(8))
            self._comment(slide, section, TOP, BODY, left=Inches(9), width=Inches(3.583))
        elif (words := _height(content.comments[section.key], INNER)) <= _WORDS:
            room = Emu(int(BODY) - words - Inches(0.2))
            self._charts(slide, section.figures, height=room)
            self._comment(slide, section, Emu(int(TOP) + room + Inches(0.2)), _WORDS)
        else:
            self._charts(slide, section.figures)
            self._words(section)

    def _volume(self, section: Section) -> None:
        """The days with what marks them and words beside; a few spikes stand below, more of either leave them a slide of
        their own."""
        content, beside = self._content, Inches(3.583)
        comment, count = content.comments.get(section.key), len(content.spikes)
        table_height = Inches(0.38 * (count + 1) + 0.45)
        room = int(BODY) - int(_MARKS) - int(table_height)
        has_table = 0 < count <= _FEW_SPIKES and (comment is None or _height(comment, beside) <= room)
        slide = self._slide(section.title, content.coverage)
        height = Emu(room if has_table else int(BODY) - int(_MARKS))
        width = INNER if comment is None else Inches(8)
        self._charts(slide, section.figures, width=width, height=height)
        below = Emu(int(TOP) + int(height) + Inches(0.05))
        write_text(slide, LEFT, below, width, _MARKS, [[(content.marks, False)]], 11, SOFT)
        self._comment(slide, section, TOP, BODY, left=Inches(9), width=beside)
        if has_table:
            top = Emu(int(below) + int(_MARKS))
            self._spikes(slide, top)
            under = Emu(int(top) + Inches(0.38 * (count + 1) + 0.05))
            write_text(slide, LEFT, under, INNER, Inches(0.3), [[(self._caution(), False)]], 11, SOFT)
        elif count:
            title = self._say("Les pics, et ce qui les accompagne", "The spikes, and what goes with them")
            self._spikes(self._slide(title, self._caution()), TOP)

    def _caution(self) -> str:
        return self._say(
            "Ce qui accompagne un pic n'en est pas forcément la cause ; les parts ne s'additionnent pas.",
            "What goes with a spike need not have caused it; shares do not add up.",
        )

    def _charts(
        self,
        slide: Any,
        figures: Sequence[Figure],
        *,
        top: Length = TOP,
        width: Length = INNER,
        height: Length = BODY,
    ) -> None:
        """Beside each other."""
        gap = Inches(0.35)
        each = Emu(int((width - gap * (len(figures) - 1)) / len(figures)))
        for place, figure in enumerate(figures):
            left = Emu(int(LEFT) + place * (each + gap))
            write_text(slide, left, top, each, Inches(0.3), [[(figure.title, True)]], 12, INK)
            self._figure(slide, figure, left, Emu(int(top) + Inches(0.32)), each, Emu(int(height) - Inches(0.35)))

    def _figure(self, slide: Any, figure: Figure, left: Length, top: Length, width: Length, height: Length) -> None:
        rows, language = self._content.rows[figure.rows], self._content.language
        if figure.plot is None:
            draw_heat(slide, grid(rows, "mean_tweet_count"), left, top, width, language=language)
        else:
            draw_chart(slide, figure.plot(rows), left, top, width, height, language=language)

    def _spikes(self, slide: Any, top: Length) -> None:
        say = self._say
        heads = [
            say("Jour", "Day"),
            say("Publications", "Posts"),
            say("D'ordinaire", "Usually"),
            say("Ce qui l'accompagne", "What goes with it"),
        ]
        lines = [
            [one.day, one.count, one.usual, "   ".join(f"{name} {share}".strip() for name, share in one.causes)]
            for one in self._content.spikes[:10]
        ]
        draw_table(slide, [heads, *lines], [2.6, 1.5, 1.5, 6.233], top=top, numbers=(1, 2))

    def _method(self, section: Section) -> None:
        content = self._content
        slide = self._slide(section.title, "")
        write_text(
            slide, LEFT, Inches(1.3), INNER, Inches(5.5), [[(one, False)] for one in content.method], 12, INK, gap=7
        )
        slide = self._slide(self._say("Définitions", "Definitions"), "")
        half = -(-len(content.definitions) // 2)
        for place, part in enumerate((content.definitions[:half], content.definitions[half:])):
            lines = [[(f"{term} ", True), (meaning, False)] for term, meaning in part]
            left = Emu(int(LEFT) + place * int(INNER / 2))
            write_text(slide, left, Inches(1.3), Emu(int(INNER / 2) - Inches(0.3)), Inches(5.5), lines, 11, INK, gap=5)
        self._words(section)

    def _words(self, section: Section) -> None:
        """The consultant's words on a slide of their own, where there is no room beside."""
        if section.key in self._content.comments:
            slide = self._slide(section.title, self._say("Commentaire", "Comment"))
            self._comment(slide, section, TOP, BODY)

    def _comment(
        self, slide: Any, section: Section, top: Length, height: Length, *, left: Length = LEFT, width: Length = INNER
    ) -> None:
        comment = self._content.comments.get(section.key)
        if comment is None:
            return
        height = Emu(min(int(height), _height(comment, width)))
        draw_box(slide, left, top, Inches(0.04), height, DATA)
        lines = [list(one) for one in comment.paragraphs]
        write_text(slide, left + Inches(0.2), top, width - Inches(0.2), height, lines, 14, INK, font=SERIF, gap=6)


def _height(comment: Comment, width: Length) -> Length:
    signs = int(width / Inches(1) * 11)
    lines = sum(math.ceil(sum(len(text) for text, _ in one) / signs) for one in comment.paragraphs)
    return Inches(0.1 + 0.31 * lines)


def _dense_height(line: Sequence[str]) -> int:
    """Of a line of what changes: its reason may take several."""
    return Inches(0.31 + 0.17 * max(0, math.ceil(len(line[-1]) / _REASON_CHARS) - 1))


def _room(heights: Sequence[int]) -> int:
    """The least height of a slide's body that takes no more slides than a whole one does."""

    def slides_of(room: int) -> int:
        count, left = 0, 0
        for height in heights:
            if height > left:
                count, left = count + 1, room
            left -= height
        return count

    whole = int(BODY)
    rooms = (whole * step // 20 for step in range(1, 20))
    return next(
        (room for room in rooms if room >= max(heights, default=0) and slides_of(room) <= slides_of(whole)), whole
    )

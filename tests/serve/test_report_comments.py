"""The consultant's words: read from simple Markdown, put where they belong, harmless."""

from __future__ import annotations

import pytest

from arcane.errors import ConfigError
from arcane.serve.report.comments import Comment, comments
from arcane.serve.report.sections import TITLES

NAMES = {key: french for key, (french, _) in TITLES.items()}


def test_words_go_to_the_section_of_their_heading() -> None:
    """By key or by title, accents and capitals aside; paragraphs, bold, lists and links; twice the same is one."""
    text = """\
# Volume

Le pic du **19** vient de la [bande-annonce](https://example.fr/a?b=1&c=2).

- un
- deux

## L’ESSENTIEL
Bon *mois*.

## combien de publications, jour apres jour
Encore.
"""
    assert comments(text, names=NAMES) == {
        "volume": Comment(
            '<p>Le pic du <strong>19</strong> vient de la <a href="https://example.fr/a?b=1&amp;c=2">bande-annonce</a>.</p>\n'
            "<ul>\n<li>un</li>\n<li>deux</li>\n</ul>\n<p>Encore.</p>\n",
            (
                (("Le pic du ", False), ("19", True), (" vient de la ", False), ("bande-annonce", False), (".", False)),
                (("• ", False), ("un", False)),
                (("• ", False), ("deux", False)),
                (("Encore.", False),),
            ),
        ),
        "essentiel": Comment("<p>Bon <em>mois</em>.</p>\n", ((("Bon ", False), ("mois", False), (".", False)),)),
    }


@pytest.mark.parametrize(
    ("text", "html"),
    [
        ("<script>alert(1)</script>", "<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>\n"),
        ("[x](javascript:alert(1))", "<p>[x](javascript:alert(1))</p>\n"),
        ("[x](data:text/html,hi)", "<p>[x](data:text/html,hi)</p>\n"),
        ("![x](https://example.fr/x.png)", '<p>!<a href="https://example.fr/x.png">x</a></p>\n'),
        ('[x](https://a.fr "\'onmouseover=1")', '<p><a href="https://a.fr" title="\'onmouseover=1">x</a></p>\n'),
        ("a \u202eb\u0007", "<p>a b</p>\n"),
    ],
)
def test_nothing_in_them_does_harm(text: str, html: str) -> None:
    """HTML stays text, links go to http, https and mailto alone, pictures are not fetched, marks are dropped."""
    assert comments(f"# volume\n\n{text}\n", names=NAMES)["volume"].html == html


@pytest.mark.parametrize(
    ("text", "complaint"),
    [
        ("# Voulme\n\nx\n", "--commentaires: no section is called 'Voulme'; headings may be essentiel, evolution, "),
        ("du texte\n\n# volume\n", "--commentaires: the file must begin with a heading"),
    ],
)
def test_words_without_a_place_are_an_error(text: str, complaint: str) -> None:
    """An unknown heading is named, with those that there are; words before the first heading are not dropped."""
    with pytest.raises(ConfigError) as refused:
        comments(text, names=NAMES)
    assert str(refused.value).startswith(complaint)


def test_an_empty_section_has_no_comment() -> None:
    """A heading alone, as in a file prepared for later, shows nothing."""
    assert comments("# volume\n\n# rythme\n", names=NAMES) == {}

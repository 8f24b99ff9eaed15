"""Sentences that the made-up tweets are put together from. Nobody ever wrote them."""

from __future__ import annotations

from typing import Final

OPENINGS: Final = {
    "fr": (
        "Franchement,", "Je viens de finir l'épisode :", "Petit rappel :", "Hot take :", "Personne n'en parle mais",
        "Ce soir à la maison :", "Deuxième visionnage,", "Ma théorie :", "On est d'accord que", "Dimanche pluvieux,",
        "À chaque fois,", "Sans spoiler,", "Je ne m'en remets pas :", "Débat du jour :", "Pour moi,", "Honnêtement ?",
    ),
    "en": (
        "Honestly,", "Just finished the episode:", "Friendly reminder:", "Hot take:", "Nobody talks about it but",
        "Tonight at home:", "Second watch,", "My theory:", "Can we agree that", "Rainy Sunday,", "Every single time,",
        "No spoilers,", "I can't get over it:", "Question of the day:", "For me,", "Unpopular opinion:",
    ),
    "it": ("Sinceramente,", "Appena finito l'episodio:"),
    "es": ("Sinceramente,", "Acabo de terminar el episodio:"),
}
SUBJECTS: Final = {
    "fr": (
        "la scène du pont", "la relation entre Vi et Jinx", "l'animation de la saison 2", "la bande originale",
        "le personnage de Silco", "Ekko", "la fin de Viktor", "le doublage français", "la direction artistique",
        "chaque plan de Piltover", "l'arc de Caitlyn", "le montage de l'épisode 7", "la lumière dans Zaun",
        "le travail du studio", "la danse sous la pluie", "Jayce & le conseil",
    ),
    "en": (
        "the bridge scene", "what Vi and Jinx have", "the animation of season 2", "the soundtrack", "Silco's writing",
        "Ekko", "Viktor's ending", "the French dub", "the art direction", "every frame of Piltover", "Caitlyn's arc",
        "the editing of episode 7", "the light in Zaun", "the studio's craft", "the dance in the rain", "Jayce & the council",
    ),
    "it": ("la colonna sonora", "la scena del ponte"),
    "es": ("la banda sonora", "la escena del puente"),
}
VERDICTS: Final = {
    "fr": (
        "c'est du grand art 🎨", "m'a mis une claque", "reste le sommet de la série", "mérite tous les prix",
        "me fait pleurer à chaque fois 😭", "est au-dessus de tout le reste", "a changé ma façon de regarder l'animation",
        "on n'en fera jamais le tour", "c'est <3", "est bien trop court", "vaut n'importe quel film", "m'obsède depuis hier",
        "est d'une finesse folle ✨", "divise encore, et tant mieux", "2 > 1, je l'ai dit", "mérite une saison de plus",
    ),
    "en": (
        "is pure art 🎨", "hit me hard", "is still the peak of the show", "deserves every award", "makes me cry every time 😭",
        "is above everything else", "changed how I watch animation", "will never get old", "is <3", "is far too short",
        "beats any film", "has been on my mind since yesterday", "is so subtle ✨", "still divides people, good",
        "2 > 1, I said it", "deserves one more season",
    ),
    "it": ("è arte pura", "mi ha colpito"),
    "es": ("es puro arte", "me ha encantado"),
}
TAILS: Final = (
    "", "", "", "", "", "", "", "\n\nEt vous ?", "\n\nThoughts?", " 👏👏", " 🔥", " (je revois tout ce week-end)",
    "\n=1+1 preuve à l'appui", " \u202eabc\u202c", " 👩🏽‍🎤", " &",
)
LONG: Final = {
    "fr": " Je développe, parce que ce n'est pas qu'une question de goût : le rythme, les silences, les couleurs et la musique "
    "racontent la même chose que les dialogues, et c'est assez rare pour être dit. On peut trouver la fin trop rapide, on peut "
    "préférer la première saison, mais l'ambition est là à chaque plan et elle ne triche jamais avec ses personnages.",
    "en": " Let me explain, because this is not only a matter of taste: the pace, the silences, the colours and the music tell "
    "the same story as the lines do, and that is rare enough to be said. You may find the ending too fast, you may prefer the "
    "first season, but the ambition is there in every frame and it never cheats on its characters.",
}
TAGS: Final = (
    "Jinx", "Vi", "Netflix", "LeagueOfLegends", "ArcaneSeason2", "Fortiche", "Piltover", "Zaun", "Caitvi", "Viktor",
    "Animation", "SérieTV", "Jayce", "Silco", "Ekko", "RiotGames", "fanart", "série", "Timebomb", "Noël",
)
SPELLINGS: Final = ("Arcane", "Arcane", "Arcane", "Arcane", "arcane", "ARCANE")
SITES: Final = ("presse.example", "blog.example.fr", "boutique.example", "podcast.example")
FIRST: Final = ("lea", "hugo", "ines", "noah", "zoe", "max", "chloe", "sam", "manon", "leo", "jade", "tom", "nina", "eva")
LAST: Final = ("_lit", "draws", "tv", "_zaun", "FR", "writes", "geek", "_76", "studio", "pix", "reads", "live")

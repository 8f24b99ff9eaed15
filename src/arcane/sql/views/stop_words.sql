-- Les mots vides, français et anglais, que les mots distinctifs laissent de côté.
-- The stop words, French and English, that distinctive words leave out.
-- Grain: (lang, word)
-- Source: this file
-- Formula (v1): small letters; what stands before an apostrophe is a word of its own (l, qu, jusqu, don)
-- Caveats: words of one letter are left out without being here. Words of other languages are not known.
-- Column: lang = langue | fr or en | fr (français) ou en (anglais)
-- Column: word = mot | Word in small letters | Mot en minuscules
with

french as (
    select word
    from unnest(
        [
            'ai', 'aie', 'aient', 'ait', 'alors', 'après', 'as', 'au', 'aucun', 'aucune', 'aujourd', 'aura', 'aurai',
            'aurait', 'auront', 'aussi', 'autre', 'autres', 'aux', 'avaient', 'avais', 'avait', 'avant', 'avec',
            'avez', 'aviez', 'avions', 'avoir', 'avons', 'ayant', 'bah', 'bcp', 'beaucoup', 'bien', 'bon', 'bonne',
            'bref', 'car', 'ce', 'cela', 'celle', 'celles', 'celui', 'cent', 'certain', 'certains', 'ces', 'cet',
            'cette', 'ceux', 'chaque', 'chez', 'chose', 'ci', 'comme', 'comment', 'contre', 'coup', 'dans', 'de',
            'depuis', 'des', 'deux', 'devait', 'devant', 'devrait', 'dire', 'dis', 'disent', 'dit', 'doit', 'doivent',
            'donc', 'dont', 'du', 'dès', 'déjà', 'elle', 'elles', 'en', 'encore', 'enfin', 'entre', 'es', 'est', 'et',
            'eu', 'eux', 'faire', 'fais', 'faisait', 'fait', 'faites', 'faudrait', 'faut', 'fois', 'font', 'fut',
            'hein', 'hier', 'hui', 'ici', 'il', 'ils', 'jamais', 'je', 'jour', 'jusqu', 'juste', 'la', 'laquelle',
            'le', 'lequel', 'les', 'lesquelles', 'lesquels', 'leur', 'leurs', 'lors', 'lorsqu', 'lorsque', 'lui',
            'là', 'ma', 'mais', 'mal', 'malgré', 'mdr', 'me', 'mes', 'met', 'mettre', 'mieux', 'moi', 'moins', 'mon',
            'même', 'mêmes', 'ne', 'ni', 'non', 'nos', 'notre', 'nous', 'nôtre', 'on', 'ont', 'or', 'ou', 'ouais',
            'oui', 'où', 'par', 'parce', 'parfois', 'parmi', 'pas', 'pendant', 'peu', 'peut', 'peuvent', 'peux',
            'plein', 'plus', 'plusieurs', 'pour', 'pourquoi', 'pourrait', 'presque', 'puis', 'puisqu', 'puisque',
            'qu', 'quand', 'que', 'quel', 'quelle', 'quelles', 'quelqu', 'quelque', 'quelques', 'quels', 'qui',
            'quoi', 'quoiqu', 'quoique', 'rien', 'sa', 'sais', 'sait', 'sans', 'se', 'sera', 'serai', 'seraient',
            'serait', 'seront', 'ses', 'seul', 'seulement', 'si', 'sinon', 'soi', 'soient', 'sois', 'soit', 'sommes',
            'son', 'sont', 'sous', 'souvent', 'suis', 'sur', 'ta', 'tant', 'tel', 'telle', 'telles', 'tels', 'tes',
            'toi', 'ton', 'toujours', 'tous', 'tout', 'toute', 'toutes', 'trop', 'très', 'tu', 'un', 'une', 'va',
            'vais', 'vas', 'vers', 'veut', 'veux', 'via', 'voici', 'voilà', 'voir', 'vont', 'vos', 'votre', 'voulait',
            'vous', 'vraiment', 'vu', 'vôtre', 'ça', 'étaient', 'étais', 'était', 'étant', 'été', 'êtes', 'être'
        ]
    ) as word
),

english as (
    select word
    from unnest(
        [
            'able', 'about', 'above', 'after', 'again', 'against', 'ain', 'all', 'almost', 'already', 'also',
            'although', 'always', 'am', 'amp', 'an', 'and', 'another', 'any', 'anyone', 'anything', 'are', 'aren',
            'around', 'as', 'at', 'away', 'back', 'be', 'became', 'because', 'been', 'before', 'being', 'below',
            'best', 'better', 'between', 'both', 'but', 'by', 'can', 'cannot', 'come', 'could', 'couldn', 'day',
            'did', 'didn', 'do', 'does', 'doesn', 'doing', 'don', 'done', 'down', 'during', 'each', 'either', 'else',
            'enough', 'even', 'ever', 'every', 'everyone', 'everything', 'few', 'first', 'for', 'from', 'further',
            'get', 'gets', 'getting', 'give', 'go', 'goes', 'going', 'gonna', 'good', 'got', 'had', 'hadn', 'has',
            'hasn', 'have', 'haven', 'having', 'he', 'her', 'here', 'hers', 'herself', 'hey', 'hi', 'him', 'himself',
            'his', 'how', 'however', 'http', 'https', 'if', 'im', 'in', 'into', 'is', 'isn', 'it', 'its', 'itself',
            'just', 'know', 'last', 'least', 'less', 'let', 'like', 'll', 'lol', 'look', 'made', 'make', 'makes',
            'many', 'may', 'maybe', 'me', 'might', 'mine', 'more', 'most', 'much', 'must', 'my', 'myself', 'need',
            'never', 'new', 'next', 'no', 'nor', 'not', 'nothing', 'now', 'of', 'off', 'oh', 'ok', 'okay', 'old',
            'on', 'once', 'one', 'only', 'or', 'other', 'others', 'our', 'ours', 'ourselves', 'out', 'over', 'own',
            'part', 'people', 'per', 'please', 'put', 'quite', 'rather', 're', 'really', 'right', 'rt', 'said',
            'same', 'say', 'says', 'see', 'seen', 'shall', 'she', 'should', 'shouldn', 'since', 'so', 'some',
            'someone', 'something', 'still', 'such', 'sure', 'take', 'than', 'thank', 'thanks', 'that', 'the',
            'their', 'theirs', 'them', 'themselves', 'then', 'there', 'these', 'they', 'thing', 'things', 'think',
            'this', 'those', 'though', 'through', 'thus', 'to', 'today', 'too', 'two', 'under', 'until', 'up', 'upon',
            'us', 'use', 'used', 'using', 've', 'very', 'wanna', 'want', 'wants', 'was', 'wasn', 'way', 'we', 'well',
            'went', 'were', 'weren', 'what', 'when', 'where', 'whether', 'which', 'while', 'who', 'whole', 'whom',
            'whose', 'why', 'will', 'with', 'within', 'without', 'won', 'would', 'wouldn', 'www', 'yeah', 'yes',
            'yet', 'you', 'your', 'yours', 'yourself', 'yourselves'
        ]
    ) as word
),

final as (
    select
        'fr' as lang,
        word,
    from french
    union all
    select
        'en' as lang,
        word,
    from english
)

select * from final

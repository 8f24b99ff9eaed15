// Power Query : les mêmes feuilles sans macro. Données › Obtenir des données › Requête vide › Éditeur avancé.
// Les paramètres se lisent dans un tableau nommé « Arcane » du classeur : colonnes Nom et Valeur.
// Les types sont posés par colonne, avec la culture « en-US » : la langue de la machine ne change rien.
let
    // À régler pour ce poste : le nom du DSN, le jeu de vues françaises, l'adresse du tableau de bord.
    Dsn = "Arcane",
    Jeu = "arcane_fr",
    Adresse = "http://127.0.0.1:8765",

    Parametres = Excel.CurrentWorkbook(){[Name = "Arcane"]}[Content],
    Parametre = (nom as text) => Table.SelectRows(Parametres, each [Nom] = nom){0}[Valeur],
    Source = Text.From(Parametre("Source")),
    Vue = Text.From(Parametre("Vue")),
    Suivi = Text.From(Parametre("Suivi")),
    Jour = (nom as text) => Date.ToText(Date.From(Parametre(nom), "fr-FR"), [Format = "yyyy-MM-dd", Culture = "en-US"]),
    NomSur = (nom as text) =>
        if Text.Length(nom) > 0 and Text.Length(Text.Select(nom, {"a".."z", "0".."9", "_"})) = Text.Length(nom)
        then nom
        else error "Vue « " & nom & " » : un nom de vue s'écrit en minuscules, comme engagement_by_day.",

    // BigQuery, avec votre propre compte : le DSN (README, « Installer le pilote »).
    Texte = (texte as text) => "'" & Text.Replace(Text.Replace(texte, "\", "\\"), "'", "\'") & "'",
    Requete = "select * from " & Jeu & "." & NomSur(Vue) & " where suivi = " & Texte(Suivi)
        & " and date_locale between date '" & Jour("Du") & "' and date '" & Jour("Au") & "' order by 1, 2, 3",
    DepuisBigQuery = () => Odbc.Query("dsn=" & Dsn, Requete),

    // Le tableau de bord de cette machine. Un jeton ne s'écrit pas dans un classeur : sans jeton, sur 127.0.0.1.
    DepuisTableauDeBord = () =>
        Table.PromoteHeaders(
            Csv.Document(
                Web.Contents(
                    Adresse,
                    [
                        RelativePath = "export.csv",
                        Query = [view = NomSur(Vue), tracker = Suivi, from = Jour("Du"), to = Jour("Au")]
                    ]
                ),
                [Delimiter = ",", Encoding = 65001, QuoteStyle = QuoteStyle.Csv]
            ),
            [PromoteAllScalars = false]
        ),

    Lue = if Source = "Tableau de bord" then DepuisTableauDeBord() else DepuisBigQuery(),
    Commence = (nom as text, debuts as list) => List.AnyTrue(List.Transform(debuts, each Text.StartsWith(nom, _))),
    Genre = (nom as text) =>
        if Text.StartsWith(nom, "id_") then type text
        else if List.Contains({"interactions", "part", "rang", "taille", "position", "valeur", "jour_semaine", "heure_locale", "age_heures", "heures_ecoulees", "duree_s", "mediane_tweets"}, nom)
            or Commence(nom, {"nb_", "interactions_", "rang_", "taux_", "part_", "valeur_", "cout_", "score_z"}) then type number
        else if nom = "jour_utc" or Commence(nom, {"date_"}) then type date
        else if List.Contains({"complet_jusqu_a", "debut", "fin", "heure", "heure_lecture", "valable_depuis"}, nom) or Text.EndsWith(nom, "_le") then type datetime
        else if List.Contains({"provisoire", "jour_complet", "jour_connu", "heure_complete", "texte_complet", "version_courante"}, nom)
            or Commence(nom, {"est_"}) then type logical
        else type text,
    Vides = Table.ReplaceValue(Lue, "", null, Replacer.ReplaceValue, Table.ColumnNames(Lue)),

    // Les deux sources disent UTC : ODBC par un datetime sans fuseau, le CSV par un texte. Le fuseau de la machine n'y change
    // rien. Heure d'été du dernier dimanche de mars au dernier dimanche d'octobre, à 1 h UTC.
    DernierDimanche = (an as number, mois as number) as date =>
        let
            Dernier = Date.EndOfMonth(#date(an, mois, 1))
        in
            Date.AddDays(Dernier, -Date.DayOfWeek(Dernier, Day.Sunday)),
    HeureDeParis = (utc as datetime) as datetime =>
        let
            Debut = DernierDimanche(Date.Year(utc), 3) & #time(1, 0, 0),
            Fin = DernierDimanche(Date.Year(utc), 10) & #time(1, 0, 0)
        in
            utc + #duration(0, if utc >= Debut and utc < Fin then 2 else 1, 0, 0),
    Instant = (lu as any) as nullable datetime =>
        if lu = null then null
        else if lu is text then
            HeureDeParis(
                DateTime.FromText(
                    Text.Replace(Text.Start(lu, 19), "T", " "), [Format = "yyyy-MM-dd HH:mm:ss", Culture = "en-US"]
                )
            )
        else HeureDeParis(lu),

    Titres = Table.ColumnNames(Vides),
    Instants = List.Select(Titres, each Type.Is(Genre(_), type datetime)),
    Autres = List.Difference(Titres, Instants),
    HeuresDeParis = Table.TransformColumns(Vides, List.Transform(Instants, each {_, Instant, type nullable datetime})),
    Typee = Table.TransformColumnTypes(HeuresDeParis, List.Transform(Autres, each {_, Genre(_)}), "en-US")
in
    Typee

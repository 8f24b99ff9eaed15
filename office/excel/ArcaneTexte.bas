Attribute VB_Name = "ArcaneTexte"
' Ce qui est demandé et ce que valent les réponses : requêtes, adresses, CSV, types, messages.
' Rien d'Excel ni de la machine ici : tout se teste sans eux. Les nombres se lisent par Val, les dates par DateSerial.
Option Explicit

Public Const ARCANE_ERREUR As Long = -2147220991
Public Const ARCANE_CONNEXION As String = _
    "Driver={ODBC Driver for BigQuery};Catalog={projet};OAuthMechanism=1;DefaultStringColumnLength=32767"

Private Const LETTRES As String = "abcdefghijklmnopqrstuvwxyz"
Private Const CHIFFRES As String = "0123456789"

' La requête d'une ligne de Paramètres, en GoogleSQL.
Public Function ArcaneSql(ByVal jeu As String, ByVal vue As String, ByVal lecture As String, ByVal suivi As String, _
        ByVal du As Date, ByVal au As Date, ByVal base_du As Date, ByVal base_au As Date) As String
    Dim nom As String, periode As String
    If Right$(jeu, 3) <> "_fr" Or Not ArcaneFaitDe(LCase$(jeu), LETTRES & CHIFFRES & "_") Then
        Err.Raise ARCANE_ERREUR, , "Jeu de données « " & jeu & " » : un jeu de vues françaises se termine par _fr, comme arcane_fr."
    End If
    ArcaneVerifierVue vue
    nom = jeu & "." & vue
    periode = ArcaneTexteSql(suivi) & ", " & ArcaneJourSql(du) & ", " & ArcaneJourSql(au)
    Select Case lecture
        Case "période"
            ArcaneSql = "select * from " & nom & " where suivi = " & ArcaneTexteSql(suivi) & " and date_locale between " & _
                ArcaneJourSql(du) & " and " & ArcaneJourSql(au) & " order by 1, 2, 3"
        Case "fonction"
            ArcaneSql = "select * from " & nom & "(" & periode & ") order by 1"
        Case "fonction et base"
            ArcaneSql = "select * from " & nom & "(" & periode & ", " & ArcaneJourSql(base_du) & ", " & _
                ArcaneJourSql(base_au) & ") order by 1"
        Case "tout"
            ArcaneSql = "select * from " & nom & " order by 1"
        Case Else
            Err.Raise ARCANE_ERREUR, , "Lecture « " & lecture & " » : écrivez période, fonction, fonction et base ou tout."
    End Select
End Function

Public Sub ArcaneVerifierVue(ByVal vue As String)
    If Not ArcaneFaitDe(vue, LETTRES & CHIFFRES & "_") Or Not ArcaneFaitDe(Left$(vue, 1), LETTRES) Then
        Err.Raise ARCANE_ERREUR, , "Vue « " & vue & " » : un nom de vue s'écrit en minuscules, comme engagement_by_day."
    End If
End Sub

' Les deux jours de la base, ou aucun : un seul ne dit pas avec quoi comparer.
Public Function ArcaneBaseEstDite(ByVal du As String, ByVal au As String) As Boolean
    If (Len(du) = 0) <> (Len(au) = 0) Then
        Err.Raise ARCANE_ERREUR, , "La période de base n'a qu'un de ses deux jours : remplissez « Base : du » et " & _
            "« Base : au », ou laissez les deux vides."
    End If
    ArcaneBaseEstDite = Len(du) > 0
End Function

Public Sub ArcaneVerifierPeriode(ByVal nom As String, ByVal du As Date, ByVal au As Date)
    If du > au Then
        Err.Raise ARCANE_ERREUR, , nom & " va du " & ArcaneJourIso(du) & " au " & ArcaneJourIso(au) & _
            " : le premier jour doit venir avant le dernier."
    End If
End Sub

' Un littéral GoogleSQL qui ne peut pas être autre chose qu'un texte.
Public Function ArcaneTexteSql(ByVal texte As String) As String
    texte = Replace(Replace(texte, "\", "\\"), "'", "\'")
    texte = Replace(Replace(texte, vbCr, "\r"), vbLf, "\n")
    ArcaneTexteSql = "'" & texte & "'"
End Function

Public Function ArcaneJourSql(ByVal jour As Date) As String
    ArcaneJourSql = "date '" & ArcaneJourIso(jour) & "'"
End Function

' Sans Format$, dont les signes dépendent de la machine.
Public Function ArcaneJourIso(ByVal jour As Date) As String
    ArcaneJourIso = Right$("000" & CStr(Year(jour)), 4) & "-" & Right$("0" & CStr(Month(jour)), 2) & "-" & _
        Right$("0" & CStr(Day(jour)), 2)
End Function

' La chaîne de connexion : celle de Paramètres, ou celle du pilote de Google ; {projet} y est remplacé.
Public Function ArcaneConnexion(ByVal modele As String, ByVal projet As String) As String
    If Not ArcaneFaitDe(projet, LETTRES & CHIFFRES & "-.:") Then
        Err.Raise ARCANE_ERREUR, , "Projet « " & projet & " » : écrivez l'identifiant du projet Google Cloud, en minuscules."
    End If
    If Len(Trim$(modele)) = 0 Then modele = ARCANE_CONNEXION
    ArcaneConnexion = Replace(modele, "{projet}", projet)
End Function

' L'adresse CSV du tableau de bord. En clair, seulement vers cette machine : un jeton y passe.
Public Function ArcaneAdresse(ByVal racine As String, ByVal vue As String, ByVal lecture As String, ByVal suivi As String, _
        ByVal du As Date, ByVal au As Date, ByVal base_du As Date, ByVal base_au As Date) As String
    racine = Trim$(racine)
    Do While Right$(racine, 1) = "/"
        racine = Left$(racine, Len(racine) - 1)
    Loop
    If Left$(racine, 8) <> "https://" And Not ArcaneEstIci(racine) Then
        Err.Raise ARCANE_ERREUR, , "Adresse « " & racine & " » : elle commence par https://, ou par http://127.0.0.1:8765 " & _
            "si le tableau de bord tourne sur cette machine."
    End If
    ArcaneVerifierVue vue
    ArcaneAdresse = racine & "/export.csv?view=" & vue & "&tracker=" & ArcaneCode(suivi) & "&from=" & ArcaneJourIso(du) & _
        "&to=" & ArcaneJourIso(au)
    If lecture = "fonction et base" Then
        ArcaneAdresse = ArcaneAdresse & "&compare=dates&base_from=" & ArcaneJourIso(base_du) & "&base_to=" & ArcaneJourIso(base_au)
    End If
End Function

Private Function ArcaneEstIci(ByVal racine As String) As Boolean
    Dim hote As String
    If Left$(racine, 7) <> "http://" Then Exit Function
    hote = Split(Split(Mid$(racine, 8) & "/", "/")(0) & ":", ":")(0)
    ArcaneEstIci = (hote = "127.0.0.1" Or hote = "localhost")
End Function

' Codage pour une adresse, octet par octet d'UTF-8.
Public Function ArcaneCode(ByVal texte As String) As String
    Dim i As Long, n As Long, signe As String, sortie As String
    For i = 1 To Len(texte)
        signe = Mid$(texte, i, 1)
        n = AscW(signe)
        If n < 0 Then n = n + 65536
        If ArcaneFaitDe(LCase$(signe), LETTRES & CHIFFRES & "-_.~") And n < 128 Then
            sortie = sortie & signe
        ElseIf n < 128 Then
            sortie = sortie & ArcaneOctet(n)
        ElseIf n < 2048 Then
            sortie = sortie & ArcaneOctet(192 + n \ 64) & ArcaneOctet(128 + n Mod 64)
        Else
            sortie = sortie & ArcaneOctet(224 + n \ 4096) & ArcaneOctet(128 + (n \ 64) Mod 64) & ArcaneOctet(128 + n Mod 64)
        End If
    Next i
    ArcaneCode = sortie
End Function

Private Function ArcaneOctet(ByVal n As Long) As String
    ArcaneOctet = "%" & Right$("0" & Hex$(n), 2)
End Function

' Tous les champs d'un CSV (RFC 4180), à plat, ligne après ligne ; « colonnes » reçoit leur nombre par ligne.
' Le séparateur est celui des titres : virgule, ou point-virgule pour le CSV d'Excel français.
Public Function ArcaneChamps(ByVal texte As String, ByRef colonnes As Long) As Variant
    Dim champs() As Variant, n As Long, i As Long, fin As Long, longueur As Long, separateur As String
    Dim ligne As Long, dans_ligne As Long, champ As String, virgule As Long, retour As Long
    If Len(texte) > 0 Then
        If AscW(Left$(texte, 1)) = -257 Or AscW(Left$(texte, 1)) = 65279 Then texte = Mid$(texte, 2)
    End If
    texte = Replace(texte, vbCrLf, vbLf)
    If Right$(texte, 1) <> vbLf Then texte = texte & vbLf
    separateur = ArcaneSeparateur(texte)
    longueur = Len(texte)
    colonnes = 0
    ReDim champs(1023)
    i = 1
    ligne = 1
    Do While i <= longueur
        If Mid$(texte, i, 1) = """" Then
            fin = i + 1
            Do
                fin = InStr(fin, texte, """")
                If fin = 0 Then Err.Raise ARCANE_ERREUR, , "Le CSV s'arrête au milieu d'un texte, ligne " & ligne & "."
                If Mid$(texte, fin + 1, 1) <> """" Then Exit Do
                fin = fin + 2
            Loop
            champ = Replace(Mid$(texte, i + 1, fin - i - 1), """""", """")
            fin = fin + 1
        Else
            virgule = InStr(i, texte, separateur)
            retour = InStr(i, texte, vbLf)
            fin = retour
            If virgule > 0 And virgule < retour Then fin = virgule
            champ = Mid$(texte, i, fin - i)
        End If
        If n > UBound(champs) Then ' en bloc : sur une ligne, LibreOffice viderait le tableau à chaque tour
            ReDim Preserve champs(2 * n)
        End If
        champs(n) = champ
        n = n + 1
        dans_ligne = dans_ligne + 1
        If Mid$(texte, fin, 1) = vbLf Then
            If ligne = 1 Then colonnes = dans_ligne
            If dans_ligne <> colonnes Then
                Err.Raise ARCANE_ERREUR, , "Le CSV a " & dans_ligne & " champs à la ligne " & ligne & ", et " & colonnes & " titres."
            End If
            ligne = ligne + 1
            dans_ligne = 0
        ElseIf Mid$(texte, fin, 1) <> separateur Then
            Err.Raise ARCANE_ERREUR, , "Le CSV est mal formé, ligne " & ligne & "."
        End If
        i = fin + 1
    Loop
    ReDim Preserve champs(n - 1)
    ArcaneChamps = champs
End Function

Private Function ArcaneSeparateur(ByVal texte As String) As String
    Dim titres As String
    titres = Left$(texte, InStr(texte, vbLf))
    ArcaneSeparateur = ","
    If InStr(titres, ";") > 0 And InStr(titres, ",") = 0 Then ArcaneSeparateur = ";"
End Function

' Ce qu'est une colonne, d'après son nom français : nombre, date, instant, booléen, sinon texte.
' Un test compare ces règles aux types de toutes les vues.
Public Function ArcaneGenre(ByVal nom As String) As String
    ArcaneGenre = "texte"
    If ArcaneCommence(nom, "id_") Then Exit Function
    Select Case nom
        Case "interactions", "part", "rang", "taille", "position", "valeur", "jour_semaine", "heure_locale", "age_heures", _
                "heures_ecoulees", "duree_s", "mediane_tweets"
            ArcaneGenre = "nombre"
        Case "jour_utc"
            ArcaneGenre = "date"
        Case "complet_jusqu_a", "debut", "fin", "heure", "heure_lecture", "valable_depuis"
            ArcaneGenre = "instant"
        Case "provisoire", "jour_complet", "jour_connu", "heure_complete", "texte_complet", "version_courante"
            ArcaneGenre = "booléen"
        Case Else
            If ArcaneCommence(nom, "nb_ interactions_ rang_ taux_ part_ valeur_ cout_ score_z") Then ArcaneGenre = "nombre"
            If ArcaneCommence(nom, "date_") Then ArcaneGenre = "date"
            If ArcaneCommence(nom, "est_") Then ArcaneGenre = "booléen"
            If Right$(nom, 3) = "_le" Then ArcaneGenre = "instant"
    End Select
End Function

Private Function ArcaneCommence(ByVal nom As String, ByVal debuts As String) As Boolean
    Dim debut As Variant
    For Each debut In Split(debuts, " ")
        If Left$(nom, Len(debut)) = debut Then ArcaneCommence = True
    Next debut
End Function

Public Function ArcaneFormat(ByVal nom As String, ByVal genre As String) As String
    Select Case genre
        Case "nombre"
            ArcaneFormat = "#,##0"
            If ArcaneCommence(nom, "taux_ part") Then ArcaneFormat = "0.00%"
            If ArcaneCommence(nom, "cout_ score_z valeur duree_s age_ heures_ mediane_") Then ArcaneFormat = "#,##0.00"
        Case "date"
            ArcaneFormat = "dd/mm/yyyy"
        Case "instant"
            ArcaneFormat = "dd/mm/yyyy hh:mm:ss"
        Case "booléen"
            ArcaneFormat = "General"
        Case Else
            ArcaneFormat = "@"
    End Select
End Function

' La valeur d'un champ de CSV. Vide reste vide : inconnu n'est pas zéro. Ce qui ne se lit pas reste un texte.
Public Function ArcaneValeur(ByVal champ As String, ByVal genre As String) As Variant
    Dim lue As Variant
    ArcaneValeur = champ
    If Len(champ) = 0 Then
        ArcaneValeur = Empty
        Exit Function
    End If
    Select Case genre
        Case "nombre"
            If ArcaneFaitDe(champ, CHIFFRES & "+-.,eE") Then ArcaneValeur = Val(Replace(champ, ",", "."))
        Case "booléen"
            Select Case LCase$(champ)
                Case "true", "oui"
                    ArcaneValeur = True
                Case "false", "non"
                    ArcaneValeur = False
            End Select
        Case "date"
            lue = DateDepuisTexte(champ)
            If Not IsError(lue) Then ArcaneValeur = CDbl(lue)
        Case "instant"
            lue = ArcaneInstant(champ)
            If Not IsEmpty(lue) Then ArcaneValeur = lue
    End Select
End Function

' Numéro de série, heure de Paris, d'un instant : 2026-11-25T09:30:00Z, 2026-11-25 09:30:00+00:00 (UTC),
' ou 25/11/2026 10:30:00 (déjà à Paris). Vide si ce n'en est pas un.
Private Function ArcaneInstant(ByVal champ As String) As Variant
    Dim jour As Variant, heure As String, serie As Double, suite As String
    If Len(champ) < 19 Then Exit Function
    jour = DateDepuisTexte(Left$(champ, 10))
    heure = Mid$(champ, 12, 8)
    If IsError(jour) Or Mid$(heure, 3, 1) <> ":" Or Mid$(heure, 6, 1) <> ":" Then Exit Function
    serie = CDbl(jour) + (Val(Left$(heure, 2)) * 3600 + Val(Mid$(heure, 4, 2)) * 60 + Val(Mid$(heure, 7, 2))) / 86400
    suite = Mid$(champ, 20)
    If Right$(suite, 1) = "Z" Or Right$(suite, 6) = "+00:00" Or Right$(suite, 3) = "UTC" Then
        serie = CDbl(HeureDeParis(CDate(serie)))
    End If
    ArcaneInstant = serie
End Function

' Nom du tableau d'un onglet : lettres sans accents, chiffres, _. Il ne change pas : les tableaux croisés y tiennent.
Public Function ArcaneNomTable(ByVal onglet As String) As String
    Dim i As Long, signe As String, place As Long, sortie As String
    For i = 1 To Len(onglet)
        signe = LCase$(Mid$(onglet, i, 1))
        place = InStr("àâäçéèêëîïôöùûüÿ", signe)
        If place > 0 Then signe = Mid$("aaaceeeeiioouuuy", place, 1)
        If Not ArcaneFaitDe(signe, LETTRES & CHIFFRES) Then signe = "_"
        sortie = sortie & signe
    Next i
    ArcaneNomTable = sortie
End Function

' Ce qui s'est passé et que faire, en français. « recours » est ce que disait la machine.
Public Function ArcaneMessage(ByVal recours As String) As String
    Dim dit As String
    dit = LCase$(recours)
    If ArcaneContient(dit, "im002|im003|data source name not found|source de données introuvable|pilote par défaut") Then
        ArcaneMessage = "Le pilote ODBC pour BigQuery n'est pas installé sur cette machine, ou pas en " & _
            "même nombre de bits qu'Excel (Fichier › Compte › À propos d'Excel). Voyez « Installer le pilote » du guide."
    ElseIf ArcaneContient(dit, "im014|architecture mismatch|incompatibilité d'architecture") Then
        ArcaneMessage = "Le pilote ODBC et Excel n'ont pas le même nombre de bits : installez le pilote 64 bits pour un Excel 64 bits."
    ElseIf ArcaneContient(dit, "invalid_grant|token has been expired|expired or revoked|invalid credentials|" & _
            "unauthenticated|reauth|login required") Then
        ArcaneMessage = "Votre connexion à Google a expiré : Sources de données ODBC › Arcane › Configurer › " & _
            "Se connecter, puis recommencez."
    ElseIf ArcaneContient(dit, "access denied|permission|forbidden") Then
        ArcaneMessage = "Votre compte n'a pas le droit de lire ces vues : demandez « Lecteur de données BigQuery » sur le " & _
            "jeu arcane_fr et « Utilisateur de job BigQuery » sur le projet."
    ElseIf ArcaneContient(dit, "not found") Then
        ArcaneMessage = "BigQuery ne connaît pas cette vue : vérifiez la colonne « Vue », le jeu de données et le projet."
    ElseIf ArcaneContient(dit, "http 401") Then
        ArcaneMessage = "Le tableau de bord refuse le jeton : c'est celui du réglage dashboard.token."
    ElseIf ArcaneContient(dit, "http 302|http 303|http 307") Then
        ArcaneMessage = "Le tableau de bord renvoie vers une page de connexion, qu'une macro ne peut pas passer : prenez la " & _
            "source BigQuery, ou un tableau de bord à jeton."
    ElseIf ArcaneContient(dit, "http 404|http 400") Then
        ArcaneMessage = "Le tableau de bord ne connaît pas cette vue, ce suivi ou ces dates."
    ElseIf ArcaneContient(dit, "[-2147012867]|[-2147012894]|[-2147012889]") Then
        ArcaneMessage = "Le tableau de bord ne répond pas : lancez « arcane dashboard », et vérifiez son adresse dans Paramètres."
    ElseIf ArcaneContient(dit, "[429]|can't create object|ne peut pas créer d'objet") Then
        ArcaneMessage = "Windows ne trouve pas ADO ou WinHTTP : ces macros demandent Excel pour Windows, pas Excel pour Mac ni en ligne."
    End If
    If Len(ArcaneMessage) > 0 Then
        ArcaneMessage = ArcaneMessage & " (" & recours & ")"
    Else
        ArcaneMessage = recours
    End If
End Function

Private Function ArcaneContient(ByVal texte As String, ByVal morceaux As String) As Boolean
    Dim un As Variant
    For Each un In Split(morceaux, "|")
        If InStr(texte, un) > 0 Then ArcaneContient = True
    Next un
End Function

Public Function ArcaneFaitDe(ByVal texte As String, ByVal signes As String) As Boolean
    Dim i As Long
    For i = 1 To Len(texte)
        If InStr(1, signes, Mid$(texte, i, 1), 0) = 0 Then Exit Function
    Next i
    ArcaneFaitDe = Len(texte) > 0
End Function

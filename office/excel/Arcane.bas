Attribute VB_Name = "Arcane"
' Remplit et actualise les feuilles « Données … » depuis BigQuery (ODBC) ou le tableau de bord (CSV).
' Liaison tardive : aucune référence à cocher. Ce module seul touche à Excel, à ADO et au réseau.
Option Explicit

Private Const FEUILLE As String = "Paramètres"
Private Const PREFIXE As String = "Données "
Private Const SIGNES_MAX As Long = 32767
Private Const SIGNES_EN_BLOC As Long = 8000
Private Const LIGNES_MAX As Long = 1048575
Private Const LIGNES_PAR_BLOC As Long = 5000
Private Const BASE_DU As String = "Base : du (vide = période précédente)"
Private Const BASE_AU As String = "Base : au (vide = période précédente)"

Private jeton_saisi As String

' Crée la feuille « Paramètres » si elle n'existe pas ; ne touche pas à celle qui existe.
Public Sub ArcanePreparer()
    Dim ws As Object, lignes As Variant, i As Long
    If ArcaneAFeuille(FEUILLE) Then
        MsgBox "La feuille « Paramètres » existe déjà : elle reste telle quelle.", vbInformation, "Arcane"
        Exit Sub
    End If
    Set ws = ThisWorkbook.Worksheets.Add(ThisWorkbook.Worksheets(1))
    ws.Name = FEUILLE
    lignes = Array("Arcane : paramètres|", "Source (BigQuery ou Tableau de bord)|BigQuery", "Projet Google Cloud|", _
        "Jeu de données|arcane_fr", "Connexion ODBC (vide = pilote de Google)|", _
        "Adresse du tableau de bord|http://127.0.0.1:8765", "Suivi|arcane", "Du|", "Au|", _
        BASE_DU & "|", BASE_AU & "|", _
        "Rien ne se passe ? Les macros sont bloquées : voyez le guide, « Débloquer les macros ».|", "|", _
        "Onglet|Vue|Lecture|Lignes|Actualisé le|État", _
        "Données état|data_status|tout", "Données chiffres clés|totals|fonction", _
        "Données évolution|growth|fonction et base", "Données par jour|engagement_by_day|période", _
        "Données volume|volume_by_day|période", "Données hashtags|top_hashtags|fonction", _
        "Données publications|tracker_tweets_flat|période")
    For i = 0 To UBound(lignes)
        ArcaneEcrireLigne ws, i + 1, Split(lignes(i), "|")
    Next i
    ws.Range("B8").Formula = "=TODAY()-7"
    ws.Range("B9").Formula = "=TODAY()-1"
    ws.Range("B8:B11").NumberFormat = "dd/mm/yyyy"
    ws.Range("E15:E100").NumberFormat = "dd/mm/yyyy hh:mm"
    ws.Range("A1,A14:F14").Font.Bold = True
    ws.Columns("A:F").AutoFit
End Sub

Private Sub ArcaneEcrireLigne(ByVal ws As Object, ByVal ligne As Long, ByVal cellules As Variant)
    Dim i As Long
    For i = 0 To UBound(cellules)
        ws.Cells(ligne, i + 1).Value = cellules(i)
    Next i
End Sub

' Actualise chaque ligne de Paramètres. Une ligne qui échoue n'arrête pas les autres ; la fin les nomme.
Public Sub ArcaneActualiser()
    Dim ws As Object, ligne As Long, echecs As String, calcul As Long
    On Error GoTo Refus
    If Not ArcaneAFeuille(FEUILLE) Then
        Err.Raise ARCANE_ERREUR, , "Il n'y a pas de feuille « Paramètres » : lancez d'abord la macro ArcanePreparer."
    End If
    Set ws = ThisWorkbook.Worksheets(FEUILLE)
    calcul = Application.Calculation
    Application.ScreenUpdating = False
    Application.Calculation = -4135 ' manuel
    ligne = ArcaneLigne(ws, "Onglet") + 1
    Do While Len(Trim$(CStr(ws.Cells(ligne, 1).Value))) > 0
        echecs = echecs & ArcaneUneLigne(ws, ligne)
        ligne = ligne + 1
    Loop
    ArcaneRafraichirPivots
    Application.Calculation = calcul
    Application.ScreenUpdating = True
    Application.StatusBar = False
    If Len(echecs) > 0 Then MsgBox echecs, vbExclamation, "Arcane"
    Exit Sub
Refus:
    If calcul <> 0 Then Application.Calculation = calcul
    Application.ScreenUpdating = True
    Application.StatusBar = False
    MsgBox ArcaneMessage(Err.Description & " [" & Err.Number & "]"), vbExclamation, "Arcane"
End Sub

' Vide si la ligne est à jour, sinon ce qui s'est passé.
Private Function ArcaneUneLigne(ByVal ws As Object, ByVal ligne As Long) As String
    Dim onglet As String, titres As Variant, genres As Variant, valeurs As Variant, lignes As Long
    On Error GoTo Echec
    onglet = Trim$(CStr(ws.Cells(ligne, 1).Value))
    If Left$(onglet, Len(PREFIXE)) <> PREFIXE Then
        Err.Raise ARCANE_ERREUR, , "Onglet « " & onglet & " » : ces macros n'écrivent que dans des onglets « Données … »."
    End If
    Application.StatusBar = "Arcane : " & onglet & "…"
    ArcaneLire ws, Trim$(CStr(ws.Cells(ligne, 2).Value)), Trim$(CStr(ws.Cells(ligne, 3).Value)), titres, genres, valeurs, lignes
    ArcaneEcrire onglet, titres, genres, valeurs, lignes
    ws.Cells(ligne, 4).Value = lignes
    ws.Cells(ligne, 5).Value = Now
    ws.Cells(ligne, 6).Value = "à jour"
    Exit Function
Echec:
    ArcaneUneLigne = ArcaneMessage(Err.Description & " [" & Err.Number & "]")
    ws.Cells(ligne, 6).NumberFormat = "@"
    ws.Cells(ligne, 6).Value = "échec : " & ArcaneUneLigne
    ArcaneUneLigne = onglet & " : " & ArcaneUneLigne & vbLf & vbLf
End Function

Private Sub ArcaneLire(ByVal ws As Object, ByVal vue As String, ByVal lecture As String, ByRef titres As Variant, _
        ByRef genres As Variant, ByRef valeurs As Variant, ByRef lignes As Long)
    Dim du As Date, au As Date, base_du As Date, base_au As Date, suivi As String
    suivi = ArcaneParametre(ws, "Suivi")
    du = ArcaneJour(ws, "Du")
    au = ArcaneJour(ws, "Au")
    ArcaneVerifierPeriode "La période", du, au
    base_du = DebutPeriodePrecedente(du, au)
    base_au = FinPeriodePrecedente(du, au)
    If ArcaneBaseEstDite(ArcaneParametre(ws, BASE_DU), ArcaneParametre(ws, BASE_AU)) Then
        base_du = ArcaneJour(ws, BASE_DU)
        base_au = ArcaneJour(ws, BASE_AU)
        ArcaneVerifierPeriode "La période de base", base_du, base_au
    End If
    Select Case LCase$(ArcaneParametre(ws, "Source (BigQuery ou Tableau de bord)"))
        Case "bigquery"
            ArcaneLireOdbc ArcaneConnexion(ArcaneParametre(ws, "Connexion ODBC (vide = pilote de Google)"), _
                ArcaneParametre(ws, "Projet Google Cloud")), ArcaneSql(ArcaneParametre(ws, "Jeu de données"), vue, lecture, _
                suivi, du, au, base_du, base_au), titres, genres, valeurs, lignes
        Case "tableau de bord"
            ArcaneLireCsv ArcaneAdresse(ArcaneParametre(ws, "Adresse du tableau de bord"), vue, lecture, suivi, du, au, _
                base_du, base_au), titres, genres, valeurs, lignes
        Case Else
            Err.Raise ARCANE_ERREUR, , "Source : écrivez BigQuery ou Tableau de bord."
    End Select
End Sub

' ADO rend des valeurs déjà typées : rien n'est lu comme un texte de la langue de la machine.
Private Sub ArcaneLireOdbc(ByVal connexion As String, ByVal sql As String, ByRef titres As Variant, _
        ByRef genres As Variant, ByRef valeurs As Variant, ByRef lignes As Long)
    Dim cnx As Object, rs As Object, blocs As Collection, bloc As Variant, i As Long, j As Long, ligne As Long
    Set cnx = CreateObject("ADODB.Connection")
    cnx.ConnectionTimeout = 60
    cnx.CommandTimeout = 600
    cnx.Open connexion
    Set rs = CreateObject("ADODB.Recordset")
    rs.Open sql, cnx, 0, 1 ' en avant seulement, en lecture seule
    ReDim titres(rs.Fields.Count - 1)
    ReDim genres(rs.Fields.Count - 1)
    For j = 0 To rs.Fields.Count - 1
        titres(j) = rs.Fields(j).Name
        genres(j) = ArcaneGenreAdo(rs.Fields(j).Type)
    Next j
    Set blocs = New Collection
    lignes = 0
    Do While Not rs.EOF
        bloc = rs.GetRows(LIGNES_PAR_BLOC)
        lignes = lignes + UBound(bloc, 2) + 1
        ArcaneTientDansUneFeuille lignes
        blocs.Add bloc
    Loop
    rs.Close
    cnx.Close
    If lignes = 0 Then Exit Sub
    ReDim valeurs(1 To lignes, 1 To UBound(titres) + 1)
    For Each bloc In blocs
        For i = 0 To UBound(bloc, 2)
            ligne = ligne + 1
            For j = 0 To UBound(titres)
                valeurs(ligne, j + 1) = ArcaneValeurAdo(bloc(j, i), genres(j))
            Next j
        Next i
    Next bloc
End Sub

Private Function ArcaneGenreAdo(ByVal numero As Long) As String
    Select Case numero
        Case 2, 3, 4, 5, 6, 14, 16, 17, 18, 19, 20, 21, 131, 139
            ArcaneGenreAdo = "nombre"
        Case 7, 133
            ArcaneGenreAdo = "date"
        Case 135
            ArcaneGenreAdo = "instant"
        Case 11
            ArcaneGenreAdo = "booléen"
        Case Else
            ArcaneGenreAdo = "texte"
    End Select
End Function

Private Function ArcaneValeurAdo(ByVal lue As Variant, ByVal genre As String) As Variant
    If IsNull(lue) Then Exit Function
    Select Case genre
        Case "nombre", "date"
            ArcaneValeurAdo = CDbl(lue)
        Case "instant"
            ArcaneValeurAdo = CDbl(HeureDeParis(lue)) ' BigQuery dit UTC
        Case "booléen"
            ArcaneValeurAdo = CBool(lue)
        Case Else
            ArcaneValeurAdo = CStr(lue)
    End Select
End Function

Private Sub ArcaneLireCsv(ByVal adresse As String, ByRef titres As Variant, ByRef genres As Variant, _
        ByRef valeurs As Variant, ByRef lignes As Long)
    Dim champs As Variant, colonnes As Long, i As Long, j As Long
    champs = ArcaneChamps(ArcaneTelecharger(adresse), colonnes)
    lignes = (UBound(champs) + 1) \ colonnes - 1
    ArcaneTientDansUneFeuille lignes
    ReDim titres(colonnes - 1)
    ReDim genres(colonnes - 1)
    For j = 0 To colonnes - 1
        titres(j) = champs(j)
        genres(j) = ArcaneGenre(champs(j))
    Next j
    If lignes = 0 Then Exit Sub
    ReDim valeurs(1 To lignes, 1 To colonnes)
    For i = 1 To lignes
        For j = 0 To colonnes - 1
            valeurs(i, j + 1) = ArcaneValeur(champs(i * colonnes + j), genres(j))
        Next j
    Next i
End Sub

' Le jeton vient de la variable ARCANE_DASHBOARD__TOKEN, ou de vous ; il n'est écrit dans aucune cellule.
Private Function ArcaneTelecharger(ByVal adresse As String) As String
    Dim http As Object, flux As Object, jeton As String, essai As Long
    jeton = Environ$("ARCANE_DASHBOARD__TOKEN")
    If Len(jeton) = 0 Then jeton = jeton_saisi
    For essai = 1 To 2
        Set http = CreateObject("WinHttp.WinHttpRequest.5.1")
        http.SetTimeouts 5000, 5000, 30000, 600000
        http.Open "GET", adresse, False
        http.Option(6) = False ' ne suit pas un renvoi vers une page de connexion : le jeton ne part pas ailleurs
        http.SetRequestHeader "Accept", "text/csv"
        If Len(jeton) > 0 Then http.SetRequestHeader "Authorization", "Bearer " & jeton
        http.Send
        If http.Status <> 401 Or essai = 2 Then Exit For
        jeton = InputBox("Jeton du tableau de bord (réglage dashboard.token) :", "Arcane")
        jeton_saisi = jeton
        If Len(jeton) = 0 Then Exit For
    Next essai
    If http.Status <> 200 Then
        If http.Status = 401 Then jeton_saisi = ""
        Err.Raise ARCANE_ERREUR, , "HTTP " & http.Status & " : " & Left$(http.ResponseText, 300)
    End If
    Set flux = CreateObject("ADODB.Stream")
    flux.Type = 1 ' octets
    flux.Open
    flux.Write http.ResponseBody
    flux.Position = 0
    flux.Type = 2 ' texte
    flux.Charset = "utf-8"
    ArcaneTelecharger = flux.ReadText
    flux.Close
End Function

' Le tableau de l'onglet garde son nom et sa place ; vos colonnes à sa droite restent et se recopient.
Private Sub ArcaneEcrire(ByVal onglet As String, ByVal titres As Variant, ByVal genres As Variant, _
        ByVal valeurs As Variant, ByVal lignes As Long)
    Dim ws As Object, lo As Object, nom As String, n As Long, largeur As Long, haut As Long, j As Long
    ArcaneTextesTiennent titres, valeurs, lignes
    n = UBound(titres) + 1
    nom = ArcaneNomTable(onglet)
    haut = lignes
    If haut = 0 Then haut = 1 ' un tableau a toujours une ligne
    If ArcaneAFeuille(onglet) Then
        Set ws = ThisWorkbook.Worksheets(onglet)
    Else
        Set ws = ThisWorkbook.Worksheets.Add(, ThisWorkbook.Worksheets(ThisWorkbook.Worksheets.Count))
        ws.Name = onglet
    End If
    If ws.ListObjects.Count = 0 Then
        For j = 1 To n
            ws.Cells(1, j).NumberFormat = "@"
            ws.Cells(1, j).Value = titres(j - 1)
        Next j
        Set lo = ws.ListObjects.Add(1, ws.Range(ws.Cells(1, 1), ws.Cells(haut + 1, n)), , 1)
        lo.Name = nom
    Else
        Set lo = ws.ListObjects(1)
        If lo.ShowAutoFilter Then If lo.AutoFilter.FilterMode Then lo.AutoFilter.ShowAllData
        ArcaneAjusterColonnes lo, n
        largeur = lo.ListColumns.Count
        If lo.ListRows.Count > haut Then
            ws.Range(ws.Cells(haut + 2, 1), ws.Cells(lo.ListRows.Count + 1, largeur)).ClearContents
        End If
        lo.Resize ws.Range(ws.Cells(1, 1), ws.Cells(haut + 1, largeur))
        For j = 1 To n
            ws.Cells(1, j).Value = titres(j - 1)
        Next j
    End If
    ws.Range(ws.Cells(2, 1), ws.Cells(haut + 1, n)).ClearContents
    For j = 1 To n
        ws.Range(ws.Cells(2, j), ws.Cells(haut + 1, j)).NumberFormat = ArcaneFormat(titres(j - 1), genres(j - 1))
    Next j
    If lignes > 0 Then ArcaneEcrireValeurs ws, valeurs, lignes, n
    ThisWorkbook.Names.Add nom & "_largeur", "=" & n, False
End Sub

' Autant de colonnes à nous que la vue en a : les vôtres, à droite, se décalent avec leurs formules.
Private Sub ArcaneAjusterColonnes(ByVal lo As Object, ByVal n As Long)
    Dim avant As Long, un As Object
    avant = n
    For Each un In ThisWorkbook.Names
        If un.Name = lo.Name & "_largeur" Then avant = Val(Mid$(un.RefersTo, 2))
    Next un
    Do While avant < n
        avant = avant + 1
        lo.ListColumns.Add avant
    Loop
    Do While avant > n
        lo.ListColumns(avant).Delete
        avant = avant - 1
    Loop
End Sub

' En un bloc ; les textes trop longs pour un bloc sont écrits un par un, entiers.
Private Sub ArcaneEcrireValeurs(ByVal ws As Object, ByVal valeurs As Variant, ByVal lignes As Long, ByVal n As Long)
    Dim i As Long, j As Long, longs As Collection, un As Variant
    Set longs = New Collection
    For i = 1 To lignes
        For j = 1 To n
            If VarType(valeurs(i, j)) = vbString Then
                If Len(valeurs(i, j)) > SIGNES_EN_BLOC Then
                    longs.Add Array(i, j, valeurs(i, j))
                    valeurs(i, j) = Empty
                End If
            End If
        Next j
    Next i
    ws.Range(ws.Cells(2, 1), ws.Cells(lignes + 1, n)).Value2 = valeurs
    For Each un In longs
        ws.Cells(un(0) + 1, un(1)).Value2 = un(2)
    Next un
End Sub

Private Sub ArcaneTextesTiennent(ByVal titres As Variant, ByVal valeurs As Variant, ByVal lignes As Long)
    Dim i As Long, j As Long
    For i = 1 To lignes
        For j = 1 To UBound(titres) + 1
            If VarType(valeurs(i, j)) = vbString Then
                If Len(valeurs(i, j)) > SIGNES_MAX Then
                    Err.Raise ARCANE_ERREUR, , "Un texte de « " & titres(j - 1) & " » dépasse les 32 767 signes d'une cellule."
                End If
            End If
        Next j
    Next i
End Sub

Private Sub ArcaneTientDansUneFeuille(ByVal lignes As Long)
    If lignes > LIGNES_MAX Then
        Err.Raise ARCANE_ERREUR, , "Plus de 1 048 575 lignes : une feuille d'Excel ne les contient pas. Raccourcissez la période."
    End If
End Sub

' Les tableaux croisés qui lisent les feuilles du classeur.
Private Sub ArcaneRafraichirPivots()
    Dim un As Object
    For Each un In ThisWorkbook.PivotCaches
        If un.SourceType = 1 Then un.Refresh
    Next un
End Sub

Private Function ArcaneAFeuille(ByVal nom As String) As Boolean
    Dim une As Object
    For Each une In ThisWorkbook.Worksheets
        If une.Name = nom Then ArcaneAFeuille = True
    Next une
End Function

Private Function ArcaneLigne(ByVal ws As Object, ByVal libelle As String) As Long
    Dim ligne As Long
    For ligne = 1 To 200
        If Trim$(CStr(ws.Cells(ligne, 1).Value)) = libelle Then
            ArcaneLigne = ligne
            Exit Function
        End If
    Next ligne
    Err.Raise ARCANE_ERREUR, , "Il manque la ligne « " & libelle & " » dans la feuille « Paramètres »."
End Function

Private Function ArcaneParametre(ByVal ws As Object, ByVal libelle As String) As String
    ArcaneParametre = Trim$(CStr(ws.Cells(ArcaneLigne(ws, libelle), 2).Value))
End Function

Private Function ArcaneJour(ByVal ws As Object, ByVal libelle As String) As Date
    Dim lu As Variant, jour As Variant
    lu = ws.Cells(ArcaneLigne(ws, libelle), 2).Value
    If VarType(lu) = vbDate Then
        ArcaneJour = Int(CDbl(lu))
        Exit Function
    End If
    jour = DateDepuisTexte(CStr(lu))
    If IsError(jour) Then
        Err.Raise ARCANE_ERREUR, , "« " & libelle & " » n'est pas une date : écrivez 25/11/2026 ou 2026-11-25."
    End If
    ArcaneJour = jour
End Function

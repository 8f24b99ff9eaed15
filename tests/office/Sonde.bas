Attribute VB_Name = "Sonde"
' Ce que LibreOffice ne rend pas tel quel à Python : dates, erreurs, booléens et vides, en texte.
Option Explicit

Public Function Dire(ByVal valeur As Variant) As String
    If IsError(valeur) Then
        Dire = "#N/A"
    ElseIf IsEmpty(valeur) Then
        Dire = "vide"
    Else
        Select Case VarType(valeur)
            Case 11
                Dire = "booléen " & CStr(CLng(valeur))
            Case 8
                Dire = "texte " & valeur
            Case 7
                Dire = "jour " & Str$(CDbl(valeur))
            Case Else
                Dire = "nombre" & Str$(CDbl(valeur))
        End Select
    End If
End Function

Public Function Taux(interactions As Variant, impressions As Variant) As String
    Taux = Dire(TauxEngagement(interactions, impressions))
End Function

Public Function Evolution(total As Variant, n As Variant, total_base As Variant, n_base As Variant) As String
    Evolution = Dire(EvolutionAgeEgal(total, n, total_base, n_base))
End Function

Public Function Lu(ByVal texte As String) As String
    Lu = Dire(DateDepuisTexte(texte))
End Function

Public Function Paris(ByVal jour As Double, ByVal secondes As Double) As String
    Paris = CStr(Round((CDbl(HeureDeParis(CDate(jour + secondes / 86400))) - jour) * 86400))
End Function

Public Function Precedente(ByVal du As Date, ByVal au As Date) As String
    Precedente = CStr(CLng(DebutPeriodePrecedente(du, au))) & " " & CStr(CLng(FinPeriodePrecedente(du, au)))
End Function

Public Function Champ(ByVal texte As String, ByVal genre As String) As String
    Champ = Dire(ArcaneValeur(texte, genre))
End Function

Public Function Csv(ByVal texte As String) As String
    Dim champs As Variant, colonnes As Long, i As Long
    On Error GoTo Refus
    champs = ArcaneChamps(texte, colonnes)
    Csv = CStr(colonnes)
    For i = 0 To UBound(champs)
        Csv = Csv & "|" & champs(i)
    Next i
    Exit Function
Refus:
    Csv = "refus : " & Err.Description
End Function

Public Function Sql(ByVal jeu As String, ByVal vue As String, ByVal lecture As String, ByVal suivi As String) As String
    On Error GoTo Refus
    Sql = ArcaneSql(jeu, vue, lecture, suivi, DateSerial(2026, 11, 17), DateSerial(2026, 11, 23), DateSerial(2026, 11, 10), DateSerial(2026, 11, 16))
    Exit Function
Refus:
    Sql = "refus : " & Err.Description
End Function

Public Function Adresse(ByVal racine As String, ByVal vue As String, ByVal lecture As String, ByVal suivi As String) As String
    On Error GoTo Refus
    Adresse = ArcaneAdresse(racine, vue, lecture, suivi, DateSerial(2026, 11, 17), DateSerial(2026, 11, 23), _
        DateSerial(2026, 11, 3), DateSerial(2026, 11, 9))
    Exit Function
Refus:
    Adresse = "refus : " & Err.Description
End Function

Public Function Connexion(ByVal modele As String, ByVal projet As String) As String
    On Error GoTo Refus
    Connexion = ArcaneConnexion(modele, projet)
    Exit Function
Refus:
    Connexion = "refus : " & Err.Description
End Function

Public Function BaseDite(ByVal du As String, ByVal au As String) As String
    On Error GoTo Refus
    BaseDite = Dire(ArcaneBaseEstDite(du, au))
    Exit Function
Refus:
    BaseDite = "refus : " & Err.Description
End Function

Public Function Periode(ByVal nom As String, ByVal du As Date, ByVal au As Date) As String
    On Error GoTo Refus
    ArcaneVerifierPeriode nom, du, au
    Periode = "bien"
    Exit Function
Refus:
    Periode = "refus : " & Err.Description
End Function

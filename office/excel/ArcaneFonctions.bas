Attribute VB_Name = "ArcaneFonctions"
' Fonctions à écrire dans les cellules : taux d'engagement, évolution à âge égal, dates françaises.
' Aucune ne lit la langue de la machine. Ce qui est inconnu donne #N/A, jamais zéro.
Option Explicit

Private Const ERREUR_NA As Long = 2042

' Interactions par affichage : une somme divisée par une somme, jamais une moyenne de taux.
' Prend des plages ou des nombres ; la colonne à prendre est « interactions_avec_impressions ».
Public Function TauxEngagement(interactions As Variant, impressions As Variant) As Variant
    Dim affichages As Double
    affichages = ArcaneSomme(impressions)
    If affichages > 0 Then
        TauxEngagement = ArcaneSomme(interactions) / affichages
    Else
        TauxEngagement = CVErr(ERREUR_NA)
    End If
End Function

' Évolution d'une moyenne par tweet, tous lus au même âge (colonnes « …_24h » ou « …_7j ») :
' (total / mesurés) face à (total_base / mesurés_base). #N/A sous « minimum » tweets mesurés d'un côté.
Public Function EvolutionAgeEgal(total As Variant, mesures As Variant, total_base As Variant, _
        mesures_base As Variant, Optional ByVal minimum As Long = 20) As Variant
    Dim n As Double, n_base As Double, avant As Double
    n = ArcaneSomme(mesures)
    n_base = ArcaneSomme(mesures_base)
    avant = ArcaneSomme(total_base)
    If n < minimum Or n_base < minimum Or avant <= 0 Then
        EvolutionAgeEgal = CVErr(ERREUR_NA)
    Else
        EvolutionAgeEgal = (ArcaneSomme(total) / n) / (avant / n_base) - 1
    End If
End Function

' Premier jour de la période d'avant, décalée de semaines entières : un lundi fait face à un lundi.
Public Function DebutPeriodePrecedente(ByVal du As Date, ByVal au As Date) As Date
    DebutPeriodePrecedente = du - ArcaneRecul(du, au)
End Function

Public Function FinPeriodePrecedente(ByVal du As Date, ByVal au As Date) As Date
    FinPeriodePrecedente = au - ArcaneRecul(du, au)
End Function

' « mardi 24 novembre 2026 », « dimanche 1er mars 2026 », sur toute machine.
Public Function DateLongue(ByVal jour As Date) As String
    Dim jours As Variant, mois As Variant, numero As String
    jours = Array("lundi", "mardi", "mercredi", "jeudi", "vendredi", "samedi", "dimanche")
    mois = Array("janvier", "février", "mars", "avril", "mai", "juin", "juillet", "août", "septembre", "octobre", _
        "novembre", "décembre")
    numero = CStr(Day(jour))
    If Day(jour) = 1 Then numero = "1er"
    DateLongue = jours(Weekday(jour, 2) - 1) & " " & numero & " " & mois(Month(jour) - 1) & " " & CStr(Year(jour))
End Function

' « 2026-S48 » : semaine ISO, celle qui contient le jeudi.
Public Function SemaineIso(ByVal jour As Date) As String
    Dim jeudi As Date, premier As Date
    jeudi = jour - Weekday(jour, 2) + 4
    premier = DateSerial(Year(jeudi), 1, 1)
    SemaineIso = CStr(Year(jeudi)) & "-S" & Right$("0" & CStr(Int((Int(CDbl(jeudi)) - CDbl(premier)) / 7) + 1), 2)
End Function

' Un jour écrit 2026-11-25 ou 25/11/2026, dans cet ordre sur toute machine. #N/A si ce n'est pas un jour.
Public Function DateDepuisTexte(ByVal texte As String) As Variant
    Dim an As Long, mois As Long, jour As Long, trouve As Date
    texte = Trim$(texte)
    DateDepuisTexte = CVErr(ERREUR_NA)
    If texte Like "####-##-##" Then
        an = Val(Left$(texte, 4))
        mois = Val(Mid$(texte, 6, 2))
        jour = Val(Mid$(texte, 9, 2))
    ElseIf texte Like "##/##/####" Then
        an = Val(Mid$(texte, 7, 4))
        mois = Val(Mid$(texte, 4, 2))
        jour = Val(Left$(texte, 2))
    End If
    If an < 1900 Or mois < 1 Or mois > 12 Or jour < 1 Then Exit Function
    trouve = DateSerial(an, mois, jour)
    If Day(trouve) = jour Then DateDepuisTexte = trouve
End Function

' L'heure de Paris d'un instant UTC : heure d'été du dernier dimanche de mars au dernier dimanche d'octobre, à 1 h UTC.
Public Function HeureDeParis(ByVal utc As Date) As Date
    Dim debut As Double, fin As Double, decalage As Double
    debut = CDbl(ArcaneDernierDimanche(Year(utc), 3)) + 1 / 24
    fin = CDbl(ArcaneDernierDimanche(Year(utc), 10)) + 1 / 24
    decalage = 1
    ' une demi-seconde : un instant en heures n'est pas un nombre rond de jours
    If CDbl(utc) >= debut - 1 / 172800 And CDbl(utc) < fin - 1 / 172800 Then decalage = 2
    HeureDeParis = CDate(CDbl(utc) + decalage / 24)
End Function

Private Function ArcaneDernierDimanche(ByVal an As Long, ByVal mois As Long) As Date
    Dim dernier As Date
    dernier = DateSerial(an, mois + 1, 1) - 1
    ArcaneDernierDimanche = dernier - (Weekday(dernier, 2) Mod 7)
End Function

Private Function ArcaneRecul(ByVal du As Date, ByVal au As Date) As Long
    ArcaneRecul = Int((CDbl(au) - CDbl(du) + 7) / 7) * 7
End Function

' Somme des nombres d'une plage, d'un tableau ou d'une valeur ; textes et cellules vides ne comptent pas.
Private Function ArcaneSomme(ByVal ou As Variant) As Double
    Dim une As Variant, somme As Double, lues As Variant
    If IsObject(ou) Then
        lues = ArcaneCellules(ou)
    Else
        lues = ou
    End If
    If Not IsArray(lues) Then lues = Array(lues)
    For Each une In lues
        If ArcaneEstUnNombre(une) Then somme = somme + CDbl(une)
    Next une
    ArcaneSomme = somme
End Function

Private Function ArcaneCellules(ByVal plage As Object) As Variant
    ArcaneCellules = plage.Value
End Function

Private Function ArcaneEstUnNombre(ByVal une As Variant) As Boolean
    Select Case VarType(une)
        Case 2, 3, 4, 5, 6, 14, 20
            ArcaneEstUnNombre = True
    End Select
End Function

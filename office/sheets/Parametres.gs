/**
 * Le menu « Arcane » et l'onglet « Paramètres », que vous remplissez et que le script ne fait que lire.
 */

const ONGLET_PARAMETRES = 'Paramètres';
const PREFIXE = 'Données ';
const LIBELLES = {
  projet: 'Projet Google Cloud',
  jeu: 'Jeu de données',
  suivi: 'Suivi',
  du: 'Du',
  au: 'Au',
  base_du: 'Base : du (vide = période précédente)',
  base_au: 'Base : au (vide = période précédente)',
  courriel: 'Courriel en cas d\'échec (vide = le vôtre)',
};
const TITRES = ['Onglet', 'Vue', 'Lecture'];
const PREMIERES_DEMANDES = [
  ['Données état', 'data_status', 'tout'],
  ['Données chiffres clés', 'totals', 'fonction'],
  ['Données évolution', 'growth', 'fonction et base'],
  ['Données par jour', 'engagement_by_day', 'période'],
  ['Données volume', 'volume_by_day', 'période'],
  ['Données hashtags', 'top_hashtags', 'fonction'],
  ['Données publications', 'tracker_tweets_flat', 'période'],
];

function onOpen() {
  SpreadsheetApp.getUi()
    .createMenu('Arcane')
    .addItem('Préparer les paramètres', 'preparerParametres')
    .addItem('Actualiser', 'actualiser')
    .addItem('Arrêter l\'actualisation en cours', 'arreter')
    .addSeparator()
    .addItem('Actualiser chaque matin', 'programmerChaqueMatin')
    .addItem('Ne plus actualiser chaque matin', 'deprogrammer')
    .addSeparator()
    .addItem('Feuille connectée de la ligne choisie', 'creerFeuilleConnectee')
    .addToUi();
}

/** Crée l'onglet « Paramètres » s'il n'existe pas ; ne touche pas à celui qui existe. */
function preparerParametres() {
  const classeur = SpreadsheetApp.getActiveSpreadsheet();
  if (classeur.getSheetByName(ONGLET_PARAMETRES)) {
    classeur.toast('L\'onglet « Paramètres » existe déjà : il reste tel quel.', 'Arcane');
    return;
  }
  const feuille = classeur.insertSheet(ONGLET_PARAMETRES, 0);
  const lignes = [['Arcane : paramètres', '', '']]
    .concat(Object.values(LIBELLES).map((libelle) => [libelle, '', '']), [['', '', ''], TITRES], PREMIERES_DEMANDES);
  lignes[2][1] = 'arcane_fr';
  lignes[3][1] = 'arcane';
  lignes[4][1] = '=TODAY()-7';
  lignes[5][1] = '=TODAY()-1';
  feuille.getRange(5, 2, 4, 1).setNumberFormat('dd/mm/yyyy');
  feuille.getRange(1, 1, lignes.length, 3).setValues(lignes);
  feuille.getRange(1, 1, 1, 3).setFontWeight('bold');
  feuille.getRange(lignes.length - PREMIERES_DEMANDES.length, 1, 1, 3).setFontWeight('bold');
  feuille.setColumnWidth(1, 290).setColumnWidth(2, 190).setColumnWidth(3, 140);
}

/** Lit l'onglet « Paramètres » : {projet, jeu, suivi, du, au, base_du, base_au, courriel, demandes}. */
function parametres(classeur) {
  const feuille = classeur.getSheetByName(ONGLET_PARAMETRES);
  if (!feuille) throw new Error('Il n\'y a pas d\'onglet « Paramètres » : menu Arcane › Préparer les paramètres.');
  const cellules = feuille.getDataRange().getValues();
  const fuseau = classeur.getSpreadsheetTimeZone();
  const lus = {};
  for (const [cle, libelle] of Object.entries(LIBELLES)) {
    const ligne = cellules.find((une) => String(une[0]).trim() === libelle);
    if (!ligne) throw new Error(`Il manque la ligne « ${libelle} » dans l'onglet « Paramètres ».`);
    lus[cle] = enTexte(ligne[1], fuseau);
  }
  for (const cle of ['projet', 'jeu', 'suivi', 'du', 'au']) {
    if (!lus[cle]) throw new Error(`« ${LIBELLES[cle]} » est vide dans l'onglet « Paramètres ».`);
  }
  lus.du = jourTape(lus.du);
  lus.au = jourTape(lus.au);
  dansLOrdre('La période', lus.du, lus.au);
  if (!lus.base_du !== !lus.base_au) {
    throw new Error('La période de base n\'a qu\'un de ses deux jours : remplissez « Base : du » et « Base : au », ou laissez les deux vides.');
  }
  Object.assign(lus, lus.base_du
    ? {base_du: jourTape(lus.base_du), base_au: jourTape(lus.base_au)}
    : periodePrecedente(lus.du, lus.au));
  dansLOrdre('La période de base', lus.base_du, lus.base_au);
  const titres = cellules.findIndex((une) => TITRES.every((titre, i) => String(une[i]).trim() === titre));
  if (titres < 0) throw new Error(`Il manque la ligne de titres ${TITRES.join(' | ')} dans l'onglet « Paramètres ».`);
  lus.demandes = cellules.slice(titres + 1)
    .filter((une) => String(une[0]).trim())
    .map((une) => ({onglet: String(une[0]).trim(), vue: String(une[1]).trim(), lecture: String(une[2]).trim()}));
  const noms = lus.demandes.map((une) => une.onglet);
  const mauvais = noms.find((nom, i) => !nom.startsWith(PREFIXE) || noms.indexOf(nom) !== i || nom === ONGLET_JOURNAL);
  if (mauvais) {
    throw new Error(`Onglet « ${mauvais} » : le script n'écrit que dans des onglets « ${PREFIXE}… », une vue par onglet.`);
  }
  return lus;
}

function dansLOrdre(nom, du, au) {
  if (du > au) throw new Error(`${nom} va du ${du} au ${au} : le premier jour doit venir avant le dernier.`);
}

function enTexte(cellule, fuseau) {
  return cellule instanceof Date ? Utilities.formatDate(cellule, fuseau, 'yyyy-MM-dd') : String(cellule).trim();
}

function programmerChaqueMatin() {
  deprogrammer();
  ScriptApp.newTrigger('actualiserChaqueMatin').timeBased().everyDays(1).atHour(7).create();
  SpreadsheetApp.getActiveSpreadsheet().toast('Les données seront actualisées chaque matin entre 7 h et 8 h.', 'Arcane');
}

function deprogrammer() {
  supprimerDeclencheurs('actualiserChaqueMatin');
}

/** Une feuille connectée de la ligne choisie dans « Paramètres » : ses paramètres restent liés aux cellules. */
function creerFeuilleConnectee() {
  const classeur = SpreadsheetApp.getActiveSpreadsheet();
  const lus = parametres(classeur);
  const feuille = classeur.getActiveSheet();
  const onglet = String(feuille.getRange(feuille.getActiveRange().getRow(), 1).getValue()).trim();
  const demande = feuille.getName() === ONGLET_PARAMETRES && lus.demandes.find((une) => une.onglet === onglet);
  if (!demande) throw new Error('Choisissez d\'abord, dans « Paramètres », une cellule de la ligne de la vue à connecter.');
  const sql = requete(demande, lus.jeu);
  const cellules = feuille.getDataRange().getValues();
  const ligne = (cle) => cellules.findIndex((une) => String(une[0]).trim() === LIBELLES[cle]) + 1;
  const lies = parametresLies(sql, lus).map((un) => un.name);
  const vide = lies.find((nom) => feuille.getRange(ligne(nom), 2).getValue() === '');
  if (vide) throw new Error(`Une feuille connectée lit ses paramètres dans les cellules : remplissez « ${LIBELLES[vide]} ».`);
  SpreadsheetApp.enableBigQueryExecution();
  const source = SpreadsheetApp.newDataSourceSpec().asBigQuery().setProjectId(lus.projet).setRawQuery(sql);
  lies.forEach((nom) => source.setParameterFromCell(nom, `'${ONGLET_PARAMETRES}'!B${ligne(nom)}`));
  classeur.insertDataSourceSheet(source.build());
}

/**
 * L'actualisation : chaque demande de « Paramètres » est posée à BigQuery, lue page par page et écrite d'un bloc.
 *
 * Un script a six minutes. Bien avant, celui-ci note où il en est (la requête, la page, la ligne) et se fait rappeler.
 * Un second rappel, posé d'avance, prend la suite si Google l'arrête sans prévenir : ce qui était écrit est récrit à la
 * même place. Une seule actualisation à la fois.
 */

const ONGLET_JOURNAL = 'Données actualisations';
const ETAT = 'arcane.actualisation';
const DUREE_MS = 240000;
const RAPPEL_MS = 60000;
const SECOURS_MS = 480000;
const ATTENTE_MS = 1000;
const LIGNES_PAR_PAGE = 10000;
const CELLULES_PAR_ECRITURE = 200000;
const CELLULES_MAX = 10000000;
const SIGNES_MAX = 50000;

/** Menu Arcane › Actualiser. */
function actualiser() {
  commencer(false);
}

/** Appelée par le déclencheur quotidien : un échec est envoyé par courriel. */
function actualiserChaqueMatin() {
  commencer(true);
}

/** Appelée par les rappels. */
function poursuivre() {
  seul(() => {
    const etat = lireEtat();
    supprimerDeclencheurs('poursuivre');
    if (etat) avancer(etat);
  });
}

/** Menu Arcane › Arrêter l'actualisation en cours. */
function arreter() {
  supprimerDeclencheurs('poursuivre');
  PropertiesService.getDocumentProperties().deleteProperty(ETAT);
  SpreadsheetApp.getActiveSpreadsheet().toast('L\'actualisation est arrêtée ; les onglets finis sont à jour.', 'Arcane');
}

function commencer(est_automatique) {
  seul(() => {
    if (lireEtat()) {
      const dit = 'Une actualisation est en cours : attendez sa fin, ou menu Arcane › Arrêter l\'actualisation en cours.';
      if (!est_automatique) throw new Error(dit);
      return;
    }
    let lus;
    try {
      lus = parametres(SpreadsheetApp.getActiveSpreadsheet());
    } catch (erreur) {
      if (!est_automatique) throw erreur;
      envoyer('', [`Paramètres : ${erreur.message}`]);
      return;
    }
    const {demandes, ...reglages} = lus;
    avancer({parametres: reglages, reste: demandes, est_automatique, echecs: [], en_cours: null});
  });
}

function seul(travail) {
  const verrou = LockService.getDocumentLock();
  if (!verrou.tryLock(5000)) throw new Error('Une actualisation est en cours : attendez sa fin.');
  try {
    travail();
  } finally {
    verrou.releaseLock();
  }
}

function avancer(etat) {
  const fin_ms = Date.now() + DUREE_MS;
  rappeler(SECOURS_MS);
  noterEtat(etat);
  while (etat.reste.length) {
    const demande = etat.reste[0];
    try {
      if (!remplir(etat, demande, fin_ms)) {
        rappeler(RAPPEL_MS);
        return;
      }
    } catch (erreur) {
      etat.echecs.push(demande.onglet);
      journal(demande, '', `échec : ${explication(erreur, etat.parametres)}`);
    }
    etat.reste.shift();
    etat.en_cours = null;
    noterEtat(etat);
  }
  PropertiesService.getDocumentProperties().deleteProperty(ETAT);
  supprimerDeclencheurs('poursuivre');
  const dits = etat.echecs.map((onglet) => `${onglet} : ${etatDe(onglet)}`);
  if (dits.length && etat.est_automatique) envoyer(etat.parametres.courriel, dits);
  SpreadsheetApp.getActiveSpreadsheet().toast(dits.join('\n') || 'Les données sont à jour.', 'Arcane', dits.length ? -1 : 5);
}

/** Remplit un onglet ; faux si le temps vient à manquer avant la fin. */
function remplir(etat, demande, fin_ms) {
  const lus = etat.parametres;
  let reponse;
  if (etat.en_cours) {
    reponse = page(etat, etat.en_cours.jeton);
  } else {
    const sql = requete(demande, lus.jeu);
    const posee = {
      query: sql, useLegacySql: false, parameterMode: 'NAMED', queryParameters: parametresLies(sql, lus),
      maxResults: LIGNES_PAR_PAGE, timeoutMs: 10000, formatOptions: {useInt64Timestamp: true},
    };
    reponse = BigQuery.Jobs.query(posee, lus.projet);
    etat.en_cours = {job: reponse.jobReference.jobId, lieu: reponse.jobReference.location, jeton: null, ligne: 2};
    noterEtat(etat);
  }
  while (!reponse.jobComplete) {
    if (Date.now() >= fin_ms) return false;
    Utilities.sleep(ATTENTE_MS);
    reponse = page(etat, null);
  }
  const champs = reponse.schema.fields;
  const feuille = preparer(demande.onglet, champs, 1 + Number(reponse.totalRows));
  const fuseau = SpreadsheetApp.getActiveSpreadsheet().getSpreadsheetTimeZone();
  let lignes = [];
  for (;;) {
    (reponse.rows || []).forEach((une) => lignes.push(champs.map((champ, i) => cellule(champ, une.f[i].v, fuseau))));
    const jeton = reponse.pageToken || null;
    const est_tard = Date.now() >= fin_ms;
    if (jeton && !est_tard && lignes.length * champs.length < CELLULES_PAR_ECRITURE) {
      reponse = page(etat, jeton);
      continue;
    }
    if (lignes.length) ecrire(feuille.getRange(etat.en_cours.ligne, 1, lignes.length, champs.length), lignes, champs);
    etat.en_cours.ligne += lignes.length;
    etat.en_cours.jeton = jeton;
    lignes = [];
    if (!jeton) break;
    noterEtat(etat);
    if (est_tard) {
      journal(demande, etat.en_cours.ligne - 2, 'en cours');
      return false;
    }
    reponse = page(etat, jeton);
  }
  effacerDessous(feuille, etat.en_cours.ligne, champs.length);
  journal(demande, etat.en_cours.ligne - 2, 'à jour');
  return true;
}

function page(etat, jeton) {
  const options = {maxResults: LIGNES_PAR_PAGE, timeoutMs: 10000, 'formatOptions.useInt64Timestamp': true};
  if (jeton) options.pageToken = jeton;
  if (etat.en_cours.lieu) options.location = etat.en_cours.lieu;
  return BigQuery.Jobs.getQueryResults(etat.parametres.projet, etat.en_cours.job, options);
}

/** Un texte reste entier et reste un texte : Sheets le refuse au-delà de 50 000 signes. */
function cellule(champ, texte, fuseau) {
  const lue = valeur(champ, texte, fuseau);
  if (typeof lue === 'string' && lue.length > SIGNES_MAX) {
    throw new Error(`un texte de « ${champ.name} » dépasse les ${SIGNES_MAX} signes d'une cellule : choisissez une autre vue.`);
  }
  return lue;
}

/**
 * Un texte de X qui commence par = ne devient jamais une formule. Le format @ le dit à Sheets, mais la documentation de
 * Google n'en fait pas une promesse : on l'essaie dans une cellule qui va être écrite, et sinon une apostrophe le dit.
 */
function ecrire(plage, lignes, champs) {
  const colonne = champs.findIndex((champ) => format(champ) === '@') + 1;
  const est_promis = !colonne || plage.getCell(1, colonne).setValue('=1+1').getFormula() === '';
  plage.setValues(est_promis ? lignes : lignes.map((une) => une.map((lue) => (/^[=+]/.test(lue) ? `'${lue}` : lue))));
}

/** L'onglet, avec ses titres, assez de lignes, et les formats posés avant les valeurs. */
function preparer(onglet, champs, lignes) {
  const classeur = SpreadsheetApp.getActiveSpreadsheet();
  const feuille = classeur.getSheetByName(onglet) || classeur.insertSheet(onglet, classeur.getNumSheets());
  const avant = largeurEcrite(onglet);
  const ajout = avant ? Math.max(champs.length - avant, 0) : 0;
  const large = Math.max(feuille.getMaxColumns() + ajout, champs.length);
  const haut = Math.max(feuille.getMaxRows(), lignes, 2);
  const ailleurs = classeur.getSheets()
    .filter((une) => une.getName() !== onglet)
    .reduce((somme, une) => somme + une.getMaxRows() * une.getMaxColumns(), 0);
  if (ailleurs + large * haut > CELLULES_MAX) {
    throw new Error(`${lignes - 1} lignes de ${champs.length} colonnes ne tiennent pas dans ce classeur (10 millions de ` +
      'cellules) : raccourcissez la période, ou passez par une feuille connectée.');
  }
  if (ajout) { // avant vos colonnes, qui se décalent avec leurs formules
    feuille.insertColumnsAfter(avant, ajout);
    noterLargeur(onglet, champs.length);
  }
  if (feuille.getMaxColumns() < large) feuille.insertColumnsAfter(feuille.getMaxColumns(), large - feuille.getMaxColumns());
  if (feuille.getMaxRows() < haut) feuille.insertRowsAfter(feuille.getMaxRows(), haut - feuille.getMaxRows());
  champs.forEach((champ, i) => feuille.getRange(2, i + 1, haut - 1, 1).setNumberFormat(format(champ)));
  feuille.getRange(1, 1, 1, champs.length).setNumberFormat('@').setValues([champs.map((champ) => champ.name)]);
  feuille.setFrozenRows(1);
  return feuille;
}

/** Ce qui reste d'une lecture plus longue ou plus large ; rien de ce qui est à droite et que vous avez ajouté. */
function effacerDessous(feuille, ligne, colonnes) {
  const reste = feuille.getMaxRows() - ligne + 1;
  if (reste > 0) feuille.getRange(ligne, 1, reste, colonnes).clearContent();
  const avant = largeurEcrite(feuille.getName());
  if (avant > colonnes) feuille.getRange(1, colonnes + 1, feuille.getMaxRows(), avant - colonnes).clearContent();
  noterLargeur(feuille.getName(), colonnes);
}

/** Combien de colonnes d'un onglet le script a remplies ; 0 s'il n'y a jamais fini. Les suivantes sont à vous. */
function largeurEcrite(onglet) {
  return Number(PropertiesService.getDocumentProperties().getProperty(`arcane.largeur.${onglet}`) || 0);
}

function noterLargeur(onglet, colonnes) {
  PropertiesService.getDocumentProperties().setProperty(`arcane.largeur.${onglet}`, String(colonnes));
}

/** Une ligne par onglet : ce qui y a été écrit, et quand. */
function journal(demande, lignes, dit) {
  const classeur = SpreadsheetApp.getActiveSpreadsheet();
  const feuille = classeur.getSheetByName(ONGLET_JOURNAL) || classeur.insertSheet(ONGLET_JOURNAL, classeur.getNumSheets());
  feuille.getRange(1, 1, 1, 5).setValues([['Onglet', 'Vue', 'Lignes', 'Actualisé le', 'État']]);
  const noms = feuille.getRange(1, 1, feuille.getLastRow(), 1).getValues().map((une) => une[0]);
  const ligne = noms.indexOf(demande.onglet) >= 1 ? noms.indexOf(demande.onglet) + 1 : noms.length + 1;
  if (ligne > feuille.getMaxRows()) feuille.insertRowsAfter(feuille.getMaxRows(), 1);
  feuille.getRange(ligne, 1, 1, 5).setNumberFormats([['@', '@', '#,##0', 'dd/mm/yyyy hh:mm:ss', '@']])
    .setValues([[demande.onglet, demande.vue, lignes, serie(Date.now(), classeur.getSpreadsheetTimeZone()), dit]]);
}

/** Ce que le journal dit d'un onglet : les messages y tiennent, une propriété du script n'a que 9 ko. */
function etatDe(onglet) {
  const feuille = SpreadsheetApp.getActiveSpreadsheet().getSheetByName(ONGLET_JOURNAL);
  return feuille.getDataRange().getValues().find((une) => une[0] === onglet)[4];
}

/** Ce qui s'est passé et que faire, à partir de ce que dit Google. */
function explication(erreur, lus) {
  const dit = String((erreur && erreur.message) || erreur);
  if (/BigQuery is not defined|has not been used in project|accessNotConfigured/i.test(dit)) {
    return `le service BigQuery n'est pas activé pour ce script ou pour le projet ${lus.projet} (README, installation). ${dit}`;
  }
  if (/access denied|permission|forbidden/i.test(dit)) {
    return `vous n'avez pas le droit de lire ${lus.jeu} ou d'interroger ${lus.projet} : demandez « Lecteur de données ` +
      `BigQuery » sur le jeu et « Utilisateur de job BigQuery » sur le projet. ${dit}`;
  }
  if (/not found/i.test(dit)) return `BigQuery ne connaît pas cette vue : vérifiez la colonne « Vue » et le jeu ${lus.jeu}. ${dit}`;
  if (/authoriz|credential|login required/i.test(dit)) return `votre accès a expiré : menu Arcane › Actualiser, puis acceptez. ${dit}`;
  return dit;
}

function envoyer(courriel, echecs) {
  const classeur = SpreadsheetApp.getActiveSpreadsheet();
  MailApp.sendEmail({
    to: courriel || Session.getEffectiveUser().getEmail(),
    subject: `Arcane : ${echecs.length} échec(s) d'actualisation dans « ${classeur.getName()} »`,
    body: `${echecs.join('\n')}\n\nLes autres onglets sont à jour. ${classeur.getUrl()}`,
  });
}

function lireEtat() {
  const texte = PropertiesService.getDocumentProperties().getProperty(ETAT);
  return texte ? JSON.parse(texte) : null;
}

function noterEtat(etat) {
  PropertiesService.getDocumentProperties().setProperty(ETAT, JSON.stringify(etat));
}

function rappeler(apres_ms) {
  supprimerDeclencheurs('poursuivre');
  ScriptApp.newTrigger('poursuivre').timeBased().after(apres_ms).create();
}

function supprimerDeclencheurs(fonction) {
  ScriptApp.getProjectTriggers()
    .filter((un) => un.getHandlerFunction() === fonction)
    .forEach((un) => ScriptApp.deleteTrigger(un));
}

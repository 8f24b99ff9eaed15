/**
 * Ce qui est demandé à BigQuery et ce que valent ses réponses. Fonctions pures : aucun service de Google ici.
 */

const LECTURES = ['période', 'fonction', 'fonction et base', 'tout'];
const JOUR_MS = 86400000;
const ZERO_DES_FEUILLES_MS = Date.UTC(1899, 11, 30); // le jour 0 de Sheets et d'Excel

/** La requête d'une ligne de Paramètres. Suivi et dates y sont des paramètres liés, jamais du texte collé. */
function requete(demande, jeu) {
  if (!/^[A-Za-z_][A-Za-z0-9_]*_fr$/.test(jeu)) {
    throw new Error(`Jeu de données « ${jeu} » : un jeu de vues françaises se termine par _fr, comme arcane_fr.`);
  }
  if (!/^[a-z][a-z0-9_]*$/.test(demande.vue)) {
    throw new Error(`Vue « ${demande.vue} » : un nom de vue s'écrit en minuscules, comme engagement_by_day.`);
  }
  const vue = `${jeu}.${demande.vue}`;
  switch (demande.lecture) {
    case 'période':
      return `select * from ${vue} where suivi = @suivi and date_locale between @du and @au order by 1, 2, 3`;
    case 'fonction':
      return `select * from ${vue}(@suivi, @du, @au) order by 1`;
    case 'fonction et base':
      return `select * from ${vue}(@suivi, @du, @au, @base_du, @base_au) order by 1`;
    case 'tout':
      return `select * from ${vue} order by 1`;
    default:
      throw new Error(`Lecture « ${demande.lecture} » : écrivez ${LECTURES.join(', ')}.`);
  }
}

/** Les paramètres que nomme la requête, sous la forme de l'API de BigQuery. */
function parametresLies(sql, parametres) {
  const types = {suivi: 'STRING', du: 'DATE', au: 'DATE', base_du: 'DATE', base_au: 'DATE'};
  return Object.keys(types)
    .filter((nom) => new RegExp(`@${nom}\\b`).test(sql))
    .map((nom) => ({name: nom, parameterType: {type: types[nom]}, parameterValue: {value: parametres[nom]}}));
}

/** La période d'avant, décalée de semaines entières : un lundi fait face à un lundi. Jours en texte, aaaa-mm-jj. */
function periodePrecedente(du, au) {
  const jours = (Date.parse(au) - Date.parse(du)) / JOUR_MS + 1;
  const recul = Math.ceil(jours / 7) * 7 * JOUR_MS;
  const recule = (jour) => new Date(Date.parse(jour) - recul).toISOString().slice(0, 10);
  return {base_du: recule(du), base_au: recule(au)};
}

/** Un jour en texte aaaa-mm-jj, tel que tapé : aaaa-mm-jj ou jj/mm/aaaa. */
function jourTape(texte) {
  const iso = /^(\d{4})-(\d\d)-(\d\d)$/.exec(texte);
  const francais = /^(\d\d?)\/(\d\d?)\/(\d{4})$/.exec(texte);
  const [an, mois, jour] = iso ? iso.slice(1) : francais ? francais.slice(1).reverse() : [];
  const date = new Date(Date.UTC(an, mois - 1, jour));
  if (isNaN(date) || date.getUTCDate() !== Number(jour) || date.getUTCMonth() !== mois - 1) {
    throw new Error(`« ${texte} » n'est pas une date : écrivez 25/11/2026 ou 2026-11-25.`);
  }
  return date.toISOString().slice(0, 10);
}

const HORLOGES = {}; // en faire une par cellule prendrait le plus clair du temps

function horloge(fuseau) {
  HORLOGES[fuseau] = HORLOGES[fuseau] || new Intl.DateTimeFormat('en-GB', {
    timeZone: fuseau, hourCycle: 'h23', year: 'numeric', month: '2-digit', day: '2-digit',
    hour: '2-digit', minute: '2-digit', second: '2-digit',
  });
  return HORLOGES[fuseau];
}

/** Numéro de série d'un instant (en ms) : l'heure murale du fuseau, sans que Sheets ait à la deviner. */
function serie(instant_ms, fuseau) {
  const lu = {};
  horloge(fuseau).formatToParts(new Date(instant_ms)).forEach((part) => { lu[part.type] = Number(part.value); });
  const murale = Date.UTC(lu.year, lu.month - 1, lu.day, lu.hour, lu.minute, lu.second);
  return (murale - ZERO_DES_FEUILLES_MS) / JOUR_MS;
}

/** Format d'une colonne, d'après son type dans le schéma. @ : texte, posé avant les valeurs. */
function format(champ) {
  switch (champ.type) {
    case 'INTEGER': case 'INT64': return '#,##0';
    case 'FLOAT': case 'FLOAT64': return /^(taux|part)_/.test(champ.name) ? '0.00%' : '#,##0.00';
    case 'DATE': return 'dd/mm/yyyy';
    case 'TIMESTAMP': return 'dd/mm/yyyy hh:mm:ss';
    case 'BOOLEAN': case 'BOOL': return 'General';
    default: return '@';
  }
}

/** Valeur d'une cellule, d'après le type dans le schéma. NULL reste vide : inconnu n'est pas zéro. */
function valeur(champ, texte, fuseau) {
  if (texte === null || texte === undefined) return '';
  switch (champ.type) {
    case 'INTEGER': case 'INT64': case 'FLOAT': case 'FLOAT64': {
      const nombre = Number(texte);
      return Number.isFinite(nombre) ? nombre : '';
    }
    case 'DATE': return (Date.parse(texte) - ZERO_DES_FEUILLES_MS) / JOUR_MS;
    case 'TIMESTAMP': return serie(Math.floor(Number(texte) / 1000), fuseau); // microsecondes
    case 'BOOLEAN': case 'BOOL': return texte === 'true';
    default: return String(texte);
  }
}

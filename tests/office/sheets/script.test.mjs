import assert from 'node:assert/strict';
import {test} from 'node:test';

import {World} from './google.mjs';

const HOSTILE = ['=HYPERLINK("http://mal.example")', '+33 6 12 34 56 78', '@marque', "'guillemet", '-50%', 'é🎬\nfin', 'x'.repeat(25_000)];
const FIELDS = [
  {name: 'suivi', type: 'STRING'}, {name: 'id_tweet', type: 'STRING'}, {name: 'texte', type: 'STRING'},
  {name: 'nb_likes', type: 'INTEGER'}, {name: 'taux_engagement', type: 'FLOAT'}, {name: 'date_locale', type: 'DATE'},
  {name: 'cree_le', type: 'TIMESTAMP'}, {name: 'provisoire', type: 'BOOLEAN'},
];
const ROWS = HOSTILE.map((text, i) => ['arcane', `196000028276319846${i}`, text, String(i), '0.0125', '2026-11-24', '1763942400123456', 'false']);
const tweets = (rows = ROWS) => () => ({fields: FIELDS, rows});

/** A world whose Paramètres ask for these lines; the rest is as « Préparer les paramètres » leaves it. */
function prepared(options, demands = [['Données publications', 'tracker_tweets_flat', 'période']]) {
  const world = new World(options);
  world.run('preparerParametres');
  const sheet = world.book.getSheetByName('Paramètres');
  sheet.getRange(2, 2).setValues([['p-1']]);
  const first = sheet.grid().findIndex((line) => line[0] === 'Onglet') + 2;
  sheet.getRange(first, 1, sheet.getLastRow() - first + 1, 3).clearContent();
  sheet.getRange(first, 1, demands.length, 3).setValues(demands);
  return world;
}

const data = (world, name = 'Données publications') => world.book.getSheetByName(name).grid();
const set = (world, label, value) => {
  const sheet = world.book.getSheetByName('Paramètres');
  const cell = sheet.getRange(sheet.grid().findIndex((line) => line[0] === label) + 1, 2);
  cell.setNumberFormat('@').setValues([[value]]);
};
const states = (world) => data(world, 'Données actualisations').slice(1).map((line) => [line[0], line[2], line[4]]);

test('the menu has an entry for each thing that can be done, and each is a function', () => {
  const world = new World({answer: tweets()});
  world.run('onOpen');
  assert.deepEqual(world.menu.map(([, handler]) => handler), [
    'preparerParametres', 'actualiser', 'arreter', 'programmerChaqueMatin', 'deprogrammer', 'creerFeuilleConnectee',
  ]);
  world.menu.forEach(([, handler]) => assert.equal(typeof world.context[handler], 'function'));
});

test('the first Paramètres ask for seven sheets over the last seven days, and are never written again', () => {
  const world = new World({answer: tweets([])});
  world.run('preparerParametres');
  set(world, 'Projet Google Cloud', 'p-1');
  const before = JSON.stringify(world.book.getSheetByName('Paramètres').grid());
  world.run('preparerParametres');
  world.run('actualiser');
  assert.equal(JSON.stringify(world.book.getSheetByName('Paramètres').grid()), before);
  assert.deepEqual(world.asked.map((one) => one.sql), [
    'select * from arcane_fr.data_status order by 1',
    'select * from arcane_fr.totals(@suivi, @du, @au) order by 1',
    'select * from arcane_fr.growth(@suivi, @du, @au, @base_du, @base_au) order by 1',
    'select * from arcane_fr.engagement_by_day where suivi = @suivi and date_locale between @du and @au order by 1, 2, 3',
    'select * from arcane_fr.volume_by_day where suivi = @suivi and date_locale between @du and @au order by 1, 2, 3',
    'select * from arcane_fr.top_hashtags(@suivi, @du, @au) order by 1',
    'select * from arcane_fr.tracker_tweets_flat where suivi = @suivi and date_locale between @du and @au order by 1, 2, 3',
  ]);
  const values = Object.fromEntries(world.asked[2].parameters.map((one) => [one.name, [one.parameterType.type, one.parameterValue.value]]));
  assert.deepEqual(values, {
    suivi: ['STRING', 'arcane'], du: ['DATE', '2026-11-18'], au: ['DATE', '2026-11-24'],
    base_du: ['DATE', '2026-11-11'], base_au: ['DATE', '2026-11-17'],
  });
});

test('a base that Paramètres say is asked for as it is', () => {
  const world = prepared({answer: tweets()}, [['Données évolution', 'growth', 'fonction et base']]);
  set(world, 'Base : du (vide = période précédente)', '01/10/2026');
  set(world, 'Base : au (vide = période précédente)', '2026-10-07');
  world.run('actualiser');
  const values = Object.fromEntries(world.asked[0].parameters.map((one) => [one.name, one.parameterValue.value]));
  assert.deepEqual([values.base_du, values.base_au], ['2026-10-01', '2026-10-07']);
});

test('values are typed from the schema, text stays text to the letter, formats come first', () => {
  const world = prepared({answer: tweets()});
  world.run('actualiser');
  const expected = HOSTILE.map((text, i) => ['arcane', `196000028276319846${i}`, text, i, 0.0125, 46350, 45985.041666666664, false]);
  assert.deepEqual(data(world), [FIELDS.map((one) => one.name), ...expected]);
  const sheet = world.book.getSheetByName('Données publications');
  assert.deepEqual(sheet.formats(2, 8), ['@', '@', '@', '#,##0', '0.00%', 'dd/mm/yyyy', 'dd/mm/yyyy hh:mm:ss', 'General']);
  assert.equal(sheet.frozen, 1);
  assert.deepEqual(sheet.writes.map(([row, rows]) => [row, rows]), [[1, 1], [2, HOSTILE.length]], 'titles, then one write');
});

test('where Sheets takes a formula even in a text cell, no text of X becomes one', () => {
  const world = prepared({answer: tweets(), areFormulasTyped: true});
  world.run('actualiser');
  assert.deepEqual(data(world).slice(1).map((line) => line[2]), HOSTILE);
});

test('what is unknown stays empty, also infinite and NaN', () => {
  const row = ['arcane', '1', null, null, 'NaN', null, null, null];
  const world = prepared({answer: tweets([row, ['arcane', '2', '', '0', 'Infinity', null, null, 'true']])});
  world.run('actualiser');
  assert.deepEqual(data(world).slice(1), [['arcane', '1', '', '', '', '', '', ''], ['arcane', '2', '', 0, '', '', '', true]]);
});

test('times are the wall clock of Paris on both sides of the change', () => {
  const world = new World({answer: tweets()});
  const day = (iso) => (Date.parse(`${iso}Z`) - Date.UTC(1899, 11, 30)) / 86_400_000;
  assert.equal(world.run('serie', Date.parse('2026-10-25T00:30:00Z'), 'Europe/Paris'), day('2026-10-25T02:30:00'));
  assert.equal(world.run('serie', Date.parse('2026-10-25T01:30:00Z'), 'Europe/Paris'), day('2026-10-25T02:30:00'));
  assert.equal(world.run('serie', Date.parse('2026-07-01T22:00:00Z'), 'Europe/Paris'), day('2026-07-02T00:00:00'));
});

test('a shorter and narrower reading leaves nothing of the older one, and what stands beside it alone', () => {
  let fields = FIELDS;
  let rows = ROWS;
  const world = prepared({answer: () => ({fields, rows: rows.map((row) => row.slice(0, fields.length))})});
  world.run('actualiser');
  const sheet = world.book.getSheetByName('Données publications');
  sheet.getRange(1, 10, 3, 1).setValues([['ma formule'], ['=D2*2'], ['=D3*2']]);
  const pivot = world.book.insertSheet('Analyse', 0);
  pivot.getRange(1, 1).setValues([['=SUM(Données!D:D)']]);
  [fields, rows] = [FIELDS.slice(0, 4), ROWS.slice(0, 1)];
  world.run('actualiser');
  const grid = data(world).map((line) => line.filter((cell) => cell !== ''));
  assert.deepEqual(grid, [
    ['suivi', 'id_tweet', 'texte', 'nb_likes', 'ma formule'],
    ['arcane', '1960000282763198460', HOSTILE[0], 0, {formula: '=D2*2'}],
    [{formula: '=D3*2'}],
  ]);
  assert.equal(pivot.writes.length, 1, 'an analyst\'s own sheet is never written');
});

for (const callMs of [0, 70_000]) {
  test(`a wider reading pushes what stands beside it, once${callMs ? ', also where it takes several calls' : ''}`, () => {
    let fields = FIELDS.slice(0, 4);
    const rows = Array.from({length: 9}, (_, i) => ROWS[i % ROWS.length]);
    const world = prepared({answer: () => ({fields, rows: rows.map((row) => row.slice(0, fields.length))}), pageRows: 2, callMs});
    world.run('actualiser');
    world.fire();
    const sheet = world.book.getSheetByName('Données publications');
    sheet.getRange(1, 5, 3, 1).setValues([['ma formule'], ['=D2*2'], ['=D3*2']]);
    const wide = sheet.columns;
    fields = FIELDS;
    world.run('actualiser');
    world.fire();
    assert.deepEqual(states(world).map((one) => one[2]), ['à jour']);
    const grid = data(world);
    assert.deepEqual(grid[0], [...FIELDS.map((one) => one.name), 'ma formule']);
    assert.deepEqual(grid.slice(1).map((line) => line[8]).slice(0, 2), [{formula: '=D2*2'}, {formula: '=D3*2'}]);
    assert.deepEqual(grid[1].slice(0, 4), ['arcane', ROWS[0][1], HOSTILE[0], 0]);
    assert.equal(sheet.columns, wide + 4);
    fields = FIELDS.slice(0, 4);
    world.run('actualiser');
    world.fire();
    assert.deepEqual(data(world)[0].filter((cell) => cell !== ''), [...fields.map((one) => one.name), 'ma formule']);
  });
}

test('an empty answer leaves the titles alone', () => {
  const world = prepared({answer: tweets([])});
  world.run('actualiser');
  assert.deepEqual(data(world), [FIELDS.map((one) => one.name)]);
  assert.deepEqual(states(world), [['Données publications', 0, 'à jour']]);
});

test('more rows and columns than a new sheet has are made room for', () => {
  const fields = Array.from({length: 30}, (_, i) => ({name: `nb_${i}`, type: 'INTEGER'}));
  const rows = Array.from({length: 2_500}, (_, r) => fields.map((_, c) => String(r * c)));
  const world = prepared({answer: () => ({fields, rows}), pageRows: 1_000});
  world.run('actualiser');
  const grid = data(world);
  assert.equal(grid.length, 2_501);
  assert.equal(grid[2_500][29], 2_499 * 29);
});

test('a long answer is written in slices of some 200,000 cells', () => {
  const rows = Array.from({length: 60_000}, (_, i) => ['arcane', String(i), '', String(i), null, null, null, null]);
  const world = prepared({answer: tweets(rows), pageRows: 10_000, polls: 0});
  world.run('actualiser');
  const sheet = world.book.getSheetByName('Données publications');
  assert.deepEqual(sheet.writes.map(([row, count]) => [row, count]), [[1, 1], [2, 30_000], [30_002, 30_000]]);
  assert.equal(data(world)[60_000][3], 59_999);
});

test('what cannot fit is refused before a cell is written', () => {
  const fields = Array.from({length: 30}, (_, i) => ({name: `nb_${i}`, type: 'INTEGER'}));
  const world = prepared({answer: () => ({fields, rows: {length: 400_000, slice: () => []}})});
  world.run('actualiser');
  assert.match(states(world)[0][2], /^échec : 400000 lignes de 30 colonnes ne tiennent pas/);
  assert.deepEqual(data(world), []);
});

test('past the time limit the rest is read by continuation: same cells, no row twice, one query', () => {
  const rows = Array.from({length: 25}, (_, i) => ['arcane', String(i).padStart(19, '1'), `texte ${i}`, String(i), null, null, null, null]);
  const whole = prepared({answer: tweets(rows), pageRows: 2});
  whole.run('actualiser');
  const slow = prepared({answer: tweets(rows), pageRows: 2, callMs: 70_000});
  slow.run('actualiser');
  assert.deepEqual(states(slow).map((one) => one[2]), ['en cours']);
  assert.throws(() => slow.run('actualiser'), /Une actualisation est en cours/);
  assert.equal(slow.fire() >= 2, true);
  assert.deepEqual(data(slow), data(whole));
  assert.equal(slow.asked.length, 1);
  assert.deepEqual([slow.triggers.length, slow.isLocked, slow.properties.has('arcane.actualisation')], [0, false, false]);
});

test('a query that takes longer than the script is waited for by continuation, not asked again', () => {
  const world = prepared({answer: tweets(), polls: 1_000});
  world.run('actualiser');
  assert.equal(world.book.getSheetByName('Données publications'), null);
  world.fire();
  assert.equal(data(world).length, ROWS.length + 1);
  assert.equal(world.asked.length, 1);
});

for (let step = 1; step <= 14; step++) {
  test(`killed without warning at step ${step}, the next call goes on and the cells are the same`, () => {
    const demands = [['Données publications', 'tracker_tweets_flat', 'période'], ['Données chiffres clés', 'totals', 'fonction']];
    const whole = prepared({answer: tweets()}, demands);
    whole.run('actualiser');
    const world = prepared({answer: tweets()}, demands);
    let left = step;
    const sheetApp = world.context.SpreadsheetApp;
    const jobs = world.context.BigQuery.Jobs;
    const dying = (act) => (...given) => {
      if (--left === 0) throw new vmKill();
      return act(...given);
    };
    class vmKill extends Error {}
    const before = {query: jobs.query, getQueryResults: jobs.getQueryResults, active: sheetApp.getActiveSpreadsheet};
    Object.assign(jobs, {query: dying(before.query), getQueryResults: dying(before.getQueryResults)});
    sheetApp.getActiveSpreadsheet = dying(before.active);
    // A kill is no exception that a script could catch: its state is frozen at that moment.
    const frozen = {};
    const real = world.properties.set.bind(world.properties);
    world.properties.set = (key, value) => (left > 0 ? real(key, value) : world.properties);
    const remove = world.properties.delete.bind(world.properties);
    world.properties.delete = (key) => (left > 0 ? remove(key) : false);
    const triggersAt = () => { if (left > 0) frozen.triggers = [...world.triggers]; };
    for (const name of ['newTrigger', 'getProjectTriggers', 'deleteTrigger']) {
      const act = world.context.ScriptApp[name];
      world.context.ScriptApp[name] = (...given) => {
        if (left <= 0) throw new vmKill();
        const result = act(...given);
        triggersAt();
        return result;
      };
    }
    try { world.run('actualiser'); } catch { /* dead */ }
    if (left > 0) return; // it came to its end before that step
    left = Infinity;
    world.isLocked = false; // Google lets go of a dead script's lock
    world.mails.length = 0;
    if (world.properties.has('arcane.actualisation')) world.fire();
    else world.run('actualiser');
    assert.deepEqual(data(world), data(whole));
    assert.deepEqual(data(world, 'Données chiffres clés'), data(whole, 'Données chiffres clés'));
  });
}

test('one sheet that fails keeps none of the others from being filled, and says what to do', () => {
  const answer = (sql) => {
    if (sql.includes('totals')) throw new Error('API call to bigquery.jobs.query failed with error: Access Denied: Dataset p-1:arcane_fr');
    return tweets()();
  };
  const demands = [['Données chiffres clés', 'totals', 'fonction'], ['Données publications', 'tracker_tweets_flat', 'période']];
  const world = prepared({answer}, demands);
  world.run('actualiser');
  assert.equal(data(world).length, ROWS.length + 1);
  const [failed, filled] = states(world);
  assert.match(failed[2], /^échec : vous n'avez pas le droit de lire arcane_fr ou d'interroger p-1 : demandez « Lecteur de données/);
  assert.deepEqual(filled, ['Données publications', ROWS.length, 'à jour']);
  assert.equal(world.mails.length, 0, 'who asks by hand sees it on the screen');
});

test('forty sheets that fail with long words fit what a script can remember', () => {
  const demands = Array.from({length: 40}, (_, i) => [`Données numéro ${i}`, 'engagement_by_day', 'période']);
  const world = prepared({answer: () => { throw new Error(`Access Denied: ${'x'.repeat(900)}`); }}, demands);
  world.run('actualiserChaqueMatin');
  assert.equal(world.asked.length, 40);
  assert.equal(world.mails.length, 1);
  assert.equal(world.mails[0].body.split('\n').filter((line) => line.includes(" : échec : vous n'avez pas le droit")).length, 40);
  assert.equal(world.properties.has('arcane.actualisation'), false);
});

test('the daily trigger is one, mails failures to whom Paramètres name, and keeps quiet otherwise', () => {
  let isBroken = false;
  const answer = () => {
    if (isBroken) throw new Error('Not found: Table p-1:arcane_fr.tracker_tweets_flat');
    return tweets()();
  };
  const world = prepared({answer});
  world.run('programmerChaqueMatin');
  world.run('programmerChaqueMatin');
  assert.deepEqual(world.triggers.map((one) => [one.handler, one.everyDays, one.atHour]), [['actualiserChaqueMatin', 1, 7]]);
  world.run('actualiserChaqueMatin');
  assert.equal(world.mails.length, 0);
  isBroken = true;
  world.run('actualiserChaqueMatin');
  set(world, "Courriel en cas d'échec (vide = le vôtre)", 'equipe@example.fr');
  world.run('actualiserChaqueMatin');
  assert.deepEqual(world.mails.map((one) => [one.to, one.subject]), [
    ['analyste@example.fr', "Arcane : 1 échec(s) d'actualisation dans « Suivi Arcane »"],
    ['equipe@example.fr', "Arcane : 1 échec(s) d'actualisation dans « Suivi Arcane »"],
  ]);
  assert.match(world.mails[1].body, /^Données publications : échec : BigQuery ne connaît pas cette vue/);
  set(world, 'Du', '31/02/2026');
  world.run('actualiserChaqueMatin');
  assert.match(world.mails[2].body, /^Paramètres : « 31\/02\/2026 » n'est pas une date/);
  world.run('deprogrammer');
  assert.deepEqual(world.triggers, []);
});

test('two refreshes never run at once', () => {
  const world = prepared({answer: tweets()});
  world.isLocked = true;
  assert.throws(() => world.run('actualiser'), /Une actualisation est en cours/);
  assert.equal(world.asked.length, 0);
});

test('a day is read as it is typed, and one that no calendar has is refused', () => {
  const world = new World({answer: tweets()});
  assert.equal(world.run('jourTape', '29/02/2028'), '2028-02-29');
  assert.equal(world.run('jourTape', '2026-12-31'), '2026-12-31');
  for (const typed of ['11/25/2026', '2026-13-05', '2026-00-10', '00/12/2026', '31/04/2026', '29/02/2026', '32/12/2026', '25/11/26']) {
    assert.throws(() => world.run('jourTape', typed), {message: `« ${typed} » n'est pas une date : écrivez 25/11/2026 ou 2026-11-25.`});
  }
});

for (const [what, change, told] of [
  ['a dataset of tables', (world) => set(world, 'Jeu de données', 'arcane'), /« arcane » : un jeu de vues françaises/],
  ['an injected dataset', (world) => set(world, 'Jeu de données', 'a_fr.x; drop table y --_fr'), /un jeu de vues françaises/],
  ['no project', (world) => set(world, 'Projet Google Cloud', ''), /« Projet Google Cloud » est vide/],
  ['a period backwards', (world) => set(world, 'Du', '25/11/2026'), /le premier jour doit venir avant le dernier/],
  ['half a base', (world) => set(world, 'Base : du (vide = période précédente)', '01/11/2026'), /^La période de base n'a qu'un de ses deux jours/],
  ['the other half of a base', (world) => set(world, 'Base : au (vide = période précédente)', '01/11/2026'), /^La période de base n'a qu'un de ses deux jours/],
  ['a base backwards', (world) => {
    set(world, 'Base : du (vide = période précédente)', '08/11/2026');
    set(world, 'Base : au (vide = période précédente)', '01/11/2026');
  }, /^La période de base va du 2026-11-08 au 2026-11-01 : le premier jour doit venir avant le dernier/],
  ['no Paramètres', (world) => world.book.sheets.splice(0), /Préparer les paramètres/],
]) {
  test(`refused in French: ${what}`, () => {
    const world = prepared({answer: tweets()});
    change(world);
    let said = '';
    try { world.run('actualiser'); } catch (error) { said = error.message; }
    said = said || states(world)[0][2];
    assert.match(said, told);
  });
}

for (const [tab, view, reading, told] of [
  ['Analyse', 'totals', 'fonction', /n'écrit que dans des onglets « Données … »/],
  ['Données actualisations', 'totals', 'fonction', /n'écrit que dans des onglets « Données … »/],
  ['Données x', 'tweets; drop table t', 'tout', /un nom de vue s'écrit en minuscules/],
  ['Données x', 'totals', 'souvent', /écrivez période, fonction, fonction et base, tout/],
]) {
  test(`refused in French: ${tab} | ${view} | ${reading}`, () => {
    const world = prepared({answer: tweets()}, [[tab, view, reading]]);
    let said = '';
    try { world.run('actualiser'); } catch (error) { said = error.message; }
    assert.match(said || states(world)[0][2], told);
    assert.equal(world.asked.length, 0);
  });
}

test('a hostile tracker is a bound value and never part of the query', () => {
  const world = prepared({answer: tweets()});
  set(world, 'Suivi', "x' or true --");
  world.run('actualiser');
  assert.equal(world.asked[0].sql.includes('true'), false);
  assert.equal(world.asked[0].parameters[0].parameterValue.value, "x' or true --");
});

test('a connected sheet takes its parameters from the cells', () => {
  const world = prepared({answer: tweets()}, [['Données chiffres clés', 'totals', 'fonction']]);
  const sheet = world.book.getSheetByName('Paramètres');
  world.book.active = sheet;
  sheet.active = sheet.getRange(1, 1);
  assert.throws(() => world.run('creerFeuilleConnectee'), /Choisissez d'abord/);
  sheet.active = sheet.getRange(sheet.getLastRow(), 2);
  world.run('creerFeuilleConnectee');
  assert.deepEqual(world.book.sources, [{
    project: 'p-1', sql: 'select * from arcane_fr.totals(@suivi, @du, @au) order by 1',
    cells: {suivi: "'Paramètres'!B4", du: "'Paramètres'!B5", au: "'Paramètres'!B6"},
  }]);
});

/**
 * Runs the script on a warehouse: node refresh.mjs PYTHON WAREHOUSE TRACKER FROM TO VIEW READING
 * prints the cells of the tab and their formats, as JSON.
 */

import {execFileSync} from 'node:child_process';
import path from 'node:path';

import {World} from './google.mjs';

const [python, warehouse, tracker, from, to, view, reading] = process.argv.slice(2);
const stand_in = path.join(path.dirname(new URL(import.meta.url).pathname), '..', 'bigquery.py');
const world = new World({
  pageRows: 500,
  answer: (sql, parameters) => JSON.parse(execFileSync(python, [stand_in], {
    input: JSON.stringify({path: warehouse, sql, parameters}), maxBuffer: 1 << 30,
  })),
});
world.run('preparerParametres');
const sheet = world.book.getSheetByName('Paramètres');
const put = (row, value) => sheet.getRange(row, 2).setNumberFormat('@').setValues([[value]]);
[[2, 'p-1'], [4, tracker], [5, from], [6, to]].forEach(([row, value]) => put(row, value));
const first = sheet.grid().findIndex((line) => line[0] === 'Onglet') + 2;
sheet.getRange(first, 1, sheet.getLastRow() - first + 1, 3).clearContent();
sheet.getRange(first, 1, 1, 3).setValues([['Données essai', view, reading]]);
world.run('actualiser');
const tab = world.book.getSheetByName('Données essai');
if (!tab) throw new Error(JSON.stringify(world.book.getSheetByName('Données actualisations').grid()));
const cells = tab.grid();
console.log(JSON.stringify({cells, formats: tab.formats(2, cells[0].length)}));

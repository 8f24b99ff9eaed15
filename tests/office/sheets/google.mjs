/**
 * Stand-ins of what Google gives an Apps Script, as strict as the real ones where a script could go wrong:
 * ranges have bounds, shapes must fit, text in a cell without the format @ is parsed as if it were typed (with it, a
 * formula too where ``areFormulasTyped``),
 * properties are strings of 9 kB at most, triggers fire when the clock says so.
 */

import fs from 'node:fs';
import path from 'node:path';
import vm from 'node:vm';

const HERE = path.dirname(new URL(import.meta.url).pathname);
const SCRIPT = path.join(HERE, '..', '..', '..', 'office', 'sheets');
const DAY_MS = 86_400_000;
const ZERO_MS = Date.UTC(1899, 11, 30);
export const ZONE = 'Europe/Paris';

class Range {
  constructor(sheet, row, column, rows, columns) {
    if (rows < 1) throw new Error('The number of rows in the range must be at least 1.');
    if (columns < 1) throw new Error('The number of columns in the range must be at least 1.');
    if (row < 1 || row + rows - 1 > sheet.getMaxRows()) throw new Error('Those rows are out of bounds.');
    if (column < 1 || column + columns - 1 > sheet.getMaxColumns()) throw new Error('Those columns are out of bounds.');
    Object.assign(this, {sheet, row, column, rows, columns});
  }

  getRow() { return this.row; }

  _each(act) {
    for (let r = 0; r < this.rows; r++) {
      for (let c = 0; c < this.columns; c++) act(this.sheet._cell(this.row + r, this.column + c), r, c);
    }
    return this;
  }

  _shape(values, what) {
    if (values.length !== this.rows || values.some((line) => line.length !== this.columns)) {
      throw new Error(`The number of ${what} does not match the number of cells in the range.`);
    }
  }

  setValues(values) {
    this._shape(values, 'values');
    this.sheet.writes.push([this.row, this.rows, this.columns]);
    return this._each((cell, r, c) => this.sheet.book.type(cell, values[r][c]));
  }

  setValue(value) { return this._each((cell) => this.sheet.book.type(cell, value)); }

  getFormula() { return this.sheet._cell(this.row, this.column).formula || ''; }

  getCell(row, column) { return new Range(this.sheet, this.row + row - 1, this.column + column - 1, 1, 1); }

  setNumberFormat(format) { return this._each((cell) => { cell.format = format; }); }

  setNumberFormats(formats) {
    this._shape(formats, 'formats');
    return this._each((cell, r, c) => { cell.format = formats[r][c]; });
  }

  setFontWeight() { return this; }

  clearContent() { return this._each((cell) => { cell.value = ''; delete cell.formula; }); }

  getValues() {
    const values = Array.from({length: this.rows}, () => Array(this.columns).fill(''));
    this._each((cell, r, c) => { values[r][c] = this.sheet.book.read(cell); });
    return values;
  }

  getValue() { return this.getValues()[0][0]; }
}

class Sheet {
  constructor(book, name) {
    Object.assign(this, {book, name, rows: 1000, columns: 26, cells: new Map(), writes: [], frozen: 0, active: null});
  }

  _cell(row, column) {
    const key = `${row},${column}`;
    if (!this.cells.has(key)) this.cells.set(key, {value: '', format: 'General'});
    return this.cells.get(key);
  }

  getName() { return this.name; }
  getMaxRows() { return this.rows; }
  getMaxColumns() { return this.columns; }
  insertRowsAfter(after, count) {
    if (after !== this.rows || count < 1) throw new Error('only at the end, one at least');
    this.rows += count;
    return this;
  }
  insertColumnsAfter(after, count) {
    if (after < 1 || after > this.columns || count < 1) throw new Error('after one that there is, one at least');
    const moved = [...this.cells].map(([key, cell]) => {
      const [row, column] = key.split(',').map(Number);
      return [`${row},${column > after ? column + count : column}`, cell];
    });
    this.cells = new Map(moved);
    this.columns += count;
    return this;
  }
  setFrozenRows(count) { this.frozen = count; return this; }
  setColumnWidth() { return this; }
  getRange(row, column, rows = 1, columns = 1) { return new Range(this, row, column, rows, columns); }
  getActiveRange() { return this.active; }

  _last() {
    let [row, column] = [0, 0];
    for (const [key, cell] of this.cells) {
      if (cell.value === '' && !cell.formula) continue;
      const [r, c] = key.split(',').map(Number);
      [row, column] = [Math.max(row, r), Math.max(column, c)];
    }
    return [row, column];
  }
  getLastRow() { return this._last()[0]; }
  getDataRange() {
    const [row, column] = this._last();
    return this.getRange(1, 1, Math.max(row, 1), Math.max(column, 1));
  }

  /** What lies in it, as [value, format]; formulas as {formula}. */
  grid() {
    const [rows, columns] = this._last();
    return Array.from({length: rows}, (_, r) => Array.from({length: columns}, (_, c) => {
      const cell = this._cell(r + 1, c + 1);
      return cell.formula ? {formula: cell.formula} : cell.value;
    }));
  }
  formats(row, columns) { return Array.from({length: columns}, (_, c) => this._cell(row, c + 1).format); }
}

class Book {
  constructor(world) { Object.assign(this, {world, sheets: [], active: null, toasts: [], sources: []}); }

  getName() { return 'Suivi Arcane'; }
  getUrl() { return 'https://docs.google.com/spreadsheets/d/id'; }
  getSpreadsheetTimeZone() { return ZONE; }
  getSheets() { return this.sheets; }
  getNumSheets() { return this.sheets.length; }
  getSheetByName(name) { return this.sheets.find((one) => one.name === name) || null; }
  getActiveSheet() { return this.active; }
  insertSheet(name, index) {
    if (this.getSheetByName(name)) throw new Error(`A sheet with the name "${name}" already exists. Please enter another name.`);
    const sheet = new Sheet(this, name);
    this.sheets.splice(index, 0, sheet);
    return sheet;
  }
  insertDataSourceSheet(spec) {
    if (!this.world.isBigQueryEnabled) throw new Error('call enableBigQueryExecution first');
    this.sources.push(spec);
  }
  toast(message) { this.toasts.push(message); }

  /** What Sheets makes of a value: in a text cell it stays, elsewhere a string is read as if it were typed. */
  type(cell, value) {
    delete cell.formula;
    if (value === null || value === undefined) throw new Error('a cell takes no null');
    if (typeof value === 'number' && !Number.isFinite(value)) throw new Error('a cell takes no such number');
    if (typeof value === 'string' && value.length > 50_000) {
      throw new Error('Your input contains more than the maximum of 50000 characters in a single cell.');
    }
    const isText = cell.format === '@' && !(this.world.areFormulasTyped && /^'?[=+]/.test(value));
    if (typeof value !== 'string' || isText) cell.value = value;
    else if (/^[=+]/.test(value)) Object.assign(cell, {value: '', formula: value});
    else if (value.startsWith("'")) cell.value = value.slice(1);
    else if (value.trim() !== '' && Number.isFinite(Number(value))) cell.value = Number(value);
    else cell.value = value;
  }

  read(cell) {
    const days = cell.formula && /^=TODAY\(\)-(\d+)$/.exec(cell.formula);
    if (cell.formula && !days) return '#ERROR!';
    const value = days ? Math.floor((this.world.now + 3_600_000 - ZERO_MS) / DAY_MS) - Number(days[1]) : cell.value;
    if (typeof value !== 'number' || !/yy/.test(cell.format)) return value;
    return new this.world.Date(ZERO_MS + value * DAY_MS - 3_600_000); // Paris, in winter
  }
}

/** A world with one spreadsheet. ``answer(sql, parameters)`` → {fields, rows of text}, or throws. */
export class World {
  constructor({answer, pageRows = 2, polls = 1, callMs = 100, areFormulasTyped = false}) {
    Object.assign(this, {answer, pageRows, polls, callMs, areFormulasTyped, now: Date.UTC(2026, 10, 25, 9), triggers: [], mails: [],
      properties: new Map(), isLocked: false, asked: [], results: 0, jobs: new Map(), menu: [], isBigQueryEnabled: false});
    this.book = new Book(this);
    this.context = vm.createContext(this._services());
    for (const name of ['Requetes.gs', 'Parametres.gs', 'Actualisation.gs']) {
      vm.runInContext(fs.readFileSync(path.join(SCRIPT, name), 'utf8'), this.context, {filename: name});
    }
    vm.runInContext('Date.now = () => maintenant()', this.context);
    this.Date = vm.runInContext('Date', this.context);
  }

  /** Run one function of the script, as a menu or a trigger does: what it knew is gone after it. */
  run(name, ...given) {
    this.context.given = given;
    return JSON.parse(vm.runInContext(`JSON.stringify(${name}(...given) ?? null)`, this.context));
  }

  /** Let the triggers fire whose time has come, the next one first; how many did. */
  fire(most = 100) {
    let count = 0;
    for (; count < most; count++) {
      const due = this.triggers.filter((one) => one.at !== undefined).sort((a, b) => a.at - b.at)[0];
      if (!due) break;
      this.now = Math.max(this.now, due.at);
      delete due.at; // a one-off trigger stays in the list, done
      this.run(due.handler);
    }
    return count;
  }

  _services() {
    const world = this;
    const builder = (handler) => {
      const one = {handler};
      const self = {
        timeBased: () => self,
        after: (ms) => { one.at = world.now + ms; return self; },
        everyDays: (days) => { one.everyDays = days; return self; },
        atHour: (hour) => { one.atHour = hour; return self; },
        create: () => {
          if (world.triggers.length >= 20) throw new Error('This script has too many triggers.');
          world.triggers.push({...one, getHandlerFunction: () => handler});
        },
      };
      return self;
    };
    const menu = {
      addItem: (label, handler) => { world.menu.push([label, handler]); return menu; },
      addSeparator: () => menu,
      addToUi: () => {},
    };
    return {
      maintenant: () => world.now,
      Intl,
      Utilities: {
        sleep: (ms) => { world.now += ms; },
        formatDate: (date, zone, form) => {
          if (form !== 'yyyy-MM-dd') throw new Error(`no such form: ${form}`);
          return new Intl.DateTimeFormat('sv-SE', {timeZone: zone, dateStyle: 'short'}).format(new Date(date.getTime()));
        },
      },
      SpreadsheetApp: {
        getActiveSpreadsheet: () => world.book,
        getUi: () => ({createMenu: () => menu}),
        enableBigQueryExecution: () => { world.isBigQueryEnabled = true; },
        newDataSourceSpec: () => ({asBigQuery: () => {
          const spec = {cells: {}};
          const self = {
            setProjectId: (id) => { spec.project = id; return self; },
            setRawQuery: (sql) => { spec.sql = sql; return self; },
            setParameterFromCell: (name, cell) => { spec.cells[name] = cell; return self; },
            build: () => spec,
          };
          return self;
        }}),
      },
      PropertiesService: {getDocumentProperties: () => ({
        getProperty: (key) => world.properties.get(key) ?? null,
        setProperty: (key, value) => {
          if (typeof value !== 'string' || Buffer.byteLength(value) > 9 * 1024) throw new Error('Argument too large: value');
          world.properties.set(key, value);
        },
        deleteProperty: (key) => { world.properties.delete(key); },
      })},
      LockService: {getDocumentLock: () => ({
        tryLock: () => !world.isLocked && (world.isLocked = true),
        releaseLock: () => { world.isLocked = false; },
      })},
      ScriptApp: {
        newTrigger: builder,
        getProjectTriggers: () => [...world.triggers],
        deleteTrigger: (one) => { world.triggers = world.triggers.filter((other) => other !== one); },
      },
      MailApp: {sendEmail: (mail) => { world.mails.push({...mail}); }},
      Session: {getEffectiveUser: () => ({getEmail: () => 'analyste@example.fr'})},
      BigQuery: {Jobs: {
        query: (request, project) => {
          world.now += world.callMs;
          const known = ['query', 'useLegacySql', 'parameterMode', 'queryParameters', 'maxResults', 'timeoutMs', 'formatOptions'];
          const unknown = Object.keys(request).find((key) => !known.includes(key));
          if (unknown || request.useLegacySql !== false) throw new Error(`Invalid JSON payload received. Unknown name "${unknown}"`);
          world.asked.push({project, sql: request.query, parameters: JSON.parse(JSON.stringify(request.queryParameters))});
          const job = `job_${world.jobs.size}`;
          world.jobs.set(job, {...world.answer(request.query, request.queryParameters), polls: world.polls});
          return world._page(job, 0);
        },
        getQueryResults: (project, job, options) => {
          world.now += world.callMs;
          world.results++;
          if (options['formatOptions.useInt64Timestamp'] !== true) throw new Error('times would come as 1.76E9');
          if (options.location !== 'EU') throw new Error(`Not found: Job ${project}:${job}`);
          return world._page(job, options.pageToken ? Number(options.pageToken) : 0);
        },
      }},
    };
  }

  _page(job, from) {
    const kept = this.jobs.get(job);
    const jobReference = {jobId: job, location: 'EU'};
    if (kept.polls-- > 0) return {jobComplete: false, jobReference};
    const rows = kept.rows.slice(from, from + this.pageRows);
    const next = from + this.pageRows;
    return {
      jobComplete: true, jobReference, schema: {fields: kept.fields}, totalRows: String(kept.rows.length),
      ...(rows.length ? {rows: rows.map((row) => ({f: row.map((v) => ({v}))}))} : {}),
      ...(next < kept.rows.length ? {pageToken: String(next)} : {}),
    };
  }
}

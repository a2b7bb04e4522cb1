// Stands in for VS Code's package @vscode/spdlog, a native module that would need a C++ compiler: loggers that append to their file.
const { appendFileSync, mkdirSync } = require('node:fs');
const { dirname } = require('node:path');

const levels = ['trace', 'debug', 'info', 'warning', 'error', 'critical', 'off'];
const defaultLevel = levels.indexOf('info');

class Logger {
  #file;
  #name;
  #level = defaultLevel;
  #isFormatted = true;

  constructor(_kind, name, file) {
    this.#name = name;
    this.#file = file;
    mkdirSync(dirname(file), { recursive: true });
  }

  #write(level, message) {
    if (level < this.#level) return;
    const head = this.#isFormatted ? `[${new Date().toISOString()}] [${this.#name}] [${levels[level]}] ` : '';
    appendFileSync(this.#file, `${head}${message}${this.#isFormatted ? '\n' : ''}`);
  }

  trace(message) {
    this.#write(0, message);
  }
  debug(message) {
    this.#write(1, message);
  }
  info(message) {
    this.#write(2, message);
  }
  warn(message) {
    this.#write(3, message);
  }
  error(message) {
    this.#write(4, message);
  }
  critical(message) {
    this.#write(5, message);
  }
  getLevel() {
    return this.#level;
  }
  setLevel(level) {
    this.#level = level;
  }
  clearFormatters() {
    this.#isFormatted = false;
  }
  setPattern() {
    this.#isFormatted = true;
  }
  flush() {}
  drop() {}
}

// One by one: VS Code imports these names from an ES module, which finds them in the text of this file.
exports.version = 0;
exports.setLevel = () => {};
exports.setFlushOn = () => {};
exports.Logger = Logger;
exports.createRotatingLogger = async (name, file) => new Logger('rotating', name, file);
exports.createAsyncRotatingLogger = async (name, file) => new Logger('rotating', name, file);

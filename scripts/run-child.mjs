// @ts-check
import { spawn } from 'node:child_process';
import { constants } from 'node:os';

/** npm and the terminal both pass Ctrl-C on; what comes twice within this time was meant once. */
const SAME_SIGNAL_MS = 500;

/**
 * Runs a Node program in the foreground and ends as it ends. It has a process group of its own, so that a signal reaches it
 * exactly once, through here; this process waits until it has drained. SIGHUP, also that of a closed terminal, ends it like
 * SIGTERM, unless the program knows what to do with it.
 * @param {readonly string[]} args
 * @param {{ readonly knowsHangup?: boolean }} [options] `knowsHangup`: it gets SIGHUP as such
 * @returns {Promise<number>} its exit code, 128 + n when signal n ended it
 */
export function runNode(args, { knowsHangup = false } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: 'inherit', detached: process.platform !== 'win32' });
    /** @type {Map<NodeJS.Signals, number>} */
    const lastAt = new Map();
    const pass = (/** @type {NodeJS.Signals} */ name) => {
      const now = Date.now();
      if (now - (lastAt.get(name) ?? -Infinity) < SAME_SIGNAL_MS) return;
      lastAt.set(name, now);
      child.kill(name);
    };
    const handlers = /** @type {const} */ ({
      SIGINT: () => pass('SIGINT'),
      SIGTERM: () => pass('SIGTERM'),
      SIGHUP: () => pass(knowsHangup ? 'SIGHUP' : 'SIGTERM'),
    });
    for (const [name, handler] of Object.entries(handlers)) process.on(name, handler);
    const done = () => {
      for (const [name, handler] of Object.entries(handlers)) process.off(name, handler);
    };
    child.on('error', (error) => {
      done();
      reject(error);
    });
    child.on('exit', (code, signal) => {
      done();
      resolve(code ?? 128 + (signal === null ? 1 : constants.signals[signal]));
    });
  });
}

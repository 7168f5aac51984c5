import { apiUrl, checkedUrl, type ApiFlags } from '../api-client.js';
import type { Context } from '../context.js';
import type { RunState } from '../up/run-state.js';
import type { AskedProcess } from './check-processes.js';

/** Which processes are to be asked, as far as flags say. */
export interface ProcessFlags extends Omit<ApiFlags, 'url'> {
  /** APIs and workers, in place of all settings. */
  readonly url?: readonly string[];
}

const WORKERS = 'TOCSIN_WORKER_URLS';

/**
 * The processes that flags and settings name, each once. An API is among them when somebody said where, or one runs on the
 * data folder.
 * @throws CliFailure `bad-setting` for an address that is none
 */
export async function askedProcesses(
  flags: ProcessFlags,
  context: Context,
  running: RunState | null,
): Promise<readonly AskedProcess[]> {
  const { env } = context;
  const { url: urls, ...place } = flags;
  if (urls !== undefined)
    return [...new Set(urls.map((url) => checkedUrl(url, '--url')))].map((url) => ({
      url,
      expected: 'process',
    }));
  const isApiExpected = running !== null || (env['TOCSIN_URL'] ?? '').trim() !== '';
  const api = isApiExpected ? [await apiUrl(place, context)] : [];
  const written = (env[WORKERS] ?? '').split(/[\s,]+/).filter((url) => url !== '');
  const workers = new Set(written.map((url) => checkedUrl(url, WORKERS)));
  return [
    ...api.map((url) => ({ url, expected: 'API' }) as const),
    ...[...workers].filter((url) => !api.includes(url)).map((url) => ({ url, expected: 'Worker' }) as const),
  ];
}

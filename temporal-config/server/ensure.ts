import { TemporalSetupError } from '../errors.js';
import { findTemporalCli } from './find-cli.js';
import { timeSkippingServer } from './test-server.js';

/**
 * Entry point: `tsx temporal-config/server/ensure.ts [cli] [test-server]` gets what is named into the cache, saying what it
 * does. Exit code 1 and the reason when it can't.
 */
async function main(wanted: readonly string[]): Promise<void> {
  const began = Date.now();
  const onProgress = (line: string): void =>
    console.log(`[${((Date.now() - began) / 1_000).toFixed(0)} s] ${line}`);
  const options = { env: process.env, onProgress };
  if (wanted.includes('cli')) await findTemporalCli(options);
  if (wanted.includes('test-server')) {
    const server = await timeSkippingServer(options);
    onProgress(`time-skipping test server: ${server.executable.path}`);
  }
}

main(process.argv.slice(2)).catch((error: unknown) => {
  console.error(error instanceof TemporalSetupError ? error.message : error);
  process.exitCode = 1;
});

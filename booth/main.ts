import { createBooth } from './create-booth.js';
import { loadBoothEnvironment } from './environment.js';

async function main(): Promise<void> {
  const booth = createBooth(loadBoothEnvironment(process.env));
  await booth.start();
  console.log(JSON.stringify({ httpUrl: booth.httpUrl, smtpUrl: booth.smtpUrl, pid: process.pid }));
  let stopping = false;
  const stop = (): void => {
    if (stopping) return;
    stopping = true;
    booth.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        console.error(error);
        process.exit(1);
      },
    );
  };
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  // The process that started the booth holds its stdin; when that one is gone, so is the booth.
  process.stdin.on('end', stop).on('close', stop).on('error', stop).resume();
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exit(1);
});

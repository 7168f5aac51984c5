import { chmod, mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { messageOf, TemporalSetupError } from '../errors.js';
import { cacheDirectory, type Environment, type Progress } from './cache-directory.js';
import type { FindOptions } from './find-cli.js';
import { withLock } from '../../system/lock.js';
import {
  findOnPath,
  isExecutable,
  lastLines,
  runCommand,
  startTicker,
  type RunCommand,
} from './run-command.js';
import { downloadWithSdk, sdkVersion, type WayResult } from './sdk-download.js';

/** The Java SDK whose test server it is. Tried with JDK 17, November 2026. */
export const TEST_SERVER_VERSION = '1.32.0';

/** The `server` option of `TestWorkflowEnvironment.createTimeSkipping`. */
export interface TimeSkippingServerOptions {
  readonly executable: { type: 'existing-path'; path: string };
}

/** 33 MB; a slow network gets this long. */
const MAVEN_TIMEOUT_MS = 10 * 60_000;
const SCRIPT = 'temporal-test-server.sh';
const SCRATCH = 'unfinished-';

/**
 * Finds or gets the time-skipping test server: the cached copy, the SDK's download, else its jars through Maven (which then
 * need `java`). Not available through Maven on Windows.
 * @throws TemporalSetupError TEST_SERVER_NOT_FOUND
 */
export async function timeSkippingServer(options: FindOptions): Promise<TimeSkippingServerOptions> {
  const { env, onProgress } = options;
  const run = options.run ?? runCommand;
  const folder = join(cacheDirectory(env), 'temporal-test-server');
  const downloaded = join(folder, `sdk-${await sdkVersion()}`, 'temporal-test-server');
  const jars = join(folder, TEST_SERVER_VERSION);
  const cached = async (): Promise<string | null> => {
    if (await isExecutable(downloaded)) return downloaded;
    const script = join(jars, SCRIPT);
    return (await isExecutable(script)) && (await findJava(env)) !== null ? script : null;
  };
  const early = await cached();
  if (early !== null) return asOptions(early);
  return withLock(
    join(folder, 'lock'),
    (pid) => onProgress(`process ${pid} is getting the time-skipping test server already; waiting for it`),
    async () => {
      const meanwhile = await cached();
      if (meanwhile !== null) return asOptions(meanwhile);
      await removeLeftovers(folder);
      onProgress('time-skipping test server: none here yet; trying the SDK’s download');
      const scratch = join(folder, `${SCRATCH}download`);
      const viaSdk = await downloadWithSdk({
        env,
        onProgress,
        run,
        scratch,
        artifact: 'test-server',
        target: downloaded,
      });
      if ('path' in viaSdk) return asOptions(viaSdk.path);
      onProgress(`the download did not work (${viaSdk.missing}); trying Maven`);
      const viaMaven = await copyWithMaven(jars, join(folder, `${SCRATCH}maven`), env, onProgress, run);
      if ('path' in viaMaven) return asOptions(viaMaven.path);
      throw new TemporalSetupError(
        'TEST_SERVER_NOT_FOUND',
        `Workflow tests need Temporal's time-skipping test server, and neither way to it worked: the SDK's download (${viaSdk.missing}), Maven (${viaMaven.missing}). Install a JDK and Maven (Debian: apt-get install default-jdk-headless maven), or run where the open internet can be reached.`,
      );
    },
  );
}

function asOptions(path: string): TimeSkippingServerOptions {
  return { executable: { type: 'existing-path', path } };
}

async function findJava(env: Environment): Promise<string | null> {
  const home = env['JAVA_HOME'];
  if (home !== undefined && home !== '') {
    const java = join(home, 'bin', 'java');
    if (await isExecutable(java)) return java;
  }
  return findOnPath('java', env);
}

async function copyWithMaven(
  target: string,
  scratch: string,
  env: Environment,
  onProgress: Progress,
  run: RunCommand,
): Promise<WayResult> {
  if (process.platform === 'win32') return { missing: 'not on Windows' };
  if ((await findJava(env)) === null) return { missing: '`java` is not on PATH' };
  const maven = await findOnPath('mvn', env);
  if (maven === null) return { missing: '`mvn` is not on PATH' };
  const label = `fetching the test server ${TEST_SERVER_VERSION} with Maven (39 jars, 33 MB)`;
  onProgress(label);
  const stopTicker = startTicker(label, onProgress);
  const signal = AbortSignal.timeout(MAVEN_TIMEOUT_MS);
  try {
    await mkdir(scratch, { recursive: true });
    await writeFile(join(scratch, 'pom.xml'), POM);
    const args = [
      '-B',
      '-ntp',
      'dependency:copy-dependencies',
      '-DincludeScope=runtime',
      `-DoutputDirectory=lib`,
    ];
    const result = await run(maven, args, { cwd: scratch, env, signal });
    if (result.code !== 0) {
      const errors = result.output.split('\n').filter((line) => line.startsWith('[ERROR]'));
      return { missing: `mvn failed: ${errors[0] ?? lastLines(result.output, 1)}` };
    }
    await rm(join(scratch, 'pom.xml'));
    await writeFile(join(scratch, SCRIPT), START_SCRIPT);
    await chmod(join(scratch, SCRIPT), 0o755);
    await mkdir(dirname(target), { recursive: true });
    await rm(target, { recursive: true, force: true });
    await rename(scratch, target);
    return { path: join(target, SCRIPT) };
  } catch (error) {
    return { missing: messageOf(error) };
  } finally {
    stopTicker();
    await rm(scratch, { recursive: true, force: true });
  }
}

async function removeLeftovers(folder: string): Promise<void> {
  for (const name of await readdir(folder)) {
    if (name.startsWith(SCRATCH)) await rm(join(folder, name), { recursive: true, force: true });
  }
}

const POM = `<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion>
  <groupId>tocsin.local</groupId>
  <artifactId>temporal-test-server-copy</artifactId>
  <version>1</version>
  <dependencies>
    <dependency>
      <groupId>io.temporal</groupId>
      <artifactId>temporal-test-server</artifactId>
      <version>${TEST_SERVER_VERSION}</version>
    </dependency>
  </dependencies>
</project>
`;

/** The two flags start the JVM a sixth sooner (0.6 s → 0.5 s on 2 cores); the SDK waits 5 s for it and no longer. */
const START_SCRIPT = `#!/bin/sh
exec "\${JAVA_HOME:+$JAVA_HOME/bin/}java" -XX:TieredStopAtLevel=1 -XX:+UseSerialGC -cp "$(dirname "$0")/lib/*" io.temporal.testserver.TestServer "$@"
`;

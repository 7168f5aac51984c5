import { ok, fail, type Finding } from './finding.js';

/** Source: package.json, engines. */
const NEEDED = [20, 12] as const;

/** Whether this Node is new enough. */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isNewEnough = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1]);
  return isNewEnough
    ? ok('Node', version)
    : fail('Node', `${version} is too old`, `Install Node ${NEEDED.join('.')} or newer.`);
}

/** A notification rule: how long after the page began, and by which channels. */
export type Rule = readonly [after: string, ...via: readonly ('sms' | 'voice' | 'push' | 'email')[]];

/** One step of a service's policy. Without `timeout` nobody in a test outlives it. */
export interface CastStep {
  /** Names of people. */
  readonly to: readonly string[];
  readonly timeout?: string;
}

/** Who takes part in a test file, and who is paged for what. */
export interface CastOptions {
  /** High-urgency rules by name; each person has one phone and one mailbox. */
  readonly people: Readonly<Record<string, readonly Rule[]>>;
  /** The steps of each service's policy. */
  readonly services: Readonly<Record<string, readonly CastStep[]>>;
  /** As under `timings` in the YAML. */
  readonly timings?: Readonly<Record<string, string>>;
  /** Further integrations as YAML flow mappings by id. */
  readonly integrations?: Readonly<Record<string, string>>;
}

export interface Cast {
  readonly yaml: string;
  /** @throws RangeError for somebody who is not in the cast */
  phone(name: string): string;
  mail(name: string): string;
}

/** The number of the ops room, where every catch-all ends. */
export const ROOM = '+12025550199';

const LONG = '10m';

/** The ntfy topic of somebody whose rules push. */
export function topicOf(name: string): string {
  return `${name}-4f7Qx90bZk11`;
}

/** A configuration with the real shape and short numbers; each service has a policy of its own. */
export function createCast(options: CastOptions): Cast {
  const names = Object.keys(options.people);
  const phone = (name: string): string => {
    const index = names.indexOf(name);
    if (index < 0) throw new RangeError(`${name} is not in the cast: ${names.join(', ')}.`);
    return `+120255501${String(index + 10).padStart(2, '0')}`;
  };
  const mail = (name: string): string => `${name}@example.com`;
  const capital = (name: string): string => name.slice(0, 1).toUpperCase() + name.slice(1);
  const users = Object.entries(options.people).map(([name, rules]) => {
    const high = rules.map(([after, ...via]) => `{ after: ${after}, via: [${via.join(', ')}] }`).join(', ');
    const push = rules.some(([, ...via]) => via.includes('push')) ? `, push: ${topicOf(name)}` : '';
    return `  ${name}: { name: ${capital(name)}, phone: '${phone(name)}', email: ${mail(name)}${push}, notify: { high: [${high}] } }`;
  });
  const policies = Object.entries(options.services).map(([id, steps]) => {
    const written = steps.map(
      ({ to, timeout }, index) =>
        `      - { name: tier ${index + 1}, targets: [${to.map((name) => `'user:${name}'`).join(', ')}], timeout: ${timeout ?? LONG} }`,
    );
    return `  ${id}:\n    steps:\n${written.join('\n')}\n    rounds: 1\n    catchAll: { targets: ['group:ops-room'], every: ${LONG} }`;
  });
  const services = Object.keys(options.services).map(
    (id) => `  ${id}: { policy: ${id}, page: immediately, severity: SEV1, match: [{ service: ${id} }] }`,
  );
  const timings = Object.entries(options.timings ?? {}).map(([name, value]) => `${name}: ${value}`);
  const integrations = Object.entries(options.integrations ?? {}).map(([id, value]) => `  ${id}: ${value}`);
  const [first = ''] = Object.keys(options.services);
  const yaml = `
users:
${users.join('\n')}
groups:
  ops-room: { name: Ops room, contacts: [{ channel: sms, to: '${ROOM}' }] }
policies:
${policies.join('\n')}
services:
${services.join('\n')}
  rest: { name: Everything else, policy: ${first}, page: immediately, severity: SEV1, catchAll: true }
timings: { ${timings.join(', ')} }
# Tests run at any hour, and page more than three times in a night.
limits: { pagesPerNight: off, bundling: off }
defaults: { contactMethods: trusted }
integrations:
  alertmanager: { kind: alertmanager, key: { env: KEY_ALERTMANAGER } }
  generic: { kind: generic, key: { env: KEY_GENERIC } }
${integrations.join('\n')}
apiKeys:
  cli: { key: { env: KEY_API } }
businessHours: { zone: UTC }
`;
  return { yaml, phone, mail };
}

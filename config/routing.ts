import type { Severity } from '../domain/severity/severity.js';
import { matchesLabel, regexOf } from './regex.js';
import type { Written, WrittenMatch } from './schema/root.js';
import { createSeverityWords, fallbackSeverity } from './severities.js';
import type { Integration, Route } from './types.js';

type Labels = Readonly<Record<string, string>>;
export type Matcher = (labels: Labels) => boolean;

function valueMatcher(value: string | number | boolean): (actual: string) => boolean {
  const regex = typeof value === 'string' ? regexOf(value) : null;
  const text = String(value);
  return regex === null ? (actual) => actual === text : (actual) => matchesLabel(regex, actual);
}

/** True when every label is there and is one of its values. */
export function createMatcher(match: WrittenMatch): Matcher {
  const tests = Object.entries(match).map(([label, values]) => ({
    label,
    values: (Array.isArray(values) ? values : [values]).map(valueMatcher),
  }));
  return (labels) =>
    tests.every(({ label, values }) => {
      const actual = Object.hasOwn(labels, label) ? labels[label] : undefined;
      return actual !== undefined && values.some((matches) => matches(actual));
    });
}

/** Shortened, since it comes from outside and is shown to people. */
function shown(text: string): string {
  return JSON.stringify(text.length > 60 ? `${text.slice(0, 60)}…` : text);
}

/**
 * Service: what the sender said, when it is a service; else the first service whose `match` fits, in the order of the
 * files; else the label `service`; else the integration's; else the catch-all. Severity: the service's
 * `severityRules`; else the sender's word (or the label `severity`); else the service's, the integration's, the default.
 */
export function createRouter(written: Written, scheme: readonly Severity[]) {
  const services = Object.entries(written.services ?? {}).map(([id, service]) => ({
    id,
    severity: service.severity,
    catchAll: service.catchAll === true,
    matchers: (service.match ?? []).map(createMatcher),
    rules: (service.severityRules ?? []).map((rule) => ({
      matches: createMatcher(rule.match),
      severity: rule.severity,
    })),
  }));
  const byId = new Map(services.map((service) => [service.id, service]));
  const catchAll = services.find((service) => service.catchAll);
  if (catchAll === undefined) throw new RangeError('A valid config has one service with catchAll: true.');
  const severityOfWord = createSeverityWords(written.severities ?? {}, scheme);
  const fallback = written.defaults?.severity ?? fallbackSeverity(scheme);

  return (
    integration: Integration | null,
    labels: Labels,
    said: { readonly service?: string; readonly severity?: string },
  ): Route => {
    const remarks: string[] = [];
    const named = [said.service, labels['service']].filter((name) => name !== undefined && name !== '');

    let service = said.service === undefined ? undefined : byId.get(said.service);
    service ??= services.find(({ matchers }) => matchers.some((matches) => matches(labels)));
    service ??= byId.get(labels['service'] ?? '');
    if (service === undefined) {
      const own = integration?.service === undefined ? undefined : byId.get(integration.service);
      service = own ?? catchAll;
      if (named[0] !== undefined) {
        remarks.push(
          own === undefined
            ? `unknown service ${shown(named[0])}: the catch-all service ${service.id} has it`
            : `unknown service ${shown(named[0])}: ${service.id}, the service of integration ${integration?.id ?? ''}, has it`,
        );
      } else if (own === undefined) {
        remarks.push(`no service fits the alert: the catch-all service ${service.id} has it`);
      }
    } else if (said.service !== undefined && said.service !== service.id) {
      remarks.push(`unknown service ${shown(said.service)}: routed to ${service.id} by its labels`);
    }

    const word = said.severity ?? labels['severity'] ?? '';
    let severity = service.rules.find((rule) => rule.matches(labels))?.severity;
    if (severity === undefined && word !== '') {
      severity = severityOfWord(word) ?? undefined;
      if (severity === undefined) remarks.push(`unknown severity ${shown(word)}: the default is taken`);
    }
    severity ??= service.severity ?? integration?.severity ?? fallback;

    return { serviceId: service.id, severity, remarks };
  };
}

/** What the API says of an error. */
export interface ToldError {
  readonly code: string;
  readonly message: string;
  readonly remedy?: string | undefined;
  readonly problems?: readonly { readonly path: string; readonly message: string }[] | undefined;
}

/** Remedies that speak of requests, in the words of who types commands. */
const REMEDIES: Readonly<Record<string, string>> = {
  'wrong-key':
    'Set TOCSIN_API_KEY to a key of `apiKeys` in the configuration of that Tocsin, the same as where it was started, or to one that `tocsin keys create` made there.',
  'incident-not-found':
    '`tocsin incidents` lists them (--all: those that are over, too); an id looks like 3f2a…-9c01d2e4, a code has 4 characters.',
  'invalid-body': 'The command with --help says what it takes.',
  'invalid-query': 'The command with --help says what it takes.',
};

/** An error of the API as people at a command line read it: of commands and options, not of requests. */
export function wordsForPeople({ code, message, remedy, problems = [] }: ToldError): {
  readonly message: string;
  readonly remedy: string | undefined;
} {
  const isOfFields = code === 'invalid-body' || code === 'invalid-query';
  const details = problems
    // What is the message once more tells nothing.
    .filter((problem) => problem.message !== message)
    .map((problem) => `\n   ${problem.path}: ${problem.message}`)
    .join('');
  return {
    message: `${isOfFields && details !== '' ? 'Tocsin does not take that:' : message}${details}`,
    remedy: REMEDIES[code] ?? (remedy === undefined ? undefined : commandsOnly(remedy)),
  };
}

/** `GET /v1/overrides (tocsin override list) has …` without the request. */
function commandsOnly(remedy: string): string {
  return remedy.replaceAll(/GET \/v1\/\S+ \((?:or )?`?(tocsin [^)`]+)`?\)/g, '`$1`');
}

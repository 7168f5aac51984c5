// @ts-check
import tseslint from 'typescript-eslint';

/**
 * Imports point inward (docs/architecture.md). Each folder names the folders of ours that it may import
 * from; everything else is an error. `import type` from activities is open to workflows.
 * @type {Record<string, string[]>}
 */
const mayImport = {
  domain: [],
  system: [],
  tokens: [],
  config: ['domain'],
  workflows: ['domain', 'temporal-config'],
  activities: ['domain', 'config', 'tokens', 'temporal-config', 'store'],
  'temporal-config': ['domain', 'system'],
  store: ['domain', 'system'],
  worker: ['domain', 'config', 'tokens', 'workflows', 'activities', 'temporal-config', 'store'],
  web: ['domain'],
  api: ['domain', 'config', 'tokens', 'temporal-config', 'workflows/messages', 'web', 'store'],
  booth: [],
  simulation: ['domain', 'config'],
};
const folders = [
  'domain',
  'system',
  'tokens',
  'config',
  'workflows',
  'activities',
  'temporal-config',
  'store',
  'worker',
  'web',
  'api',
  'cli',
  'booth',
  'simulation',
  'test',
  'bench',
];

/** @param {string} folder */
function forbidden(folder) {
  const allowed = mayImport[folder] ?? [];
  return folders
    .filter((other) => other !== folder && !allowed.includes(other))
    .map((other) => {
      const exceptions = allowed
        .filter((path) => path.startsWith(`${other}/`))
        .map((path) => path.slice(other.length + 1));
      const except = exceptions.length > 0 ? `(?!${exceptions.join('|')})` : '';
      return {
        regex: `^(\\.\\./)+${other}/${except}`,
        message: `${folder}/ does not import from ${other}/: see docs/architecture.md.`,
        allowTypeImports: folder === 'workflows' && other === 'activities',
      };
    });
}

/** Packages that only some folders may use. */
const pureFolders = ['domain', 'workflows'];

export default tseslint.config(
  { ignores: ['dist/', 'node_modules/', '.tocsin/', '.cache/', 'examples/'] },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.recommendedTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/switch-exhaustiveness-check': [
        'error',
        { considerDefaultExhaustiveForUnions: true },
      ],
      '@typescript-eslint/no-non-null-assertion': 'error',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      eqeqeq: 'error',
    },
  },
  ...Object.keys(mayImport).map((folder) => ({
    files: [`${folder}/**/*.ts`],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            ...forbidden(folder),
            ...(pureFolders.includes(folder)
              ? [
                  {
                    regex: '^(node:|zod$|temporal-polyfill)',
                    message: `${folder}/ is pure: it runs in the workflow sandbox and in simulations.`,
                  },
                ]
              : []),
            ...(folder === 'domain'
              ? [{ regex: '^@temporalio/', message: 'domain/ knows nothing of Temporal.' }]
              : []),
          ],
        },
      ],
    },
  })),
  {
    files: ['domain/**/*.ts', 'workflows/**/*.ts'],
    rules: {
      'no-restricted-globals': ['error', 'process', 'setTimeout', 'setInterval', 'fetch'],
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Randomness comes in with the event.' },
        ...['now'].map((property) => ({
          object: 'Date',
          property,
          message: 'The instant comes in as `now`.',
        })),
      ],
    },
  },
  {
    files: ['workflows/**/*.ts'],
    rules: {
      'no-restricted-properties': [
        'error',
        { object: 'Math', property: 'random', message: 'Use uuid4() of @temporalio/workflow.' },
      ],
    },
  },
);

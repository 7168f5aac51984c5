import { html, type Html } from './html.js';
import { layout } from './layout.js';

type Json = { readonly [key: string]: unknown };

/** What the page reads of an OpenAPI document. */
export interface DocumentToShow {
  readonly info: Json;
  readonly tags: readonly { readonly name: string; readonly description: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, OperationToShow>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>> };
}

/** What it shows of one operation. */
export interface OperationToShow {
  readonly operationId: string;
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly security: readonly Json[];
  readonly parameters: readonly Json[];
  readonly requestBody?: Json;
  readonly responses: Readonly<Record<string, Json>>;
}

/** The API for people: every address by its heading, each of which opens. Loads nothing and runs nothing. */
export function docsPage(document: DocumentToShow): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  );
  const title = `${textOf(document.info['title'])} API ${textOf(document.info['version'])}`;
  return layout(
    title,
    html`<h1>${title}</h1>
      ${paragraphs(textOf(document.info['description']))}
      <p><a href="/openapi.json">/openapi.json</a>: the same for programs, OpenAPI 3.1</p>
      ${document.tags.map(
        ({ name, description }) =>
          html`<h2>${name}</h2>
            <p>${words(description)}</p>
            ${operations
              .filter(({ operation }) => operation.tags.includes(name))
              .map(({ path, method, operation }) => operationPart(method, path, operation))}`,
      )}
      <h2>Schemas</h2>
      ${Object.entries(document.components.schemas).map(
        ([name, schema]) =>
          html`<details id="${name}">
            <summary>${name}</summary>
            ${jsonPart(schema)}
          </details>`,
      )}`,
  );
}

function operationPart(method: string, path: string, operation: OperationToShow): Html {
  const { operationId, summary, description, security, parameters, requestBody, responses } = operation;
  const schemes = security.flatMap((one) =>
    Object.entries(one).map(([name, scopes]) => [name, ...(scopes as readonly string[])].join(' of scope ')),
  );
  return html`<details id="${operationId}">
    <summary><span class="code">${method} ${path}</span><br />${summary}</summary>
    ${description === undefined ? null : paragraphs(description)}
    <p class="hint">${schemes.length === 0 ? 'No key in the header.' : `Key: ${schemes.join(', ')}.`}</p>
    ${
      parameters.length === 0
        ? null
        : html`<dl class="facts">
            ${parameters.map(
              ({ name, in: where, description: what, schema }) =>
                html`<dt><span class="code">${textOf(name)}</span> ${textOf(where)}</dt>
                  <dd>${words(textOf(what))}${choices(schema)}</dd>`,
            )}
          </dl>`
    }
    ${
      requestBody === undefined
        ? null
        : html`<p>Body:</p>
            ${contentPart(requestBody)}`
    }
    <p>Answers:</p>
    <ul>
      ${Object.entries(responses).map(
        ([status, response]) =>
          html`<li>
            <span class="code">${status}</span> ${words(textOf(response['description']))}
            ${contentPart(response)}
          </li>`,
      )}
    </ul>
  </details>`;
}

/** Type, schema and examples of a body; an error needs no more than its codes. */
function contentPart(holder: Json): readonly Html[] {
  return entriesOf(holder['content']).map(([type, media]) => {
    const { schema, examples } = media as Json;
    if (referredTo(schema) === 'Error') return html``;
    return html`<p class="hint">${type}</p>
      ${schemaPart(schema)} ${entriesOf(examples).map(([, example]) => jsonPart((example as Json)['value']))}`;
  });
}

function schemaPart(schema: unknown): Html {
  const name = referredTo(schema);
  return name === null ? jsonPart(schema) : html`<p><a href="#${name}">${name}</a></p>`;
}

function referredTo(schema: unknown): string | null {
  const ref = typeof schema === 'object' && schema !== null && '$ref' in schema ? schema.$ref : null;
  return typeof ref === 'string' ? (ref.split('/').at(-1) ?? null) : null;
}

function jsonPart(value: unknown): Html {
  return html`<pre>${JSON.stringify(value, null, 2)}</pre>`;
}

function paragraphs(text: string): readonly Html[] {
  return text.split('\n\n').map((one) => html`<p>${words(one)}</p>`);
}

/** Text in which `this` is code, as descriptions of OpenAPI have it. */
function words(text: string): readonly Html[] {
  return text.split('`').map((part, index) => (index % 2 === 1 ? html`<code>${part}</code>` : html`${part}`));
}

/** The words that a parameter takes, where they are few. */
function choices(schema: unknown): string {
  const values = typeof schema === 'object' && schema !== null && 'enum' in schema ? schema.enum : null;
  return Array.isArray(values) ? ` One of: ${values.join(', ')}.` : '';
}

function entriesOf(value: unknown): readonly (readonly [string, unknown])[] {
  return typeof value === 'object' && value !== null ? Object.entries(value) : [];
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

import { describe, expect, it } from 'vitest';
import { createColours } from '../../cli/output/colours.js';
import { detailed, incidentDetails } from '../../cli/output/incident-details.js';
import { currentDetails } from '../../domain/messages/details.js';
import { viewOf } from './support/incidents-of-the-tests.js';
import { createTestApp, NOW, OPENING } from './support/test-app.js';

const DASHBOARD = 'https://grafana.example.com/d/nodes';
const ODD = { text: 'a](https://evil.example) <b>', href: 'https://example.com/1' };
const view = viewOf({ links: [{ text: 'Dashboard', href: DASHBOARD }, ODD] });

describe('what a sender links to beside the alert', () => {
  it('stands on the page of the incident', async () => {
    const test = createTestApp();
    test.incidents.views.set(OPENING, view);
    const { body } = await test.app.inject({ method: 'GET', url: `/i/${test.token({})}` });
    expect(body).toContain(`href="${DASHBOARD}"`);
    expect(body).toContain('>Dashboard ');
    expect(body).toContain('href="https://example.com/1"');
    expect(body).not.toContain('<b>');
  });

  it('stands in the Temporal UI, and its words end no link', () => {
    const details = currentDetails(view, NOW);
    expect(details).toContain(`[Dashboard](<${DASHBOARD}>)`);
    expect(details).toContain('](<https://example.com/1>)');
    expect(details).not.toContain('](https://evil.example)');
  });

  it('stands in what the command line shows', () => {
    const text = incidentDetails(detailed.parse(view), NOW, 'UTC', createColours(false));
    expect(text).toMatch(new RegExp(`dashboard +${DASHBOARD}`));
  });
});

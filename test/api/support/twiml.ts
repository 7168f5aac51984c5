import { expect } from 'vitest';
import type { TestApp } from './test-app.js';

/** Sends what Twilio would, signed; the TwiML of the answer. */
export async function twimlOf(test: TestApp, path: string, params: Record<string, string>): Promise<string> {
  const answer = await test.twilio(path, params);
  expect(answer.statusCode).toBe(200);
  expect(answer.headers['content-type']).toBe('text/xml; charset=utf-8');
  return answer.body;
}

import { describe, expect, it } from 'vitest';
import type { ErrorBody } from '../../api/errors.js';
import { createTestApp, NOW, OPENING, type TestApp } from './support/test-app.js';

function pathOf(test: TestApp, e = NOW + 60_000): string {
  return `/hooks/twilio/status?t=${test.tokens.sign({ p: 'delivery', o: OPENING, d: 'd7', e })}`;
}

const SMS = { deliveryId: 'd7', provider: 'twilio-sms', providerId: 'SM1' };
const CALL = { deliveryId: 'd7', provider: 'twilio-voice', providerId: 'CA1' };

describe('POST /hooks/twilio/status', () => {
  it.each([
    [
      { MessageSid: 'SM1', MessageStatus: 'delivered' },
      { ...SMS, status: 'delivered' },
    ],
    [
      { MessageSid: 'SM1', MessageStatus: 'undelivered', ErrorCode: '30003' },
      { ...SMS, status: 'failed', reason: 'undelivered', retryable: false, detail: 'Twilio 30003' },
    ],
    [
      { MessageSid: 'SM1', MessageStatus: 'failed', ErrorCode: '21610' },
      { ...SMS, status: 'failed', reason: 'opted-out', retryable: false, detail: 'Twilio 21610' },
    ],
    [
      { MessageSid: 'SM1', MessageStatus: 'failed' },
      { ...SMS, status: 'failed', reason: 'undelivered', retryable: false, detail: 'Twilio gave no code' },
    ],
    [
      { CallSid: 'CA1', CallStatus: 'no-answer' },
      { ...CALL, status: 'unanswered' },
    ],
    [
      { CallSid: 'CA1', CallStatus: 'busy' },
      { ...CALL, status: 'unanswered' },
    ],
    [
      { CallSid: 'CA1', CallStatus: 'completed', AnsweredBy: 'human' },
      { ...CALL, status: 'answered' },
    ],
    [
      { CallSid: 'CA1', CallStatus: 'completed' },
      { ...CALL, status: 'answered' },
    ],
    [
      { CallSid: 'CA1', CallStatus: 'completed', AnsweredBy: 'machine_start' },
      { ...CALL, status: 'voicemail' },
    ],
    [
      { CallSid: 'CA1', AnsweredBy: 'machine_end_beep' },
      { ...CALL, status: 'voicemail' },
    ],
    [
      { CallSid: 'CA1', AnsweredBy: 'unknown' },
      { ...CALL, status: 'answered' },
    ],
    [
      { CallSid: 'CA1', CallStatus: 'failed', ErrorCode: '21211' },
      { ...CALL, status: 'failed', reason: 'bad-address', retryable: false, detail: 'Twilio 21211' },
    ],
  ])('%j is a report', async (params, report) => {
    const test = createTestApp();
    const answer = await test.twilio(pathOf(test), params);
    expect(answer.statusCode).toBe(204);
    expect(test.incidents.reports).toEqual([{ openingId: OPENING, report }]);
  });

  it.each([
    { MessageSid: 'SM1', MessageStatus: 'queued' },
    { MessageSid: 'SM1', MessageStatus: 'sent' },
    { MessageSid: 'SM1' },
    { CallSid: 'CA1', CallStatus: 'ringing' },
    { CallSid: 'CA1', CallStatus: 'in-progress' },
    { CallSid: 'CA1', CallStatus: 'canceled' },
    { CallSid: 'CA1' },
  ])('%j is on the way: 204 and nothing more', async (params) => {
    const test = createTestApp();
    const answer = await test.twilio(pathOf(test), params);
    expect(answer.statusCode).toBe(204);
    expect(test.incidents.reports).toEqual([]);
  });

  it('counts a late report of a delivery whose token has expired', async () => {
    const test = createTestApp();
    const params = { MessageSid: 'SM1', MessageStatus: 'delivered' };
    expect((await test.twilio(pathOf(test, NOW - 60_000), params)).statusCode).toBe(204);
    expect(test.incidents.reports).toHaveLength(1);
    expect(await test.metrics()).toContain(
      'tocsin_status_reports_total{provider="twilio-sms",status="delivered"} 1',
    );
  });

  it('answers 503 while Temporal is away', async () => {
    const test = createTestApp();
    test.incidents.away = 'temporal';
    const answer = await test.twilio(pathOf(test), { MessageSid: 'SM1', MessageStatus: 'delivered' });
    expect(answer.statusCode).toBe(503);
  });

  it('refuses forged requests and tokens of another purpose', async () => {
    const test = createTestApp();
    const params = { MessageSid: 'SM1', MessageStatus: 'delivered' };
    const forged = await test.twilio(pathOf(test), params, { authToken: 'a guess' });
    expect([forged.statusCode, forged.json<ErrorBody>().error.code]).toEqual([403, 'forged-signature']);
    const foreign = await test.twilio(
      `/hooks/twilio/status?t=${test.token({ p: 'voice', d: 'd7' })}`,
      params,
    );
    expect([foreign.statusCode, foreign.json<ErrorBody>().error.code]).toEqual([403, 'forged-token']);
    expect(test.incidents.reports).toEqual([]);
  });
});

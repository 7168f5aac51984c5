import { Agent } from 'node:http';
import { post } from './http-post.js';

/** The one activity of the bare workflow. */
export interface BareActivities {
  /** Makes the kind of request that a page makes. */
  send(mark: string): Promise<void>;
}

/** `providerUrl`: the stand-in. A fresh connection each time, as activities/providers/twilio/client.ts has it. */
export function createBareActivities(providerUrl: string): BareActivities {
  const agent = new Agent({ keepAlive: false });
  const credentials = Buffer.from('AC00000000000000000000000000000000:bare').toString('base64');
  return {
    send: async (mark) => {
      const form = new URLSearchParams({
        To: '+12025550101',
        From: '+12025550100',
        Body: `P2 ABCD: ${mark}. Reply ACK ABCD or https://tocsin.example.com/i/0123456789`,
      });
      const { status } = await post(`${providerUrl}/2010-04-01/Accounts/AC0/Messages.json`, form.toString(), {
        agent,
        headers: { authorization: `Basic ${credentials}` },
        contentType: 'application/x-www-form-urlencoded',
      });
      if (status !== 201) throw new Error(`The provider stand-in answered ${status}.`);
    },
  };
}

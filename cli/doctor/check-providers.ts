import nodemailer from 'nodemailer';
import { z } from 'zod';
import { createProviders, ProviderSetupError } from '../../activities/providers/create-providers.js';
import type { ProviderSettings } from '../../config/provider-settings.js';
import { fail, ok, warn, type Finding } from './finding.js';

type Variables = Readonly<Record<string, string | undefined>>;

const TIMEOUT_MS = 8_000;
const TWILIO = 'https://api.twilio.com';
const account = z.object({
  status: z.string(),
  friendly_name: z.string().optional(),
  type: z.string().optional(),
});

/** Whether messages lead people back to us: links, replies and key presses that come from outside of this machine. */
export function answersComeBack(env: Variables, providers: readonly ProviderSettings[]): boolean {
  const isPhone = (env['TWILIO_ACCOUNT_SID'] ?? '').trim() !== '';
  return isPhone || providers.some(({ kind }) => kind !== 'twilio' && kind !== 'smtp');
}

/**
 * Whether the providers of phone and mail that environment variables set up let us in. Nothing is sent. `byGateway`: the
 * config has another provider for SMS.
 */
export async function checkProviders(env: Variables, byGateway = false): Promise<readonly Finding[]> {
  try {
    createProviders(env);
  } catch (error) {
    if (!(error instanceof ProviderSetupError)) throw error;
    return [
      fail('Providers', error.message.replaceAll('\n', ' '), 'Set all of a provider’s variables, or none.'),
    ];
  }
  const isSet = (name: string): boolean => (env[name] ?? '').trim() !== '';
  return Promise.all([
    isSet('TWILIO_ACCOUNT_SID')
      ? checkTwilio(env)
      : warn(
          'Phone',
          byGateway
            ? 'no provider for calls: nobody is called'
            : 'no provider: `tocsin up` uses its phone booth',
          'For real phones set TWILIO_ACCOUNT_SID, TWILIO_AUTH_TOKEN and TWILIO_FROM.',
        ),
    isSet('SMTP_URL')
      ? checkSmtp(env['SMTP_URL'] ?? '')
      : warn(
          'Mail',
          'no provider: `tocsin up` uses its phone booth',
          'For real mail set SMTP_URL and MAIL_FROM.',
        ),
  ]);
}

async function checkTwilio(env: Variables): Promise<Finding> {
  const sid = env['TWILIO_ACCOUNT_SID'] ?? '';
  const base = env['TWILIO_BASE_URL'] ?? '';
  const origin = base === '' ? TWILIO : base.replace(/\/+$/, '');
  try {
    const response = await fetch(`${origin}/2010-04-01/Accounts/${sid}.json`, {
      headers: {
        authorization: `Basic ${Buffer.from(`${sid}:${env['TWILIO_AUTH_TOKEN'] ?? ''}`).toString('base64')}`,
      },
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    if (response.status === 401 || response.status === 403 || response.status === 404) {
      return fail(
        'Phone',
        `Twilio refuses the credentials (HTTP ${response.status})`,
        'Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN in the Twilio console.',
      );
    }
    const parsed = account.safeParse(await response.json());
    if (!response.ok || !parsed.success) {
      return fail(
        'Phone',
        `Twilio answers HTTP ${response.status}`,
        'Look at status.twilio.com, and try again.',
      );
    }
    const { status, type } = parsed.data;
    if (status !== 'active') {
      return fail(
        'Phone',
        `the Twilio account is ${status}`,
        'Settle it in the Twilio console: nothing is sent.',
      );
    }
    return type === 'Trial'
      ? warn(
          'Phone',
          'a Twilio trial account',
          'It reaches verified numbers only: upgrade it before you rely on it.',
        )
      : ok('Phone', 'Twilio, account active');
  } catch {
    return fail(
      'Phone',
      `Twilio can't be reached at ${origin}`,
      'Check the network, and TWILIO_BASE_URL when it is set.',
    );
  }
}

async function checkSmtp(url: string): Promise<Finding> {
  const transport = nodemailer.createTransport({
    url,
    connectionTimeout: TIMEOUT_MS,
    greetingTimeout: TIMEOUT_MS,
    socketTimeout: TIMEOUT_MS,
    dnsTimeout: TIMEOUT_MS,
  });
  try {
    await transport.verify();
    return ok('Mail', `${new URL(url).hostname} lets us in`);
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : 'no answer';
    return code === 'EAUTH'
      ? fail('Mail', 'the mail server refuses the login', 'Check user and password in SMTP_URL.')
      : fail(
          'Mail',
          `the mail server can't be reached (${code})`,
          'Check host, port and smtp/smtps in SMTP_URL.',
        );
  } finally {
    transport.close();
  }
}

/** Whether real phones could reach us: replies, key presses and links come to the public address. */
export function checkPublicUrl(publicUrl: string, realPhones: boolean): Finding {
  const { hostname, protocol } = new URL(publicUrl);
  const isLoopback = hostname === 'localhost' || hostname.startsWith('127.') || hostname === '[::1]';
  if (!realPhones) return ok('Public address', publicUrl);
  if (isLoopback) {
    return fail(
      'Public address',
      `${publicUrl} is this machine only: replies, key presses and links would not arrive`,
      'Set TOCSIN_PUBLIC_URL to the https address at which people’s phones and Twilio reach Tocsin.',
    );
  }
  return protocol === 'https:'
    ? ok('Public address', publicUrl)
    : warn(
        'Public address',
        `${publicUrl} is not https`,
        'Put TLS in front of it: links are as good as keys.',
      );
}

import { SMTPServer, type SMTPServerDataStream } from 'smtp-server';
import type { Fault } from './faults.js';
import { parseMail } from './mime.js';
import type { BoothState } from './state.js';
import type { AttemptRecord } from './types.js';

/** The mail side while it runs. */
export interface SmtpSide {
  readonly port: number;
  stop(): Promise<void>;
}

const maxMailBytes = 10 * 1024 * 1024;

/** Starts to take mail. Any user and password will do, and none. */
export async function startSmtp(state: BoothState, host: string, port: number): Promise<SmtpSide> {
  /** Faults per session that act when the data has come. */
  const laterFaults = new Map<string, Fault[]>();

  const server = new SMTPServer({
    authOptional: true,
    allowInsecureAuth: true,
    disabledCommands: ['STARTTLS'],
    disableReverseLookup: true,
    logger: false,
    size: maxMailBytes,
    banner: 'phone booth',
    // Mails under way when the booth stops are cut off at once.
    closeTimeout: 1,
    onAuth: (auth, _session, done) => done(null, { user: auth.username ?? 'anybody' }),
    onMailFrom: (_address, session, done) => {
      laterFaults.set(session.id, []);
      done();
    },
    onRcptTo: (address, session, done) => {
      const to = address.address.toLowerCase();
      const faults = state.faults.take('mail', to);
      laterFaults.get(session.id)?.push(...faults);
      void passFaults(to, faults).then((error) => {
        if (error === 'hung') return;
        if (error === undefined) done();
        else done(error);
      });
    },
    onData: (stream, session, done) => {
      readAll(stream).then(
        (raw) => {
          if (stream.sizeExceeded) {
            done(smtpError(552, '5.3.4 the mail is larger than 10 MB'));
            return;
          }
          const envelope = session.envelope;
          const to = envelope.rcptTo.map((recipient) => recipient.address.toLowerCase());
          state.mails.add({
            seq: state.board.nextSeq(),
            at: new Date(),
            from: envelope.mailFrom === false ? '' : envelope.mailFrom.address,
            to,
            ...parseMail(raw),
          });
          if (laterFaults.get(session.id)?.some((fault) => fault.kind === 'never-answer')) {
            for (const address of to) note(address, 'hung');
            return;
          }
          for (const address of to) note(address, 'accepted', 250);
          done();
        },
        (error: unknown) => done(error instanceof Error ? error : new Error(String(error))),
      );
    },
    onClose: (session) => {
      laterFaults.delete(session.id);
    },
  });
  // A client that drops its connection is no problem of the booth's.
  server.on('error', () => undefined);

  function note(to: string, outcome: AttemptRecord['outcome'], status?: number): void {
    state.attempts.add({
      seq: state.board.nextSeq(),
      at: new Date(),
      channel: 'mail',
      to,
      outcome,
      status,
      code: undefined,
    });
  }

  async function passFaults(to: string, faults: readonly Fault[]): Promise<Error | 'hung' | undefined> {
    const refuse = (code: number, message: string): Error => {
      note(to, 'refused', code);
      return smtpError(code, message);
    };
    for (const fault of faults) {
      switch (fault.kind) {
        case 'delay':
          await new Promise<void>((resolve) => state.timers.after(fault.delayMs, resolve));
          break;
        case 'smtp-reject':
          return refuse(fault.code, fault.message ?? `refused by the phone booth: ${to}`);
        case 'greylist':
          return refuse(451, '4.7.1 greylisted, try again later');
        case 'http-error':
          return refuse(421, '4.3.0 service not available');
        case 'rate-limited':
          return refuse(452, '4.5.3 too many messages, slow down');
        case 'error-code':
          return refuse(550, `5.1.1 refused by the phone booth: ${to}`);
        case 'never-answer':
          if (fault.accept) break;
          note(to, 'hung');
          return 'hung';
        case 'fails-later':
        case 'stuck':
        case 'drop-callbacks':
        case 'duplicate-callbacks':
        case 'call-outcome':
          break;
        default:
          return assertNever(fault);
      }
    }
    return undefined;
  }

  await new Promise<void>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, host, () => {
      server.server.off('error', reject);
      resolve();
    });
  });
  const address = server.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    stop: () => new Promise((resolve) => server.close(() => resolve())),
  };
}

async function readAll(stream: SMTPServerDataStream): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks);
}

function smtpError(code: number, message: string): Error {
  return Object.assign(new Error(message), { responseCode: code });
}

function assertNever(fault: never): never {
  throw new Error(`Unknown fault ${JSON.stringify(fault)}`);
}

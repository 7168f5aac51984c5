import type { Kysely, Selectable } from 'kysely';
import { CODE_GOOD_MS, CODES_A_DAY, WRONG_TRIES, type ContactProof } from '../domain/contacts/proof.js';
import { DAY, type Instant } from '../domain/time/instant.js';
import { type AuditContext, recordChanges } from './audit.js';
import type { Call } from './keep-open.js';
import { iso } from './override-rows.js';
import type { CallOptions } from './store.js';
import type { Tables, VerificationCodeRow, VerifiedMethodRow } from './tables.js';
import { commit, raiseVersion, undo, versionOf, write } from './write.js';

/** One address of one person, by what stands for it: the mark of the newest secret in front. */
export interface MarkedMethod {
  readonly userId: string;
  readonly methodId: string;
  readonly marks: readonly [string, ...string[]];
}

/** A code that is to be sent. The code itself follows from the nonce and is nowhere in the store. */
export interface NewCode extends MarkedMethod {
  readonly id: string;
  readonly nonce: string;
}

/** What came of asking for a code. */
export type CodeAsked =
  | {
      readonly kind: 'to-send';
      readonly nonce: string;
      readonly sentAt: Instant;
      readonly goodUntil: Instant;
    }
  /** Enough were sent to this address within a day. */
  | { readonly kind: 'too-many'; readonly againAt: Instant };

/** What came of typing one back. */
export type Confirmed =
  | { readonly kind: 'verified'; readonly proof: ContactProof }
  | { readonly kind: 'wrong'; readonly triesLeft: number }
  /** None was sent to this address, as it is now. */
  | { readonly kind: 'none' }
  /** The address was forgotten since it was sent. */
  | { readonly kind: 'forgotten' }
  | { readonly kind: 'expired' }
  /** Too many wrong ones: it takes a new code. */
  | { readonly kind: 'used-up' };

/** The numbers and addresses that people have confirmed. */
export interface VerifiedMethods {
  /** By user, then method. */
  list(options?: CallOptions): Promise<readonly ContactProof[]>;
  /** Keeps that a code is sent at `audit.at`. The same id again changes nothing: what is there is answered. */
  askCode(code: NewCode, audit: AuditContext, options?: CallOptions): Promise<CodeAsked>;
  /** `isCode` says whether what was typed follows from a nonce. Only the code that was sent last counts. */
  confirm(
    method: MarkedMethod & { readonly isCode: (nonce: string) => boolean },
    audit: AuditContext,
    options?: CallOptions,
  ): Promise<Confirmed>;
  /** Takes the proof of an address back, and voids the codes that were sent to it; null: there was no proof. */
  forget(method: MarkedMethod, audit: AuditContext, options?: CallOptions): Promise<ContactProof | null>;
  /** Keeps a proof under the newest mark of its address, from now on; false: there is none, or it is. */
  renew(method: MarkedMethod, audit: AuditContext, options?: CallOptions): Promise<boolean>;
  /** Rises with every write. Ask for it before `list`, never after. */
  version(options?: CallOptions): Promise<number>;
}

const NAME = 'verified-methods';
/** What is older says nothing any more: neither how many were sent in a day nor which code counts. */
const KEEP_CODES_MS = 2 * DAY;

const subjectOf = ({ userId, methodId }: Pick<MarkedMethod, 'userId' | 'methodId'>) => ({
  kind: 'contact-method',
  id: `${userId}/${methodId}`,
});

export function createVerifiedMethods(call: Call): VerifiedMethods {
  return {
    version: (options) => call((db) => versionOf(db, NAME), options),
    list: (options) =>
      call(async (db) => {
        const rows = await db
          .selectFrom('verified_methods')
          .selectAll()
          .orderBy('user_id')
          .orderBy('method_id')
          .orderBy('mark')
          .execute();
        return rows.map(proofOf);
      }, options),
    askCode: ({ id, userId, methodId, marks, nonce }, audit, options) =>
      call(
        (db) =>
          write<CodeAsked>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const before = await trx
              .selectFrom('verification_codes')
              .selectAll()
              .where('id', '=', id)
              .executeTakeFirst();
            if (before !== undefined) return undo(toSend(before));
            const recent = (await codesFor(trx, userId, marks)).filter(
              ({ sent_at: at }) => at.getTime() > audit.at - DAY,
            );
            const oldest = recent.at(CODES_A_DAY - 1);
            if (oldest !== undefined)
              return undo({ kind: 'too-many', againAt: oldest.sent_at.getTime() + DAY });
            await trx
              .deleteFrom('verification_codes')
              .where('sent_at', '<', new Date(audit.at - KEEP_CODES_MS))
              .execute();
            await trx
              .insertInto('verification_codes')
              .values({
                id,
                user_id: userId,
                method_id: methodId,
                mark: marks[0],
                nonce,
                sent_at: iso(audit.at),
                wrong_tries: 0,
                confirmed_at: null,
              })
              .execute();
            await recordChanges(trx, audit, [
              {
                action: 'contact-method.send-code',
                subject: subjectOf({ userId, methodId }),
                before: null,
                after: null,
              },
            ]);
            return commit({
              kind: 'to-send',
              nonce,
              sentAt: audit.at,
              goodUntil: audit.at + CODE_GOOD_MS,
            });
          }),
        { ...options, writes: true },
      ),
    confirm: ({ userId, methodId, marks, isCode }, audit, options) =>
      call(
        (db) =>
          write<Confirmed>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const [code] = (await codesFor(trx, userId, marks)).filter((row) => row.method_id === methodId);
            if (code === undefined) return undo({ kind: 'none' });
            const [known] = await proofsFor(trx, userId, marks);
            if (code.confirmed_at !== null && known === undefined) return undo({ kind: 'forgotten' });
            if (code.wrong_tries >= WRONG_TRIES) return undo({ kind: 'used-up' });
            // A clock that was set back makes no code last longer than it does.
            if (Math.abs(audit.at - code.sent_at.getTime()) > CODE_GOOD_MS) return undo({ kind: 'expired' });
            const subject = subjectOf({ userId, methodId });
            if (!isCode(code.nonce)) {
              const wrong = code.wrong_tries + 1;
              await trx
                .updateTable('verification_codes')
                .set({ wrong_tries: wrong })
                .where('id', '=', code.id)
                .execute();
              await recordChanges(trx, audit, [
                { action: 'contact-method.wrong-code', subject, before: null, after: { wrongTries: wrong } },
              ]);
              return commit({ kind: 'wrong', triesLeft: WRONG_TRIES - wrong });
            }
            if (code.confirmed_at !== null && known !== undefined)
              return undo({ kind: 'verified', proof: known });
            const proof: ContactProof = { userId, methodId, mark: marks[0], at: audit.at, by: audit.actor };
            await deleteProofs(trx, userId, marks);
            await trx
              .insertInto('verified_methods')
              .values({
                user_id: userId,
                mark: proof.mark,
                method_id: methodId,
                at: iso(proof.at),
                by: proof.by,
              })
              .execute();
            await trx
              .updateTable('verification_codes')
              .set({ confirmed_at: iso(audit.at) })
              .where('id', '=', code.id)
              .execute();
            await recordChanges(trx, audit, [
              { action: 'contact-method.verify', subject, before: shownOf(known), after: shownOf(proof) },
            ]);
            return commit({ kind: 'verified', proof });
          }),
        { ...options, writes: true },
      ),
    renew: ({ userId, methodId, marks: [newest, ...older] }, audit, options) =>
      call(
        (db) =>
          write<boolean>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const [known] = await proofsFor(trx, userId, [newest]);
            const [proof] = older.length === 0 ? [] : await proofsFor(trx, userId, older);
            if (known !== undefined || proof === undefined) return undo(false);
            await trx
              .updateTable('verified_methods')
              .set({ mark: newest })
              .where('user_id', '=', userId)
              .where('mark', '=', proof.mark)
              .execute();
            await recordChanges(trx, audit, [
              {
                action: 'contact-method.renew',
                subject: subjectOf({ userId, methodId }),
                before: shownOf(proof),
                after: shownOf(proof),
              },
            ]);
            return commit(true);
          }),
        { ...options, writes: true },
      ),
    forget: ({ userId, methodId, marks }, audit, options) =>
      call(
        (db) =>
          write<ContactProof | null>(db, async (trx) => {
            await raiseVersion(trx, NAME);
            const [proof] = await proofsFor(trx, userId, marks);
            // A code that is still on its way would prove it again by accident. They stay, to be counted as sent in their day.
            const voided = await trx
              .updateTable('verification_codes')
              .set({ confirmed_at: iso(audit.at) })
              .where('user_id', '=', userId)
              .where('mark', 'in', marks)
              .where('confirmed_at', 'is', null)
              .returning('id')
              .execute();
            if (proof === undefined && voided.length === 0) return undo(null);
            await deleteProofs(trx, userId, marks);
            await recordChanges(trx, audit, [
              {
                action: 'contact-method.forget',
                subject: subjectOf({ userId, methodId }),
                before: shownOf(proof),
                after: null,
              },
            ]);
            return commit(proof ?? null);
          }),
        { ...options, writes: true },
      ),
  };
}

/** Newest first. */
function codesFor(
  db: Kysely<Tables>,
  userId: string,
  marks: readonly string[],
): Promise<readonly Selectable<VerificationCodeRow>[]> {
  return db
    .selectFrom('verification_codes')
    .selectAll()
    .where('user_id', '=', userId)
    .where('mark', 'in', marks)
    .orderBy('sent_at', 'desc')
    .orderBy('id')
    .execute();
}

async function proofsFor(
  db: Kysely<Tables>,
  userId: string,
  marks: readonly string[],
): Promise<readonly ContactProof[]> {
  const rows = await db
    .selectFrom('verified_methods')
    .selectAll()
    .where('user_id', '=', userId)
    .where('mark', 'in', marks)
    .execute();
  return rows.map(proofOf);
}

async function deleteProofs(db: Kysely<Tables>, userId: string, marks: readonly string[]): Promise<void> {
  await db.deleteFrom('verified_methods').where('user_id', '=', userId).where('mark', 'in', marks).execute();
}

function toSend({ nonce, sent_at: sentAt }: Selectable<VerificationCodeRow>): CodeAsked {
  const at = sentAt.getTime();
  return { kind: 'to-send', nonce, sentAt: at, goodUntil: at + CODE_GOOD_MS };
}

function proofOf(row: Selectable<VerifiedMethodRow>): ContactProof {
  return {
    userId: row.user_id,
    methodId: row.method_id,
    mark: row.mark,
    at: row.at.getTime(),
    by: row.by,
  };
}

/** As the audit log has it. */
function shownOf(proof: ContactProof | undefined): { readonly at: Instant; readonly by: string } | null {
  return proof === undefined ? null : { at: proof.at, by: proof.by };
}

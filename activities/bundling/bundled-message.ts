import type { Bundle, BundledPage, Message } from '../../domain/messages/message.js';
import type { Milliseconds } from '../../domain/time/instant.js';
import type { BundleMember, KeptPage } from '../../store/bundles.js';
import type { DeliverInput } from '../contracts.js';

/** What the message of a bundle says of this page. */
export function keptPage(
  { code, title, service, severity, validForMs }: Message,
  handicapMs: Milliseconds,
): KeptPage {
  return { code, title, service, severity, validForMs, handicapMs };
}

/** Where a number is waited for, the list goes where its most urgent page would, whoever of them sends it. */
export function handicapOfAll(members: readonly BundleMember[], ownMs: Milliseconds): Milliseconds {
  return Math.min(ownMs, ...members.map(({ page }) => page.handicapMs ?? ownMs));
}

/** How long the message is worth delivering: as long as any of its pages. */
export function validityOf(members: readonly BundleMember[]): number {
  return Math.max(...members.map(({ page }) => page.validForMs));
}

export interface BundledInputOptions {
  readonly bundleId: string;
  readonly members: readonly BundleMember[];
  /** Severities by id, worst first. */
  readonly severities: readonly string[];
  /** The incident's page for the reader. */
  readonly url: (openingId: string) => string;
}

/** The one delivery that stands for all members: that of its sender, saying all of them. Null with fewer than two. */
export function bundledInput(
  own: DeliverInput,
  { bundleId, members, severities, url }: BundledInputOptions,
): DeliverInput | null {
  const rank = ({ page }: BundleMember): number => {
    const index = severities.indexOf(page.severity);
    return index < 0 ? severities.length : index;
  };
  const pages = [...members]
    .sort((one, other) => rank(one) - rank(other))
    .map(({ openingId, page }): BundledPage => {
      const { code, title, service, severity } = page;
      return { openingId, code, title, service, severity, url: url(openingId) };
    });
  if (!isSeveral(pages)) return null;
  return {
    ...own,
    // The same for whoever sends it, so that what two senders send is told to be one.
    idempotencyKey: `${bundleId}/1`,
    message: {
      ...own.message,
      severity: pages[0].severity,
      validForMs: validityOf(members),
      bundle: { id: bundleId, pages },
    },
  };
}

function isSeveral(pages: readonly BundledPage[]): pages is Bundle['pages'] {
  return pages.length > 1;
}

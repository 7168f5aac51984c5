import type { FairnessSource } from '../../domain/oncall/fairness.js';
import type { Span } from '../../domain/oncall/cover.js';
import { pagesPerPerson, type PagesOfPerson } from '../../domain/oncall/pages-per-person.js';
import type { ZoneRules } from '../../domain/oncall/zone.js';
import type { Records } from '../../store/records.js';
import { storeError } from '../store-errors.js';

const UTC: ZoneRules = { id: 'UTC', offsetAt: () => 0, nextTransition: () => null };

/** For how many incidents each of them was paged; null: there are no records, or they can't be read now. */
export async function pagesIn(
  records: Pick<Records, 'pages'> | undefined,
  { person }: Pick<FairnessSource, 'person'>,
  span: Span,
): Promise<((userId: string) => PagesOfPerson) | null> {
  if (records === undefined) return null;
  try {
    const pages = await records.pages(span);
    const counted = pagesPerPerson(pages, (userId) => person(userId)?.zone ?? UTC);
    return (userId) => counted.get(userId) ?? { pages: 0, nightPages: 0 };
  } catch (error) {
    if (storeError(error, 'read') === null) throw error;
    return null;
  }
}

import { MOMENT_FORMS, momentOf } from '../../config/moment.js';
import type { Instant } from '../../domain/time/instant.js';
import { ApiError } from '../errors.js';

/** The error for one wrong parameter of a query string. */
export function wrongParameter(path: string, message: string, remedy: string): ApiError {
  return new ApiError('invalid-query', 'The query string has 1 wrong field.', {
    problems: [{ path, message }],
    remedy,
  });
}

/**
 * A moment of a query string; `otherwise` where it is absent.
 * @throws ApiError `invalid-query`
 */
export function askedMoment(
  name: string,
  text: string | undefined,
  zone: string,
  otherwise: Instant,
): Instant {
  if (text === undefined) return otherwise;
  const at = momentOf(text, zone);
  if (at === null)
    throw wrongParameter(name, `Expected ${MOMENT_FORMS}.`, `Write ${name} in one of these forms.`);
  return at;
}

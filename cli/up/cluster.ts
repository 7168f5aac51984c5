import { createClientConnection, type TemporalTarget } from '../../temporal-config/connection.js';
import { messageOf } from '../../temporal-config/errors.js';
import { ensureNamespace, ensureSearchAttributes } from '../../temporal-config/namespace.js';
import { searchAttributeTypes } from '../../temporal-config/search-attributes.js';

/**
 * Gives somebody's cluster what Tocsin needs: the namespace with its retention, and the search attributes. What we may not
 * do there is a warning: an administrator may have done it.
 * @throws TemporalSetupError UNREACHABLE
 */
export async function prepareCluster(
  target: TemporalTarget,
  warn: (sentence: string) => void,
): Promise<void> {
  const connection = await createClientConnection(target);
  try {
    const steps = [
      () => ensureNamespace(connection, target.namespace),
      () => ensureSearchAttributes(connection, target.namespace, searchAttributeTypes),
    ];
    for (const step of steps) {
      try {
        await step();
      } catch (error) {
        warn(messageOf(error));
      }
    }
  } finally {
    await connection.close();
  }
}

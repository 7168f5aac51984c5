import { createClientConnection, type TemporalTarget } from '../../temporal-config/connection.js';
import { messageOf } from '../../temporal-config/errors.js';
import { ensureNamespace, ensureSearchAttributes } from '../../temporal-config/namespace.js';
import { searchAttributeTypes } from '../../temporal-config/search-attributes.js';

/**
 * Gives somebody's cluster what Tocsin needs: the namespace with its retention, and the search attributes. A retention that
 * we may not set is a warning: an administrator may have chosen it. A missing search attribute is not: it fails every
 * workflow task for ever, so nobody would be paged.
 * @throws TemporalSetupError UNREACHABLE, SEARCH_ATTRIBUTE_CONFLICT or SEARCH_ATTRIBUTES_REFUSED (also when there is no such
 * namespace)
 */
export async function prepareCluster(
  target: TemporalTarget,
  warn: (sentence: string) => void,
): Promise<void> {
  const connection = await createClientConnection(target);
  try {
    try {
      await ensureNamespace(connection, target.namespace);
    } catch (error) {
      warn(messageOf(error));
    }
    await ensureSearchAttributes(connection, target.namespace, searchAttributeTypes);
  } finally {
    await connection.close();
  }
}

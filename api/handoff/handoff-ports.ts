import type { Client } from '@temporalio/client';
import { NO_OVERRIDES, type OverridesAsOf } from '../../domain/oncall/known.js';
import type { HandoffStarter, HandoffWorld } from '../../domain/handoff/ports.js';
import { createIncidents } from '../incidents/create-incidents.js';
import { createHandoffWorkflows } from './handoff-workflows.js';
import { createHandoffWorld } from './handoff-world.js';

/** What a worker needs for hand-overs beside what it has. */
export interface HandoffPorts {
  readonly world: HandoffWorld;
  readonly starter: HandoffStarter;
  /** Those that are known now. */
  readonly overrides: () => OverridesAsOf;
}

/** The same over a connection to Temporal. `known` absent: there are no overrides. */
export function createHandoffPorts({
  client,
  known,
}: {
  readonly client: Client;
  readonly known?: { readonly current: () => OverridesAsOf } | undefined;
}): HandoffPorts {
  return {
    world: createHandoffWorld({ client, incidents: createIncidents({ client }) }),
    starter: createHandoffWorkflows({ client }),
    overrides: () => known?.current() ?? NO_OVERRIDES,
  };
}

import type { Integration } from '../../config/types.js';
import { alertmanager } from './alertmanager.js';
import { generic } from './generic.js';
import { grafana } from './grafana.js';
import { pagerduty } from './pagerduty.js';
import type { Sender } from './sender.js';

/** Every kind of sender: a new one is its file, its row here, and its kind in the config. See docs/senders.md. */
export const senders: Readonly<Record<Integration['kind'], Sender>> = {
  alertmanager,
  generic,
  grafana,
  pagerduty,
};

import { defineSignal } from '@temporalio/workflow';
import type { SparedIncident } from '../domain/messages/morning-mail.js';

/** One more incident for a morning mail. The same one again changes nothing. */
export const sparedSignal = defineSignal<[SparedIncident]>('spared');

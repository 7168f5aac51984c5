import { defineQuery, defineSignal, defineUpdate } from '@temporalio/workflow';
import type { AlertBatch } from '../domain/alert/alert.js';
import {
  ACTION_NAMES,
  type ActionName,
  type Answer,
  type DeliveryReport,
  type PersonAction,
} from '../domain/incident/event.js';
import type { Confirmation, HandoffView } from '../domain/handoff/handoff.js';
import type { HeartbeatSettings, HeartbeatView, SignalledBeat } from '../domain/heartbeat/heartbeat.js';
import type { IncidentView, ReviewView } from '../domain/incident/view.js';
import type { RecordBatch } from '../domain/records/batch.js';
import type { MaintenanceChange } from '../domain/maintenance/window.js';
import type { ReviewAction, ReviewAnswer } from '../domain/review/review-types.js';

/** Alerts come in by signal: they must land while no worker is up. */
export const alertsSignal = defineSignal<[AlertBatch]>('alerts');

/** A maintenance window was made or ended: incidents under way hear of it, and those it does not concern change nothing. */
export const maintenanceSignal = defineSignal<[MaintenanceChange]>('maintenance');

/** What a provider's callback said of a delivery. Carries the opening it belongs to; another one's is dropped. */
export const deliverySignal =
  defineSignal<[{ readonly openingId: string; readonly report: DeliveryReport }]>('delivery');

/** A person's action that no worker accepted in time: the same request, durable at once. */
export const actionSignal = defineSignal<[PersonAction]>('action');

/**
 * People act by update, since they need an answer; one update name per action so that the history reads well.
 * Refused with an `ApplicationFailure` of type `over` or `wrong-incident` when it means an earlier opening.
 */
export const actionUpdates = Object.fromEntries(
  ACTION_NAMES.map((name) => [name, defineUpdate<Answer, [PersonAction]>(name)]),
) as Record<ActionName, ReturnType<typeof defineUpdate<Answer, [PersonAction]>>>;

/** State and timeline of an incident. */
export const incidentQuery = defineQuery<IncidentView>('incident');

/** State and timeline of a review. */
export const reviewQuery = defineQuery<ReviewView>('review');

/** All that there is to record of an incident, or of a review: its whole timeline, whatever the store has of it. */
export const recordQuery = defineQuery<RecordBatch | null>('record');

/** Meets (or explains) what a review still owes. */
export const reviewUpdate = defineUpdate<ReviewAnswer, [ReviewAction]>('publish-postmortem');

/** A beat that could not go to the store: durable at once. */
export const beatSignal = defineSignal<[SignalledBeat]>('beat');

/** What is expected of a heartbeat from now on; null: it is no longer configured. */
export const heartbeatSettingsSignal = defineSignal<[HeartbeatSettings | null]>('settings');

/** How a heartbeat is. */
export const heartbeatQuery = defineQuery<HeartbeatView>('heartbeat');

/** Who comes on duty confirms: by signal, since it must count while no worker is up. Of others it changes nothing. */
export const confirmHandoffSignal = defineSignal<[Confirmation]>('confirm');

/** How a hand-over is. */
export const handoffQuery = defineQuery<HandoffView>('handoff');

import type { DeliverCommand, FindPeopleCommand } from '../domain/incident/command.js';
import type { Channel, DeliveryReport, FoundPeople } from '../domain/incident/event.js';
import type { Instant } from '../domain/time/instant.js';

export type FindPeopleInput = Omit<FindPeopleCommand, 'type' | 'label'> & { readonly at: Instant };

export type DeliverInput = Omit<DeliverCommand, 'type' | 'label'>;

export interface WithdrawInput {
  readonly deliveryId: string;
  readonly channel: Channel;
  readonly provider: string;
  readonly providerId: string;
  /** The call is about other incidents too. */
  readonly bundle?: { readonly id: string; readonly openingId: string };
}

export interface FindPreviousInput {
  /** The incident that looks back. */
  readonly openingId: string;
  /** Its workflow id. */
  readonly workflowId: string;
}

/** What workflows may ask of the world. Phone numbers and addresses are looked up in here and never leave. */
export interface Activities {
  /**
   * Who the targets mean at `at`, and by which methods. Runs as a local activity ahead of every page: answers within
   * 300 ms from cached config, never throws for a gap (it is a `problem`), and returns no contact data.
   */
  findPeople(input: FindPeopleInput): Promise<FoundPeople>;
  /**
   * Hands one message to a provider. Expected failures are a `failed` report, not an exception: the machine decides
   * what comes next. Throws only when the process is in trouble; Temporal then tries again.
   */
  deliver(input: DeliverInput): Promise<DeliveryReport>;
  /** Takes back a call that has not been answered and that no other incident needs. Best effort; a call that is over is no error. */
  withdraw(input: WithdrawInput): Promise<void>;
  /** The incident that the same alert opened before this one, or null. A local activity, once the first page is out. */
  findPrevious(
    input: FindPreviousInput,
  ): Promise<{ readonly openingId: string; readonly resolvedAt: Instant | null } | null>;
}

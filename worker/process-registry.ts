import { collectDefaultMetrics, Registry } from 'prom-client';

/** How long the SDK may take to tell its metrics: they are on this machine. */
const SDK_ANSWERS_WITHIN_MS = 2_000;

/** All metrics of one process: ours, Node's, and those of Temporal's SDK, in one text. */
export class ProcessRegistry extends Registry {
  readonly #sdkAddress: string | null;

  /** @param sdkAddress where the SDK tells its metrics on this machine; null: it does not */
  constructor(sdkAddress: string | null) {
    super();
    this.#sdkAddress = sdkAddress;
    collectDefaultMetrics({ register: this });
  }

  override async metrics(): Promise<string> {
    const [ours, theirs] = await Promise.all([super.metrics(), this.#ofSdk()]);
    return `${ours.trimEnd()}\n${theirs}`;
  }

  /** Ours are told whatever the SDK does; its absence shows as an absence. */
  async #ofSdk(): Promise<string> {
    if (this.#sdkAddress === null) return '';
    try {
      const signal = AbortSignal.timeout(SDK_ANSWERS_WITHIN_MS);
      const response = await fetch(`http://${this.#sdkAddress}/metrics`, { signal });
      return response.ok ? await response.text() : '';
    } catch {
      return '';
    }
  }
}

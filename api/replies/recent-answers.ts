/** An answer, and whether it should be given again to the same request. */
export interface MadeAnswer {
  readonly text: string;
  /** False: nothing was recorded, so the next try is a new one. */
  readonly keep: boolean;
}

/** Answers of the last requests, by the id that Twilio gave them. */
export interface RecentAnswers {
  /** The answer given before to this id, also while it is being made; else makes one. A failure is not kept. */
  once(id: string, make: () => Promise<MadeAnswer>): Promise<string>;
  /** Whether it was answered, or is being answered. */
  has(id: string): boolean;
}

/**
 * Twilio repeats a request whose answer came late. The machine counts it once; this makes the words the same too, as
 * long as the same replica is asked. Keeps the latest `limit` answers.
 */
export function createRecentAnswers(limit = 1_000): RecentAnswers {
  const answers = new Map<string, Promise<MadeAnswer>>();
  return {
    has: (id) => answers.has(id),
    once: async (id, make) => {
      const known = answers.get(id);
      if (known !== undefined) return (await known).text;
      const made = make();
      answers.set(id, made);
      for (const oldest of answers.keys()) {
        if (answers.size <= limit) break;
        answers.delete(oldest);
      }
      try {
        const { text, keep } = await made;
        if (!keep) answers.delete(id);
        return text;
      } catch (error) {
        answers.delete(id);
        throw error;
      }
    },
  };
}

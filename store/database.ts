/** What a statement answered. */
export interface Answer {
  readonly command: string;
  readonly rowCount: number | null;
  readonly rows: unknown[];
}

/** One session with a database. */
export interface Connection {
  query(sql: string, parameters: readonly unknown[]): Promise<Answer>;
  /** Gives it back. `broken`: nobody may use it as it is (a statement is still running, or the link is lost). */
  release(broken: boolean): void;
}

/** A database that was reached once. Whether it still is, its calls tell. */
export interface Database {
  connect(): Promise<Connection>;
  /** Ends all sessions, also those in use; never rejects. */
  close(): Promise<void>;
  /** Called once when the database is found lost without anybody having asked. */
  onLost(listener: (error: Error) => void): void;
}

/** How to get at a database. */
export interface Opener {
  readonly kind: 'pglite' | 'postgres';
  /** Where it is, for people: never a password. */
  readonly where: string;
  /**
   * Reaches the database, and lets `prepare` bring its tables up to date over a session without limits of its own.
   * @throws StoreAway, StoreTooNew, or what the driver says
   */
  open(prepare: (connection: Connection) => Promise<void>): Promise<Database>;
}

/** The reason that somebody gave for what they ask, as part of it; nothing where they gave none. */
export function because(reason: string | undefined): { readonly reason?: string } {
  return reason === undefined ? {} : { reason };
}

import { describe, expect, it } from 'vitest';
import { fingerprintOf } from '../../../store/fingerprint.js';
import { shownUrl } from '../../../store/postgres/open-postgres.js';

const postgres = (url: string, machine?: string): string =>
  fingerprintOf({ kind: 'postgres', where: shownUrl(url) }, machine);
const OURS = postgres('postgres://tocsin:secret@db.example.com/tocsin');

describe('the fingerprint of a store', () => {
  it('is the same from every machine, whoever logs in and however the host is written', () => {
    expect(OURS).toMatch(/^[0-9a-f]{8}$/);
    expect(postgres('postgres://other:word@DB.example.com:5432/tocsin?sslmode=require', 'm2')).toBe(OURS);
  });

  it('is another for another host, port or database, and for an embedded one', () => {
    const others = [
      postgres('postgres://db2.example.com/tocsin'),
      postgres('postgres://db.example.com:5433/tocsin'),
      postgres('postgres://db.example.com/staging'),
      fingerprintOf({ kind: 'pglite', where: '/var/lib/tocsin/store' }, 'm1'),
      fingerprintOf({ kind: 'pglite', where: '/var/lib/tocsin/store' }, 'm2'),
    ];
    expect(new Set([OURS, ...others]).size).toBe(6);
  });
});

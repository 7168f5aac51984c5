import { utcTimes, type TimeWords } from '../domain/messages/times.js';

/** Times as a person in this IANA zone reads them: "10:06 CET", "Sun 24 Nov, 18:00 CET". UTC when the zone is unknown. */
export function zoneTimes(zone: string): TimeWords {
  const known = cached.get(zone);
  if (known !== undefined) return known;
  const times = build(zone);
  cached.set(zone, times);
  return times;
}

/** Formatters are dear to build and zones are few: they come from the config. */
const cached = new Map<string, TimeWords>();

function build(zone: string): TimeWords {
  try {
    const format = new Intl.DateTimeFormat('en-GB', {
      timeZone: zone,
      weekday: 'short',
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZoneName: 'short',
    });
    const parts = (at: number): Map<string, string> =>
      new Map(format.formatToParts(at).map((part) => [part.type, part.value]));
    const time = (of: Map<string, string>): string =>
      `${of.get('hour') ?? ''}:${of.get('minute') ?? ''} ${of.get('timeZoneName') ?? ''}`;
    return {
      time: (at) => time(parts(at)),
      moment: (at) => {
        const of = parts(at);
        return `${of.get('weekday') ?? ''} ${of.get('day') ?? ''} ${of.get('month') ?? ''}, ${time(of)}`;
      },
    };
  } catch (error) {
    if (error instanceof RangeError) return utcTimes;
    throw error;
  }
}

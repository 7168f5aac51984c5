import { utcTimes, type TimeWords } from '../domain/messages/times.js';

/** Times as somebody in this zone reads them, each with the zone's name: "03:06 CET". An unknown zone is read as UTC. */
export function zoneTimes(zone: string): TimeWords {
  const clock = formatter(zone, { hour: '2-digit', minute: '2-digit' });
  const moment = formatter(zone, {
    weekday: 'short',
    day: 'numeric',
    month: 'short',
    hour: '2-digit',
    minute: '2-digit',
  });
  if (clock === null || moment === null) return utcTimes;
  return { time: (at) => clock.format(at), moment: (at) => moment.format(at) };
}

function formatter(zone: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat('en-GB', {
      ...options,
      timeZone: zone,
      timeZoneName: 'short',
      hourCycle: 'h23',
    });
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}

#!/usr/bin/env python3
"""Writes hand-overs.json: who is primary from when, worked out by another calendar than Tocsin's.

Dates come from dateutil's rrule (RFC 5545), instants from zoneinfo, and dateutil.tz has to agree. Nothing of Tocsin is used. Needs python3, python3-dateutil and tzdata, which Debian has:

    python3 test/unit/oncall/independent/generate.py > test/unit/oncall/independent/hand-overs.json
    npx prettier --write test/unit/oncall/independent/hand-overs.json
"""
import json
from bisect import bisect_right
from datetime import datetime, timedelta, timezone
from zoneinfo import ZoneInfo

from dateutil import rrule, tz

DAYS = {'mon': rrule.MO, 'tue': rrule.TU, 'wed': rrule.WE, 'thu': rrule.TH, 'fri': rrule.FR, 'sat': rrule.SA, 'sun': rrule.SU}
FREQ = {'hourly': rrule.HOURLY, 'daily': rrule.DAILY, 'weekly': rrule.WEEKLY}
UTC = timezone.utc


def clock(date, time):
    """A naive local datetime; 24:00 is the midnight at the end of the day."""
    hour, minute = (int(part) for part in time.split(':'))
    return datetime.fromisoformat(date) + timedelta(hours=hour, minutes=minute)


def instant(zone, local):
    """The first instant that shows this; a time that does not exist moves on by the jump (both is what PEP 495 says of fold=0)."""
    utc = local.replace(tzinfo=ZoneInfo(zone), fold=0).astimezone(UTC)
    # dateutil has to agree, but for Dublin: it does not know that winter time can be the exception there (negative DST).
    if zone != 'Europe/Dublin':
        other = tz.resolve_imaginary(local.replace(tzinfo=tz.gettz(zone), fold=0)).astimezone(UTC)
        assert utc == other, (zone, local, utc, other)
    return utc


def shifts_of(rotation, zone, end):
    """(instant, participant) of each hand-over, in the order of the shifts."""
    first = clock(rotation['start'], rotation['handover'])
    locals_ = rrule.rrule(FREQ[rotation['type']], interval=rotation.get('every', 1), dtstart=first, until=end)
    people = rotation['participants']
    return [(instant(zone, local), people[number % len(people)]) for number, local in enumerate(locals_)]


def windows_of(rotation, zone, begin, end, holidays):
    """[opens, closes) of everything that the rotation covers; None: always."""
    only, but = (set(holidays[rotation[key]]) if key in rotation else None for key in ('only', 'except'))
    hours = rotation.get('restrict')
    if hours is None and only is None and but is None:
        return None
    windows = []
    for each in hours or [{'from': '00:00', 'to': '24:00'}]:
        days = [DAYS[day] for day in each['days']] if 'days' in each else None
        for date in rrule.rrule(rrule.DAILY, dtstart=begin - timedelta(days=3), until=end + timedelta(days=3), byweekday=days):
            text = date.strftime('%Y-%m-%d')
            if (only is not None and text not in only) or (but is not None and text in but):
                continue
            opens, closes = clock(text, each['from']), clock(text, each['to'])
            if closes <= opens:
                closes += timedelta(days=1)
            windows.append((instant(zone, opens), instant(zone, closes)))
    return windows


def primary_changes(schedule, begin, end, holidays):
    """Who is primary from when on, in [begin, end): every instant at which anything may change is looked at."""
    layers = []
    edges = {begin.replace(tzinfo=UTC)}
    limit = end.replace(tzinfo=UTC)
    for rotation in schedule['rotations']:
        zone = rotation.get('zone', schedule['zone'])
        shifts = shifts_of(rotation, zone, end + timedelta(days=3))
        windows = windows_of(rotation, zone, begin, end, holidays)
        stop = instant(zone, clock(rotation['until'], rotation['handover'])) if 'until' in rotation else None
        layers.append((shifts, [at for at, _ in shifts], windows, stop))
        edges.update(at for at, _ in shifts)
        edges.update(at for window in windows or [] for at in window)
        if stop:
            edges.add(stop)
    changes = []
    for at in sorted(edge for edge in edges if begin.replace(tzinfo=UTC) <= edge < limit):
        who = '-'
        for shifts, starts, windows, stop in layers:
            if at < starts[0] or (stop and at >= stop):
                continue
            if windows is not None and not any(opens <= at < closes for opens, closes in windows):
                continue
            who = shifts[bisect_right(starts, at) - 1][1]
            break
        if not changes or changes[-1][1] != who:
            changes.append((at, who))
    return changes


# Years that are over: what governments still decide about their clocks changes nothing here. (Morocco did in 2026.)
BEGIN, END = '2024-01-01', '2026-01-01'
HOLIDAYS = {'de': ['2024-01-01', '2024-03-29', '2024-03-31', '2024-12-25', '2024-12-26', '2025-04-18', '2025-12-25']}
OFFICE = ['mon', 'tue', 'wed', 'thu', 'fri']
TEAM = ['a', 'b', 'c']


def one(zone, **rotation):
    return {'zone': zone, 'rotations': [{'start': '2023-12-25', 'handover': '09:00', 'participants': TEAM, **rotation}]}


SCHEDULES = {
    'weekly at 09:00': lambda z: one(z, type='weekly'),
    'weekly on Sundays at 02:30': lambda z: one(z, type='weekly', start='2023-12-24', handover='02:30'),
    'every second week at midnight': lambda z: one(z, type='weekly', every=2, handover='00:00'),
    'daily at 02:30': lambda z: one(z, type='daily', handover='02:30'),
    'every third day at 01:15': lambda z: one(z, type='daily', every=3, handover='01:15'),
    'every ten days, with an end': lambda z: one(z, type='daily', every=10, handover='17:30', until='2025-06-08'),
    'twelve hours from 08:00': lambda z: one(z, type='hourly', every=12, handover='08:00', participants=['a', 'b']),
    'eight hours from 02:00': lambda z: one(z, type='hourly', every=8, handover='02:00'),
    'weekly, office hours only': lambda z: one(z, type='weekly', restrict=[{'days': OFFICE, 'from': '09:00', 'to': '17:00'}]),
    'weekly, nights that begin on working days': lambda z: one(z, type='weekly', restrict=[{'days': OFFICE, 'from': '17:00', 'to': '02:30'}]),
    'weekly except on holidays, a layer for holidays below': lambda z: {
        'zone': z,
        'rotations': [
            {'type': 'weekly', 'start': '2023-12-25', 'handover': '09:00', 'participants': TEAM, 'except': 'de'},
            {'type': 'daily', 'start': '2023-12-25', 'handover': '00:00', 'participants': ['d', 'e'], 'only': 'de'},
        ],
    },
    'weekend nights above a weekly rotation': lambda z: {
        'zone': z,
        'rotations': [
            {'type': 'weekly', 'start': '2023-12-30', 'handover': '20:00', 'participants': ['d', 'e'],
             'restrict': [{'days': ['sat', 'sun'], 'from': '20:00', 'to': '08:00'}]},
            {'type': 'weekly', 'start': '2023-12-25', 'handover': '09:00', 'participants': TEAM},
        ],
    },
    'nights, the holidays taken out by the date on which a night begins': lambda z: one(
        z, type='daily', handover='12:00', restrict=[{'from': '22:00', 'to': '06:00'}], **{'except': 'de'}),
}

FOLLOW_THE_SUN = {
    'zone': 'UTC',
    'rotations': [
        {'zone': zone, 'type': 'weekly', 'start': '2023-12-25', 'handover': '09:00', 'participants': people,
         'restrict': [{'days': OFFICE, 'from': '09:00', 'to': '17:00'}]}
        for zone, people in [('Europe/Berlin', ['a', 'b']), ('America/New_York', ['c', 'd']), ('Australia/Sydney', ['e', 'f'])]
    ] + [{'type': 'daily', 'start': '2023-12-25', 'handover': '00:00', 'participants': ['g']}],
}

ZONES = ['Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'America/St_Johns', 'Africa/Casablanca', 'Asia/Kathmandu']
# More zones for what is quickly written down.
MORE_ZONES = ['Australia/Sydney', 'Europe/Dublin', 'Pacific/Chatham', 'America/Santiago', 'Africa/Cairo', 'UTC']


def case(name, schedule, begin, end, holidays=None):
    changes = primary_changes(schedule, datetime.fromisoformat(begin), datetime.fromisoformat(end), holidays or {})
    minutes = [int(at.timestamp()) // 60 for at, _ in changes]
    return {
        'name': name,
        **({'holidays': holidays} if holidays else {}),
        'schedule': schedule,
        'from': begin,
        'to': end,
        'who': ''.join(who for _, who in changes),
        'minutesApart': [minutes[0] - int(datetime.fromisoformat(begin).replace(tzinfo=UTC).timestamp()) // 60]
        + [later - earlier for earlier, later in zip(minutes, minutes[1:])],
    }


def main():
    cases = [case('follow the sun', FOLLOW_THE_SUN, BEGIN, END)]
    for name, build in SCHEDULES.items():
        is_sparse = name.startswith(('weekly at', 'weekly on', 'every', 'weekly except'))
        for zone in ZONES + (MORE_ZONES if is_sparse else []):
            schedule = build(zone)
            uses = any(key in rotation for rotation in schedule['rotations'] for key in ('only', 'except'))
            cases.append(case(f'{name}, {zone}', schedule, BEGIN, END, HOLIDAYS if uses else None))
    # The day that Apia skipped.
    for name in ['daily at 02:30', 'weekly at 09:00']:
        schedule = SCHEDULES[name]('Pacific/Apia')
        schedule['rotations'][0]['start'] = '2011-12-05'
        cases.append(case(f'{name}, Pacific/Apia', schedule, '2011-12-01', '2012-03-01'))
    print(json.dumps(cases))


main()

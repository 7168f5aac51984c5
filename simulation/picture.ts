import type { Channel } from '../domain/incident/event.js';
import { channelWords } from '../domain/messages/labels.js';
import { DAY, HOUR, MINUTE, type Instant, type Milliseconds } from '../domain/time/instant.js';
import { offsetText } from './offsets.js';
import { laneNames, marksOf, phasesOf, type Mark } from './picture-parts.js';
import type { Simulation } from './result.js';
import type { Scenario } from './scenario.js';

const WIDTH = 1120;
const LEFT = 130;
const RIGHT = 24;
const TOP = 92;
const LANE = 52;
const AXIS = 26;
const LEGEND = 34;

/** So many ticks fit without touching. */
const MOST_TICKS = 14;
const TICKS: readonly Milliseconds[] = [
  10_000,
  30_000,
  MINUTE,
  5 * MINUTE,
  10 * MINUTE,
  15 * MINUTE,
  30 * MINUTE,
  HOUR,
  2 * HOUR,
  6 * HOUR,
  12 * HOUR,
  DAY,
  7 * DAY,
  28 * DAY,
];

/** Light and dark as the reader's system has it; contrast of text 7:1 and of marks 3:1 on either ground. */
const STYLE = `
  svg { --ground: #ffffff; --text: #1b1f24; --faint: #57606a; --line: #d0d7de; --lane: #f6f8fa;
    --sms: #0a66c2; --voice: #c4320a; --push: #7a3fb5; --email: #5f6b00; --chat: #00707a; --webhook: #6b4f2a;
    --answer: #1a7f37; --outage: #8c959f; font-family: system-ui, sans-serif; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #0d1117; --text: #e6edf3; --faint: #9aa4af; --line: #30363d; --lane: #161b22;
      --sms: #58a6ff; --voice: #ff8a5c; --push: #c297ff; --email: #c5d02f; --chat: #4fd1d9; --webhook: #d9b48f;
      --answer: #4cc766; --outage: #6e7681; }
  }
  text { fill: var(--text); font-size: 13px; } .faint { fill: var(--faint); font-size: 12px; } .title { font-size: 17px; font-weight: 600; }
  .ground { fill: var(--ground); } .lane { fill: var(--lane); } .line { stroke: var(--line); }
  .sms { --c: var(--sms); } .voice { --c: var(--voice); } .push { --c: var(--push); } .email { --c: var(--email); }
  .chat { --c: var(--chat); } .webhook { --c: var(--webhook); } .answer { --c: var(--answer); }
  .page { fill: var(--c); stroke: var(--c); stroke-width: 1.5; } .notice { fill: var(--ground); stroke: var(--c); stroke-width: 1.8; }
  .failed { fill: none; stroke: var(--c); stroke-width: 1.8; stroke-dasharray: 2 2; }
  .outage { fill: var(--outage); opacity: 0.25; } .phase { fill: var(--faint); opacity: 0.28; } .owned { fill: var(--answer); opacity: 0.45; }`;

/** The timeline of a simulation as an SVG picture: a lane for each person, a mark for each message and each answer. */
export function pictureOf(scenario: Scenario, simulation: Simulation): string {
  const marks = marksOf(simulation);
  const lanes = laneNames(simulation);
  const last = Math.max(
    simulation.startsAt,
    ...marks.map(({ at }) => at),
    ...phasesOf(simulation).map(({ from }) => from),
  );
  const span = Math.max(MINUTE, Math.min(scenario.untilMs, Math.ceil((last - simulation.startsAt) * 1.04)));
  const x = (at: Instant): number =>
    LEFT + (Math.min(span, at - simulation.startsAt) / span) * (WIDTH - LEFT - RIGHT);
  const bottom = TOP + Math.max(1, lanes.length) * LANE;
  const height = bottom + AXIS + LEGEND;
  const laneOf = (who: string): number => TOP + lanes.indexOf(who) * LANE;

  const ticks = ticksOf(span).map((offset) => {
    const at = x(simulation.startsAt + offset).toFixed(1);
    return `<line class="line" x1="${at}" y1="${TOP}" x2="${at}" y2="${bottom}"/><text class="faint" x="${at}" y="${bottom + 17}" text-anchor="middle">${offsetText(offset)}</text>`;
  });
  const rows = lanes.map((who, index) => {
    const y = TOP + index * LANE;
    const ground =
      index % 2 === 0 ? `<rect class="lane" x="0" y="${y}" width="${WIDTH}" height="${LANE}"/>` : '';
    return `${ground}<text x="16" y="${y + LANE / 2 + 5}">${escaped(short(who, 15))}</text>`;
  });
  const outages = scenario.outages.map(({ fromMs, toMs }) => {
    const [from, to] = [x(simulation.startsAt + fromMs), x(simulation.startsAt + toMs)];
    return `<rect class="outage" x="${from.toFixed(1)}" y="${TOP}" width="${(to - from).toFixed(1)}" height="${bottom - TOP}"><title>nothing of Tocsin runs, ${offsetText(fromMs)} to ${offsetText(toMs)}</title></rect>`;
  });
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" width="${WIDTH}" height="${height}" role="img" aria-label="${escaped(`Timeline of ${scenario.title}`)}">
<style>${STYLE}</style>
<rect class="ground" width="${WIDTH}" height="${height}"/>
<text class="title" x="16" y="30">${escaped(short(scenario.title, 110))}</text>
<text class="faint" x="16" y="50">${escaped(subtitle(simulation))}</text>
${rows.join('\n')}
${ticks.join('\n')}
${outages.join('\n')}
${phaseBand(simulation, x, simulation.startsAt + span)}
${stacked(marks)
  .map(({ mark, level }) => markShape(mark, x(mark.at), laneOf(mark.who) + LANE / 2 + level))
  .join('\n')}
${legend(marks, bottom + AXIS)}
</svg>
`;
}

function subtitle({ startsAt, contacts }: Simulation): string {
  const start = new Date(startsAt).toISOString().slice(0, 16).replace('T', ' ');
  const people = new Set(contacts.map(({ userId }) => userId)).size;
  return `0:00 is ${start} UTC; ${contacts.length} message${contacts.length === 1 ? '' : 's'} to ${people === 1 ? 'one person' : `${people} people`}`;
}

/** A band above the lanes: what the incident was when. With several incidents the first one's. */
function phaseBand(simulation: Simulation, x: (at: Instant) => number, end: Instant): string {
  return phasesOf(simulation)
    .map(({ from, to, name, isOwned }) => {
      const [left, right] = [x(from), x(Math.min(to, end))];
      const room = right - left;
      const words =
        room > name.length * 7
          ? `<text class="faint" x="${(left + 5).toFixed(1)}" y="${TOP - 11}">${name}</text>`
          : '';
      return `<rect class="${isOwned ? 'owned' : 'phase'}" x="${left.toFixed(1)}" y="${TOP - 26}" width="${Math.max(1, room - 1).toFixed(1)}" height="20" rx="3"><title>${name} from ${offsetText(from - simulation.startsAt)}</title></rect>${words}`;
    })
    .join('\n');
}

/** What happens to one person at one moment stands one above the other. */
function stacked(marks: readonly Mark[]): readonly { readonly mark: Mark; readonly level: number }[] {
  const groups = new Map<string, Mark[]>();
  for (const mark of marks) {
    const key = `${mark.at} ${mark.who}`;
    groups.set(key, [...(groups.get(key) ?? []), mark]);
  }
  return [...groups.values()].flatMap((group) => {
    const gap = Math.min(14, (LANE - 14) / Math.max(1, group.length - 1));
    return group.map((mark, index) => ({ mark, level: (index - (group.length - 1) / 2) * gap }));
  });
}

function markShape({ what, look, title }: Mark, x: number, y: number): string {
  const [cx, cy] = [x.toFixed(1), y.toFixed(1)];
  return `<g class="${what}" transform="translate(${cx} ${cy})"><title>${escaped(title)}</title><path class="${look}" d="${SHAPES[what]}"/></g>`;
}

/** Shapes differ as well as colours: not everybody tells colours apart. */
const SHAPES: Readonly<Record<Channel | 'answer', string>> = {
  sms: 'M-5.5,0 a5.5,5.5 0 1,0 11,0 a5.5,5.5 0 1,0 -11,0 Z',
  voice: 'M0,-6.5 L6.5,5 L-6.5,5 Z',
  push: 'M0,-6.5 L6.5,0 L0,6.5 L-6.5,0 Z',
  email: 'M-6,-4.5 H6 V4.5 H-6 Z',
  chat: 'M-6,-5 H6 V3 H0 L-3,6 V3 H-6 Z',
  webhook: 'M-5,-5 L5,5 M5,-5 L-5,5',
  answer: 'M-7,0 L-2,5 L7,-6 L-2,1.5 Z',
};

function legend(marks: readonly Mark[], y: number): string {
  const used = (Object.keys(SHAPES) as (keyof typeof SHAPES)[]).filter((what) =>
    marks.some((mark) => mark.what === what),
  );
  let x = LEFT;
  const item = (what: keyof typeof SHAPES, look: Mark['look'], words: string): string => {
    const at = x;
    x += 30 + words.length * 7;
    return `${markShape({ what, look, title: words, at: 0, who: '' }, at, y + 14)}<text class="faint" x="${at + 12}" y="${y + 18}">${words}</text>`;
  };
  const kinds = used.map((what) => item(what, 'page', what === 'answer' ? 'answer' : channelWords(what)));
  const notice = marks.some(({ look }) => look === 'notice')
    ? [item('sms', 'notice', 'hollow: no page')]
    : [];
  const failed = marks.some(({ look }) => look === 'failed') ? [item('sms', 'failed', 'dotted: failed')] : [];
  return [...kinds, ...notice, ...failed].join('');
}

function ticksOf(span: Milliseconds): readonly Milliseconds[] {
  const step = TICKS.find((each) => span / each <= MOST_TICKS) ?? Math.ceil(span / MOST_TICKS / DAY) * DAY;
  return Array.from({ length: Math.floor(span / step) + 1 }, (_, index) => index * step);
}

function short(text: string, longest: number): string {
  return text.length <= longest ? text : `${text.slice(0, longest - 1)}…`;
}

function escaped(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

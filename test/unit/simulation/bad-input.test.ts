import { readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { CONFIG, problemsOf } from './support.js';

/** Of a scenario with this on its third line: what is wrong, where, and how to mend it. */
function third(line: string): Promise<readonly string[]> {
  return problemsOf(`scenario: it\nuntil: 80:00\n${line}\n`);
}

describe('a scenario that can not be', () => {
  test.each([
    ['service: paymnts', '3:10 there is no service paymnts in the config → Did you mean payments?'],
    ['policy: defalt', '3:9 there is no policy defalt in the config → Did you mean default?'],
    ['severity: SEV9', '3:11 there is no severity SEV9 in the config → Did you mean SEV0?'],
    ['start: next week', '3:8 is no moment in time → Write a date and time such as 2026-11-24T10:00'],
    ['zone: Mars', '3:7 is not a time zone → Write an IANA name'],
    ['declaredBy: zoe', '3:13 there is no user zoe in the config'],
    ['nightPages: { zoe: 3 }', '3:20 there is no user zoe in the config'],
    ['nightPages: { alice: -1 }', '3:22 '],
    // It begins at 10:00.
    ['nightPages: { alice: 3 }', '3:22 has no night when it begins → Let it begin at night in their zone'],
    ['alert: []', '3:1 is not a key that Tocsin knows here → Did you mean "alerts"?'],
    ['alerts: [{ at: 1:00 }]', '3:10 neither fires nor resolves anything → Write fires: [disk]'],
    ['alerts: [{ at: -1:00, fires: [a] }]', '3:16 is before the beginning → Count from the first alert'],
    ['answers: [zoe acks at 0:40]', '3:11 there is no user zoe in the config'],
    [
      'answers: [bob acks at -1:00]',
      '3:11 says "-1:00", a time before the beginning → Count from the first alert: 0:00',
    ],
    ['answers: [bob acks after -10s]', '3:11 says "-10s", a time before the beginning'],
    ['answers: [bob accks at 1:00]', '3:11 "accks" is nothing that a person can do → Did you mean acks?'],
    ['answers: [bob acks by fax at 1:00]', '3:11 "fax" is no way to answer → Write by sms,'],
    ['answers: [bob acks]', '3:11 does not say when → Write it like "alice acks by sms at 0:40"'],
    ['answers: [bob acks at 25:61]', '3:11 "25:61" is not a time → Write minutes and seconds'],
    ['answers: [bob severity SEV7 at 6:00]', '3:11 there is no severity SEV7 in the config'],
    ['answers: [bob acks at 6:00 in C]', '3:11 there is no group of alerts C'],
    // Before any page.
    [
      'answers: [bob acks by call at 1:00]',
      '3:11 answers at 1:00 what has not come: without it bob is called at 6:00 at the earliest → Answer after that',
    ],
    [
      'answers: [alice acks by call at 20:00]',
      '3:11 answers at 20:00 what has not come: without it alice is called at 26:00',
    ],
    [
      'answers: [alice acks by sms at 90:00]',
      '3:11 is never given: 90:00 is after the end at 80:00 → Let the scenario run longer',
    ],
    [
      'answers: [dan acks 1s after the 9th call]',
      '3:11 is never given: it waits for number 9 of what dan gets 4 times by then',
    ],
    // By a method that they don't have.
    ['answers: [hal acks by call at 1:00]', '3:11 there is no user hal'],
    [
      'answers: [alice acks 1s after the chat]',
      '3:11 alice is never reached by chat: the config gives them no such method',
    ],
    // What may be put off, given away, asked for.
    ['answers: [bob snoozes at 2:00]', '3:11 does not say for how long → Write: alice snoozes for 30m'],
    [
      'answers: [bob snoozes for 4m at 2:00]',
      '3:11 snoozes for 4 minutes, and a snooze lasts from 5 minutes to 24 hours → Write a time in between',
    ],
    ['answers: [bob snoozes for 25h at 2:00]', '3:11 snoozes for 25 hours, and a snooze lasts from'],
    ['answers: [bob snoozes for 2h by sms at 2:00]', '3:11 nobody can snooze by sms → Write by api, cli.'],
    [
      'answers: [bob snoozes for 2h by link at 2:00]',
      '3:11 nobody can snooze for 2 hours by link → Write by api, cli.',
    ],
    // What no key, no button and no text message asks for.
    [
      'answers: [bob severity SEV0 by call at 2:00]',
      '3:11 nobody can change the severity by call → Write by api, cli.',
    ],
    ['answers: [bob severity SEV0 by sms at 2:00]', '3:11 nobody can change the severity by sms → Write by'],
    [
      'answers: [bob updates "rolled back" by call at 2:00]',
      '3:11 nobody can post an update by call → Write by sms, api, cli.',
    ],
    ['answers: [bob updates "rolled back" by link at 2:00]', '3:11 nobody can post an update by link'],
    [
      'answers: [bob updates "NDE2 is up again" by sms at 2:00]',
      '3:11 nobody can post an update with these words by sms → Write by api, cli.',
    ],
    [
      'answers: [bob notes "a graph" by sms at 2:00]',
      '3:11 nobody can add a note by sms → Write by api, cli.',
    ],
    ['answers: [bob notes "a graph" by link at 2:00]', '3:11 nobody can add a note by link'],
    [
      'answers: [bob takes by call at 2:00]',
      '3:11 nobody can take over by call → Write by sms, link, api, cli.',
    ],
    ['answers: [bob ok by call at 2:00]', '3:11 nobody can say "still on it" by call → Write by sms, link,'],
    [
      'answers: [bob escalates "need a DBA" by call at 2:00]',
      '3:11 nobody can escalate with a reason by call → Write by api, cli.',
    ],
    [
      'answers: [bob escalates "need a DBA" by sms at 2:00]',
      '3:11 nobody can escalate with a reason by sms → Write by api, cli.',
    ],
    [
      'answers: ["bob publishes https://wiki.example.com/pm by sms at 2:00"]',
      '3:11 nobody can publish a postmortem by sms → Write by api, cli.',
    ],
    ['answers: [bob acks by web at 2:00]', '3:11 "web" is no way to answer → Write by sms, '],
    ['answers: [bob acks by chat at 2:00]', '3:11 "chat" is no way to answer'],
    [
      'answers: [bob acks all by call after 1s]',
      '3:11 nobody can acknowledge all at once by call → Write by sms, or an answer for each',
    ],
    ['answers: [bob gives it at 2:00]', '3:11 says "gives" and not "back" → Write: alice gives it back'],
    ['answers: [bob unacks by call at 2:00]', '3:11 nobody can give it back by call'],
    ['answers: [bob reassigns at 2:00]', '3:11 does not say to whom → Write: alice reassigns to bob'],
    [
      'answers: [bob reassigns to carl at 2:00]',
      '3:11 there is no user carl in the config → Did you mean carol?',
    ],
    [
      'answers: [bob reassigns to bob at 2:00]',
      '3:11 bob asks themselves to take it over → Nobody is paged for that: let them take it ("bob takes at 2:00")',
    ],
    [
      'answers: [bob reassigns to dan by link at 2:00]',
      '3:11 nobody can reassign by link → Write by api, cli.',
    ],
    ['answers: [bob pages at 2:00]', '3:11 does not say who is paged → Write: alice pages carol'],
    ['answers: [bob pages carol and at 2:00]', '3:11 does not say who is paged'],
    ['answers: [bob pages service at 2:00]', '3:11 does not say who is paged'],
    ['answers: [bob pages zoe at 2:00]', '3:11 there is no user zoe in the config'],
    ['answers: [bob pages team paymets at 2:00]', '3:11 there is no team paymets in the config'],
    ['answers: ["bob pages service:chekout at 2:00"]', '3:11 there is no service chekout in the config'],
    ['answers: [bob pages schedule nights at 2:00]', '3:11 there is no schedule nights in the config'],
    ['answers: [bob pages carol by sms at 2:00]', '3:11 nobody can page others by sms'],
    [
      `answers: [bob pages ${Array.from({ length: 21 }, () => 'dan').join(' and ')} at 2:00]`,
      '3:11 asks for 21 at once, and at most 20 may be → Name a team',
    ],
    [
      'outages: [{ from: 4:00, to: 2:00 }]',
      '3:29 is not after `from` → Write when it begins and when it is over',
    ],
    ['deliveries: [{ to: zoe, becomes: voicemail }]', '3:20 there is no user zoe'],
    ['deliveries: [{ becomes: eaten }]', '3:25 is not one of delivered, answered'],
    ['expect: [bob calld by 3:00]', '3:10 "calld" is nothing that can be expected → Did you mean called?'],
    ['expect: [zed paged by 3:00]', '3:10 there is no user zed'],
    [
      'expect: [bob paged by 95:00]',
      '3:10 speaks of a time after the end at 80:00 → Let the scenario run until 95:00',
    ],
    ['expect: [bob]', '3:10 does not say what is expected'],
    ['expect: [from 5:00 to 1:00]', '3:10 "5:00" is nothing that can be expected'],
  ])('%s', async (line, problem) => {
    const [first = 'nothing is wrong'] = await third(line);
    expect(first).toContain(problem);
    expect(first).toMatch(/ → \S.*[.?]$/);
  });

  test('asks an API for one incident where two are open', async () => {
    const alerts = 'alerts: [{ at: 0:00, fires: [disk] }, { at: 0:10, fires: [queue], group: B }]';
    const answered = (answer: string) => third(`${alerts}\nanswers: [${answer}]`);
    expect(await answered('dan notes "a graph" at 1:00')).toEqual([
      '4:11 does not say which incident: A and B are open, at 1:00 → Name one, as the CLI asks for one: in A.',
    ]);
    expect(await answered('dan notes "a graph" at 1:00 in B')).toEqual([]);
  });

  test('says everything that is wrong at once', async () => {
    const problems = await problemsOf(
      'scenario: it\nservice: x\nanswers: [zoe acks at 1:00, bob acks]\nexpect: [zed paged]\n',
    );
    expect(problems.map((problem) => problem.split(' ')[0])).toEqual(['2:10', '3:11', '3:29', '4:10']);
  });

  test('asks for help of a schedule on which nobody is at that time', async () => {
    const config = (await readFile(CONFIG, 'utf8')).replace(
      'schedules:\n',
      `schedules:
  nights:
    rotation:
      type: weekly
      day: monday
      handover: '09:00'
      start: 2026-01-05
      participants: [alice]
      restrict: [{ from: '12:00', to: '09:00' }]
`,
    );
    const asked = (when: string) =>
      problemsOf(
        `scenario: it\nuntil: 180:00\nanswers: [alice pages carol and schedule nights at ${when}]\n`,
        config,
      );
    expect(await asked('2:00')).toEqual([
      expect.stringMatching(
        /^3:11 comes at 2:00: it asks schedule nights for help, and nobody can be paged there: .*nights.* → Ask somebody else/,
      ),
    ]);
    expect(await asked('130:00')).toEqual([]);
  });

  test('is heard by nobody during an outage of ours', async () => {
    const [problem] = await problemsOf(
      'scenario: it\noutages: [{ from: 4:00, to: 44:00 }]\nanswers: [alice acks by sms at 20:00]\n',
    );
    expect(problem).toContain(
      '3:11 comes at 20:00, while nothing of Tocsin runs: nobody hears it → Answer at 44:00 or later',
    );
  });

  test.each([
    ['', 'is missing'],
    ['- a\n', 'the file is not a map of sections'],
    ['scenario: [\n', ''],
    ['scenario: it\nscenario: again\n', ''],
  ])('is no scenario at all: %j', async (text, words) => {
    const problems = await problemsOf(text);
    expect(problems.length).toBeGreaterThan(0);
    expect(problems[0]).toContain(words);
  });
});

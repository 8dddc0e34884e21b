import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseScheduleExpression } from '../../local/services/schedule-expression';
import { Scheduler } from '../../local/services/scheduler';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const SWEEPER = 'arn:aws:lambda:us-east-1:000000000000:function:sweeper';
const DEAD_LETTERS = 'arn:aws:sqs:us-east-1:000000000000:dead-letters';
const ROLE = 'arn:aws:iam::000000000000:role/scheduler';
const START = Date.parse('2030-01-01T00:00:30Z');

type Properties = Record<string, unknown>;
const target = (more: Properties = {}) => ({ Arn: SWEEPER, RoleArn: ROLE, Input: '{}', ...more });

describe('expressions', () => {
  const runs = (expression: string, timezone: string, from: string, count = 3) => {
    const recurrence = parseScheduleExpression(expression, timezone);
    const found: string[] = [];
    let run = recurrence.first(Date.parse(from));
    while (run !== undefined && found.length < count) {
      found.push(new Date(run).toISOString().slice(0, 16));
      run = recurrence.following(run, run);
    }
    return found;
  };

  it.each<[string, string, string, string[]]>([
    [
      'rate(5 minutes)',
      'UTC',
      '2030-01-01T00:00Z',
      ['2030-01-01T00:00', '2030-01-01T00:05', '2030-01-01T00:10'],
    ],
    ['rate(1 day)', 'UTC', '2030-01-01T07:00Z', ['2030-01-01T07:00', '2030-01-02T07:00', '2030-01-03T07:00']],
    ['at(2030-07-01T09:00:00)', 'Asia/Shanghai', '2030-01-01T00:00Z', ['2030-07-01T01:00']],
    ['at(2029-07-01T09:00:00)', 'UTC', '2030-01-01T00:00Z', []],
    [
      'cron(0/20 9 ? * * *)',
      'UTC',
      '2030-01-01T09:10Z',
      ['2030-01-01T09:20', '2030-01-01T09:40', '2030-01-02T09:00'],
    ],
    [
      'cron(5/30 9 ? * * *)',
      'UTC',
      '2030-01-01T09:10Z',
      ['2030-01-01T09:35', '2030-01-02T09:05', '2030-01-02T09:35'],
    ],
    [
      'cron(30 8 ? * MON-FRI *)',
      'UTC',
      '2030-01-04T00:00Z',
      ['2030-01-04T08:30', '2030-01-07T08:30', '2030-01-08T08:30'],
    ],
    [
      'cron(0 9 ? * 1 *)',
      'Asia/Shanghai',
      '2030-01-01T00:00Z',
      ['2030-01-06T01:00', '2030-01-13T01:00', '2030-01-20T01:00'],
    ],
    [
      'cron(0 12 ? * 6#3 *)',
      'UTC',
      '2030-01-01T00:00Z',
      ['2030-01-18T12:00', '2030-02-15T12:00', '2030-03-15T12:00'],
    ],
    [
      'cron(0 12 ? * 6L *)',
      'UTC',
      '2030-01-01T00:00Z',
      ['2030-01-25T12:00', '2030-02-22T12:00', '2030-03-29T12:00'],
    ],
    [
      'cron(0 12 ? * L *)',
      'UTC',
      '2030-01-01T00:00Z',
      ['2030-01-05T12:00', '2030-01-12T12:00', '2030-01-19T12:00'],
    ],
    [
      'cron(0 12 L * ? *)',
      'UTC',
      '2030-01-01T00:00Z',
      ['2030-01-31T12:00', '2030-02-28T12:00', '2030-03-31T12:00'],
    ],
    [
      'cron(0 12 15W * ? *)',
      'UTC',
      '2030-06-01T00:00Z',
      ['2030-06-14T12:00', '2030-07-15T12:00', '2030-08-15T12:00'],
    ],
    [
      'cron(0 0 1 JAN,JUL ? 2031-2032)',
      'UTC',
      '2030-01-01T00:00Z',
      ['2031-01-01T00:00', '2031-07-01T00:00', '2032-01-01T00:00'],
    ],
    ['cron(0 0 1 1 ? 2029)', 'UTC', '2030-01-01T00:00Z', []],
  ])('%s in %s after %s', (expression, timezone, from, expected) => {
    expect(runs(expression, timezone, from)).toEqual(expected);
  });

  it('a time that daylight saving skips is left out, one that it repeats runs once', () => {
    expect(runs('cron(30 2 * * ? *)', 'America/New_York', '2030-03-09T12:00Z', 2)).toEqual([
      '2030-03-11T06:30',
      '2030-03-12T06:30',
    ]);
    expect(runs('cron(30 1 * * ? *)', 'America/New_York', '2030-11-02T12:00Z', 2)).toEqual([
      '2030-11-03T05:30',
      '2030-11-04T06:30',
    ]);
  });

  it.each([
    'rate(0 minutes)',
    'rate(5 weeks)',
    'cron(0 9 * * * *)',
    'cron(0 9 ? * *)',
    'cron(0 9 LW * ? *)',
    'cron(61 9 ? * * *)',
    'at(2030-02-31T00:00:00)',
    'at(tomorrow)',
    'every(1 day)',
  ])('%s is refused by name', (expression) => {
    expect(() => parseScheduleExpression(expression, 'UTC')).toThrow(`"${expression}"`);
  });

  it('an unknown time zone is refused', () => {
    expect(() => parseScheduleExpression('rate(1 minute)', 'Mars/Base')).toThrow('Mars/Base');
  });
});

describe('Scheduler', () => {
  let folder: string;
  let scheduler: Scheduler;
  let fired: { targetArn: string; input: string; at: number }[];
  let answer: (targetArn: string) => Promise<void>;

  const open = () => {
    scheduler = new Scheduler({
      fire: (targetArn, input) => {
        fired.push({ targetArn, input, at: Date.now() - START });
        return answer(targetArn);
      },
      log: () => undefined,
      statePath: join(folder, 'schedules'),
    });
  };
  const provision = (properties: Properties, type = 'AWS::Scheduler::Schedule') =>
    scheduler.provisioners[type]?.({
      type,
      stackName: 'orders',
      logicalId: 'Sweep',
      physicalName: 'sweep',
      properties:
        type === 'AWS::Scheduler::Schedule'
          ? { FlexibleTimeWindow: { Mode: 'OFF' }, Target: target(), ...properties }
          : properties,
    });
  const begin = (properties: Properties) => {
    open();
    provision(properties);
    scheduler.start();
  };
  const advance = (milliseconds: number) => jest.advanceTimersByTimeAsync(milliseconds);
  const times = () => fired.map(({ at }) => at);

  beforeEach(() => {
    jest.useFakeTimers({ now: START });
    folder = mkdtempSync(join(tmpdir(), 'scheduler-'));
    fired = [];
    answer = async () => undefined;
  });

  afterEach(() => {
    scheduler.close();
    expect(jest.getTimerCount()).toBe(0);
    jest.useRealTimers();
    rmSync(folder, { recursive: true });
  });

  it('a rate schedule fires at once and then at its rate', async () => {
    begin({ ScheduleExpression: 'rate(10 minutes)' });
    await advance(25 * MINUTE);
    expect(times()).toEqual([0, 10 * MINUTE, 20 * MINUTE]);
    expect(fired[0]?.targetArn).toBe(SWEEPER);
  });

  it('a cron schedule fires in its time zone', async () => {
    begin({ ScheduleExpression: 'cron(0 9 * * ? *)', ScheduleExpressionTimezone: 'Asia/Shanghai' });
    await advance(26 * HOUR);
    expect(times()).toEqual([HOUR - 30_000, 25 * HOUR - 30_000]);
  });

  it('an at schedule fires once', async () => {
    begin({ ScheduleExpression: 'at(2030-03-01T00:00:00)' });
    await advance(59 * 24 * HOUR - MINUTE);
    expect(times()).toEqual([]);
    await advance(24 * HOUR);
    expect(times()).toEqual([59 * 24 * HOUR - 30_000]);
    expect(scheduler.schedules()).toMatchObject([{ nextRun: undefined, lastRun: { outcome: 'delivered' } }]);
  });

  it('nothing fires before start, nor what is disabled', async () => {
    open();
    provision({ Name: 'early', ScheduleExpression: 'rate(1 minute)' });
    await advance(5 * MINUTE);
    expect(times()).toEqual([]);
    provision({ Name: 'early', ScheduleExpression: 'rate(1 minute)', State: 'DISABLED' });
    scheduler.start();
    await advance(5 * MINUTE);
    expect(times()).toEqual([]);
    expect(scheduler.schedules()).toMatchObject([{ enabled: false, nextRun: undefined }]);
  });

  it('the input names schedule, time, execution and attempt', async () => {
    const Input = JSON.stringify({
      at: '<aws.scheduler.scheduled-time>',
      arn: '<aws.scheduler.schedule-arn>',
      id: '<aws.scheduler.execution-id>',
      attempt: '<aws.scheduler.attempt-number>',
    });
    begin({ ScheduleExpression: 'at(2030-01-01T00:05:00)', Target: target({ Input }) });
    await advance(HOUR);
    expect(JSON.parse(fired[0]?.input ?? '')).toEqual({
      at: '2030-01-01T00:05:00Z',
      arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/default/sweep',
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      attempt: '1',
    });
  });

  it('without an input the target receives the default event', async () => {
    begin({ ScheduleExpression: 'rate(1 day)', Target: target({ Input: undefined }) });
    await advance(0);
    expect(JSON.parse(fired[0]?.input ?? '')).toMatchObject({
      'detail-type': 'Scheduled Event',
      source: 'aws.scheduler',
      time: '2030-01-01T00:00:30Z',
    });
  });

  describe('after a restart', () => {
    const restartAfter = async (milliseconds: number, properties: Properties) => {
      scheduler.close();
      fired = [];
      jest.setSystemTime(Date.now() + milliseconds);
      begin(properties);
      await advance(0);
    };

    it('a schedule goes on where it was', async () => {
      const schedule = { ScheduleExpression: 'rate(10 minutes)' };
      begin(schedule);
      await advance(MINUTE);
      await restartAfter(2 * MINUTE, schedule);
      await advance(10 * MINUTE);
      expect(times()).toEqual([10 * MINUTE]);
    });

    it('runs of a rate that were missed come once, and then at the old times', async () => {
      const schedule = { ScheduleExpression: 'rate(10 minutes)' };
      begin(schedule);
      await advance(MINUTE);
      await restartAfter(54 * MINUTE, schedule);
      await advance(6 * MINUTE);
      expect(times()).toEqual([55 * MINUTE, 60 * MINUTE]);
    });

    it.each(['cron(10 0 * * ? *)', 'at(2030-01-01T00:10:00)'])(
      'a missed %s fires once',
      async (ScheduleExpression) => {
        begin({ ScheduleExpression });
        await restartAfter(HOUR, { ScheduleExpression });
        await advance(HOUR);
        expect(times()).toEqual([HOUR]);
        await restartAfter(HOUR, { ScheduleExpression });
        await advance(HOUR);
        expect(times()).toEqual([]);
      },
    );

    it('a run that was being delivered is delivered again, under the same id', async () => {
      const schedule = {
        ScheduleExpression: 'rate(1 day)',
        Target: target({ Input: '"<aws.scheduler.execution-id>"' }),
      };
      answer = () => new Promise(() => undefined);
      begin(schedule);
      await advance(MINUTE);
      const [interrupted] = fired;
      answer = async () => undefined;
      await restartAfter(MINUTE, schedule);
      expect(fired.map(({ input }) => input)).toEqual([interrupted?.input]);
      await advance(HOUR);
      expect(fired).toHaveLength(1);
    });

    it('a changed expression starts anew', async () => {
      begin({ ScheduleExpression: 'at(2030-01-01T00:10:00)' });
      await restartAfter(HOUR, { ScheduleExpression: 'at(2030-01-01T02:00:00)' });
      await advance(HOUR);
      expect(times()).toEqual([2 * HOUR - 30_000]);
    });

    it('a schedule that left the template neither fires nor remembers', async () => {
      const gone = { Name: 'gone', ScheduleExpression: 'at(2030-01-01T00:10:00)' };
      begin(gone);
      await restartAfter(HOUR, { Name: 'other', ScheduleExpression: 'rate(1 day)' });
      expect(scheduler.schedules().map(({ name }) => name)).toEqual(['other']);
      expect(times()).toEqual([HOUR]);
      await restartAfter(HOUR, gone);
      expect(times()).toEqual([]);
    });
  });

  it('a target that refuses is tried again, later each time, until it takes the run', async () => {
    let refusals = 3;
    answer = async () => {
      refusals -= 1;
      if (refusals >= 0) throw new Error('busy');
    };
    begin({ ScheduleExpression: 'rate(1 day)' });
    await advance(HOUR);
    expect(times()).toEqual([0, 1000, 3000, 7000]);
    expect(scheduler.schedules()).toMatchObject([
      { lastRun: { outcome: 'delivered', attempts: 4, scheduledAt: START, finishedAt: START + 7000 } },
    ]);
  });

  it('after the last retry the run goes to the dead-letter queue', async () => {
    answer = async (targetArn) => {
      if (targetArn === SWEEPER) throw new Error('broken');
    };
    begin({
      ScheduleExpression: 'rate(1 day)',
      Target: target({
        Input: '"sweep"',
        RetryPolicy: { MaximumRetryAttempts: 1 },
        DeadLetterConfig: { Arn: DEAD_LETTERS },
      }),
    });
    await advance(HOUR);
    expect(fired.map(({ targetArn }) => targetArn)).toEqual([SWEEPER, SWEEPER, DEAD_LETTERS]);
    expect(fired.at(-1)?.input).toBe('"sweep"');
    expect(scheduler.schedules()).toMatchObject([
      { lastRun: { outcome: 'dead-lettered', attempts: 2, error: 'broken' }, nextRun: START + 24 * HOUR },
    ]);
  });

  it('a run older than MaximumEventAgeInSeconds is not tried again', async () => {
    answer = async () => {
      throw new Error('broken');
    };
    begin({
      ScheduleExpression: 'rate(1 day)',
      Target: target({ RetryPolicy: { MaximumEventAgeInSeconds: 60 } }),
    });
    await advance(HOUR);
    expect(times()).toEqual([0, 1000, 3000, 7000, 15_000, 31_000, 63_000]);
    expect(scheduler.schedules()).toMatchObject([{ lastRun: { outcome: 'failed', error: 'broken' } }]);
  });

  it('a run that is due while the one before is being delivered waits for it', async () => {
    let release = () => {};
    answer = () =>
      new Promise<void>((resolve) => {
        release = resolve;
      });
    begin({ ScheduleExpression: 'rate(1 minute)' });
    await advance(5 * MINUTE + 1000);
    expect(times()).toEqual([0]);
    answer = async () => undefined;
    release();
    await advance(0);
    expect(times()).toEqual([0, 5 * MINUTE + 1000]);
    await advance(MINUTE);
    expect(times()).toEqual([0, 5 * MINUTE + 1000, 6 * MINUTE]);
  });

  it('a schedule answers its name and ARN, within its group', async () => {
    open();
    expect(provision({ Name: 'night' }, 'AWS::Scheduler::ScheduleGroup')).toMatchObject({
      ref: 'night',
      attributes: { Arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule-group/night' },
    });
    expect(provision({ Name: 'sweep', GroupName: 'night', ScheduleExpression: 'rate(1 day)' })).toEqual({
      ref: 'sweep',
      attributes: { Arn: 'arn:aws:scheduler:us-east-1:000000000000:schedule/night/sweep' },
    });
  });

  it.each<[string, Properties, RegExp]>([
    ['a property that is not emulated', { StartDate: '2030-01-01T00:00:00Z' }, /Sweep.*\s.*StartDate/],
    ['an expression that is wrong', { ScheduleExpression: 'rate(5)' }, /Sweep.*rate\(5\)/],
    [
      'a target of another service',
      { Target: target({ Arn: 'arn:aws:scheduler:::aws-sdk:sqs:purgeQueue' }) },
      /Sweep/,
    ],
    ['target settings that are not emulated', { Target: target({ EcsParameters: {} }) }, /EcsParameters/],
    ['an input for a function that is not JSON', { Target: target({ Input: '{' }) }, /Sweep.*JSON/],
    ['a group that does not exist', { GroupName: 'night' }, /Sweep.*night/],
  ])('provisioning refuses %s', (_, properties, message) => {
    open();
    expect(() => provision({ ScheduleExpression: 'rate(1 day)', ...properties })).toThrow(message);
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Mailbox } from '../../local/services/mailbox';

const folder = mkdtempSync(join(tmpdir(), 'mailbox-'));
afterAll(() => rmSync(folder, { recursive: true }));

const mail = (subject: string) => ({ to: 'ada@example.com', subject, text: 'Hello', at: 1 });

test('messages are read newest first, also after a restart', () => {
  const stateFile = join(folder, 'mails.jsonl');
  const before = new Mailbox(stateFile);
  before.deliver(mail('first'));
  before.deliver(mail('second'));
  before.close();
  const after = new Mailbox(stateFile);
  after.deliver(mail('third'));
  expect(after.messages().map(({ subject }) => subject)).toEqual(['third', 'second', 'first']);
  expect(new Set(after.messages().map(({ id }) => id)).size).toBe(3);
  after.close();
});

test('the last 500 messages are kept', () => {
  const mailbox = new Mailbox();
  for (let count = 1; count <= 501; count++) mailbox.deliver(mail(`mail ${count}`));
  const subjects = mailbox.messages().map(({ subject }) => subject);
  expect(subjects).toHaveLength(500);
  expect(subjects.at(-1)).toBe('mail 2');
});

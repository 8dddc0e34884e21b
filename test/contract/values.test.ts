import { contact, instant, shopSlug } from '../../lambdas/contract/values';

test('a contact is kept in the form that compares equal', () => {
  expect(contact.parse('  Buyer@Example.COM ')).toBe('buyer@example.com');
  expect(contact.parse('+86 138-0013-8000')).toBe('+8613800138000');
});

test.each([
  'nobody',
  'a@b',
  '@x.co',
  'a b@x.co',
  '1234',
  'a@x.co\u0000',
  '\u202ebuyer@x.co',
  'a'.repeat(250),
])('a contact is an e-mail address or a phone number without hidden characters: not %j', (text) => {
  expect(contact.safeParse(text).success).toBe(false);
});

test('a time is kept in UTC with milliseconds, so that it sorts as text', () => {
  expect(instant.parse('2026-01-31T08:00:00Z')).toBe('2026-01-31T08:00:00.000Z');
  expect(instant.safeParse('2026-01-31').success).toBe(false);
});

test.each(['ab', '-ab', 'ab-', 'Demo', 'a b', 'a'.repeat(41)])('%j is no shop address', (slug) => {
  expect(shopSlug.safeParse(slug).success).toBe(false);
});

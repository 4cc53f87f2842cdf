import { describe, expect, test } from 'vitest';
import { Authenticator } from './authenticator.ts';
import type { PasswordChecker } from './password-checker.ts';

/** Hashes here are "hash of PASSWORD"; what was checked is written down, and answered when the test says so. */
class WrittenChecker implements PasswordChecker {
  readonly checked: string[] = [];
  gate: Promise<unknown> = Promise.resolve();

  async matches(password: string, hash: string): Promise<boolean> {
    this.checked.push(hash);
    await this.gate;
    return hash === `hash of ${password}`;
  }
}

const header = (user: string, password: string) =>
  `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
const users = (entries: Record<string, string>) =>
  new Map(Object.entries(entries).map(([user, password]) => [user, `hash of ${password}`]));

function authenticator(entries: Record<string, string>) {
  const checker = new WrittenChecker();
  return { checker, subject: new Authenticator(users(entries), checker) };
}

describe('what was checked once', () => {
  test('is recalled: a right password costs one check', async () => {
    const { checker, subject } = authenticator({ ann: 'a' });
    const ann = header('ann', 'a');
    expect(subject.recall(ann)).toBeUndefined();
    expect(await subject.verify(ann)).toBe('ann');
    for (let i = 0; i < 100; i++) expect(subject.recall(ann)).toEqual({ user: 'ann' });
    expect(checker.checked).toHaveLength(1);
  });

  test('is recalled when it was wrong, too', async () => {
    const { checker, subject } = authenticator({ ann: 'a' });
    const wrong = header('ann', 'b');
    expect(await subject.verify(wrong)).toBeUndefined();
    expect(subject.recall(wrong)).toBe('refused');
    expect(subject.recall(header('ann', 'a'))).toBeUndefined();
    expect(checker.checked).toHaveLength(1);
  });

  test('at the same time is checked once', async () => {
    const { checker, subject } = authenticator({ ann: 'a' });
    const ann = header('ann', 'a');
    expect(subject.underWay(ann)).toBeUndefined();
    const first = subject.verify(ann);
    expect(subject.underWay(ann)).toBe(first);
    expect(await Promise.all([first, subject.verify(ann), subject.underWay(ann)])).toEqual([
      'ann',
      'ann',
      'ann',
    ]);
    expect(checker.checked).toHaveLength(1);
    expect(subject.underWay(ann)).toBeUndefined();
  });

  test('is not recalled when the check itself failed', async () => {
    const { subject, checker } = authenticator({ ann: 'a' });
    const ann = header('ann', 'a');
    checker.gate = Promise.reject(new Error('no thread'));
    await expect(subject.verify(ann)).rejects.toThrow('no thread');
    expect(subject.recall(ann)).toBeUndefined();
    checker.gate = Promise.resolve();
    expect(await subject.verify(ann)).toBe('ann');
  });
});

describe('an unknown user', () => {
  test('costs a check like any other, of a hash that stays the same for the name', async () => {
    const { checker, subject } = authenticator({ ann: 'a', bob: 'b', eve: 'e' });
    for (const password of ['x', 'y', 'z'])
      expect(await subject.verify(header('nobody', password))).toBeUndefined();
    expect(checker.checked).toHaveLength(3);
    expect(new Set(checker.checked).size).toBe(1);
    expect([...users({ ann: 'a', bob: 'b', eve: 'e' }).values()]).toContain(checker.checked[0]);
  });

  test('is refused even with the password of the one whose hash is checked', async () => {
    const { subject } = authenticator({ ann: 'a' });
    expect(await subject.verify(header('nobody', 'a'))).toBeUndefined();
  });

  test('is refused at once where there are no users at all', async () => {
    const { checker, subject } = authenticator({});
    expect(await subject.verify(header('ann', 'a'))).toBeUndefined();
    expect(checker.checked).toEqual([]);
  });
});

describe('a changed file', () => {
  test('leaves those logged in whose line is the same', async () => {
    const { checker, subject } = authenticator({ ann: 'a', bob: 'b', eve: 'e' });
    for (const [user, password] of [
      ['ann', 'a'],
      ['bob', 'b'],
      ['eve', 'e'],
    ] as const)
      await subject.verify(header(user, password));
    subject.replaceUsers(users({ ann: 'a', bob: 'new' }));
    expect(subject.recall(header('ann', 'a'))).toEqual({ user: 'ann' });
    expect(subject.recall(header('bob', 'b'))).toBeUndefined();
    expect(subject.recall(header('eve', 'e'))).toBeUndefined();
    expect(await subject.verify(header('bob', 'b'))).toBeUndefined();
    expect(await subject.verify(header('bob', 'new'))).toBe('bob');
    expect(await subject.verify(header('eve', 'e'))).toBeUndefined();
    expect(checker.checked).toHaveLength(6);
  });

  test('lets in who was refused before', async () => {
    const { subject } = authenticator({ ann: 'a' });
    await subject.verify(header('new', 'n'));
    expect(subject.recall(header('new', 'n'))).toBe('refused');
    subject.replaceUsers(users({ ann: 'a', new: 'n' }));
    expect(await subject.verify(header('new', 'n'))).toBe('new');
  });

  test('counts for a check that is under way: a password that is no longer right is not remembered', async () => {
    const { checker, subject } = authenticator({ ann: 'old', bob: 'b' });
    const release = Promise.withResolvers<void>();
    checker.gate = release.promise;
    const [ann, bob] = [subject.verify(header('ann', 'old')), subject.verify(header('bob', 'b'))];
    subject.replaceUsers(users({ ann: 'new', bob: 'b' }));
    release.resolve();
    expect(await ann).toBeUndefined();
    expect(subject.recall(header('ann', 'old'))).toBeUndefined();
    // Nothing has changed for this one.
    expect(await bob).toBe('bob');
  });

  test('counts for a check that is under way: a refusal by the old file is not remembered', async () => {
    const { checker, subject } = authenticator({ ann: 'old' });
    const release = Promise.withResolvers<void>();
    checker.gate = release.promise;
    const ann = subject.verify(header('ann', 'new'));
    subject.replaceUsers(users({ ann: 'new' }));
    release.resolve();
    await ann;
    expect(subject.recall(header('ann', 'new'))).toBeUndefined();
    expect(await subject.verify(header('ann', 'new'))).toBe('ann');
  });
});

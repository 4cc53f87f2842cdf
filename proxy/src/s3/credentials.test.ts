import { describe, expect, test } from 'vitest';
import { CredentialHolder } from './credentials.ts';
import type { Credentials } from './signature.ts';

const MINUTE = 60_000;

function holder(lifetime: number | undefined, longestFetch?: number) {
  const told: string[] = [];
  let now = 0;
  let fetches = 0;
  let outcome: () => Promise<void> = async () => {};
  const subject = new CredentialHolder(
    async (): Promise<Credentials> => {
      fetches++;
      const id = `key${fetches}`;
      await outcome();
      return { accessKeyId: id, secretAccessKey: 's', expiration: lifetime && now + lifetime };
    },
    {
      now: () => now,
      ...(longestFetch !== undefined && { longestFetch }),
      observer: {
        obtained: ({ accessKeyId }) => told.push(accessKeyId),
        failed: (error, inUse) => told.push(`${error}, ${inUse?.accessKeyId ?? 'none'}`),
      },
    },
  );
  return {
    subject,
    told,
    fetches: () => fetches,
    pass(milliseconds: number) {
      now += milliseconds;
    },
    from(next: () => Promise<void>) {
      outcome = next;
    },
  };
}

/** Lets what is under way come to its end. */
const settle = () => new Promise((resolve) => setImmediate(resolve));

describe('temporary credentials', () => {
  test('are fetched first, then at hand', async () => {
    const { subject, fetches } = holder(60 * MINUTE);
    expect(subject.peek()).toBeUndefined();
    await subject.fetch();
    for (let i = 0; i < 10; i++) expect(subject.peek()?.accessKeyId).toBe('key1');
    expect(fetches()).toBe(1);
  });

  test('are renewed in the background five minutes before they expire', async () => {
    const { subject, fetches, pass } = holder(60 * MINUTE);
    await subject.fetch();
    pass(55 * MINUTE - 1);
    subject.peek();
    expect(fetches()).toBe(1);
    pass(1);
    for (let i = 0; i < 10; i++) expect(subject.peek()?.accessKeyId).toBe('key1');
    await settle();
    expect(subject.peek()?.accessKeyId).toBe('key2');
    expect(fetches()).toBe(2);
  });

  test('serve on while their renewal fails, which is tried again every five seconds', async () => {
    const { subject, fetches, pass, from } = holder(60 * MINUTE);
    await subject.fetch();
    from(() => Promise.reject(new Error('no')));
    pass(56 * MINUTE);
    for (let second = 0; second < 10; second++) {
      expect(subject.peek()?.accessKeyId).toBe('key1');
      await settle();
      pass(1000);
    }
    expect(fetches()).toBe(3);
    from(async () => {});
    subject.peek();
    await settle();
    expect(subject.peek()?.accessKeyId).toBe('key4');
  });

  test('are used to their end, however long their renewal takes', async () => {
    const { subject, fetches, pass, from } = holder(60 * MINUTE);
    await subject.fetch();
    from(() => new Promise(() => {}));
    pass(60 * MINUTE - 1);
    for (let i = 0; i < 10; i++) expect(subject.peek()?.accessKeyId).toBe('key1');
    expect(fetches()).toBe(2);
    pass(1);
    expect(subject.peek()).toBeUndefined();
  });
});

describe('a fetch', () => {
  test('is joined by those who come while it is under way', async () => {
    const { subject, fetches } = holder(undefined);
    const all = await Promise.all([subject.fetch(), subject.fetch(), subject.fetch()]);
    expect(all.map(({ accessKeyId }) => accessKeyId)).toEqual(['key1', 'key1', 'key1']);
    expect(fetches()).toBe(1);
  });

  test('that fails is not kept', async () => {
    const { subject, from } = holder(undefined);
    from(() => Promise.reject(new Error('no')));
    await expect(Promise.all([subject.fetch(), subject.fetch()])).rejects.toThrow('no');
    expect(subject.peek()).toBeUndefined();
    from(async () => {});
    expect((await subject.fetch()).accessKeyId).toBe('key2');
  });
});

test('a fetch that never ends has failed after a while, and the next one begins', async () => {
  const { subject, from } = holder(undefined, 20);
  from(() => new Promise(() => {}));
  await expect(subject.fetch()).rejects.toThrow('no credentials after 0.02 seconds');
  from(async () => {});
  expect((await subject.fetch()).accessKeyId).toBe('key2');
});

test('the observer hears of each fetch, and of what serves on', async () => {
  const { subject, told, from, pass } = holder(60 * MINUTE);
  from(() => Promise.reject(new Error('no')));
  await expect(subject.fetch()).rejects.toThrow('no');
  from(async () => {});
  await subject.fetch();
  from(() => Promise.reject(new Error('no')));
  pass(56 * MINUTE);
  subject.peek();
  await settle();
  pass(4 * MINUTE);
  await expect(subject.fetch()).rejects.toThrow('no');
  expect(told).toEqual(['Error: no, none', 'key2', 'Error: no, key2', 'Error: no, none']);
});

describe('credentials that the store refused', () => {
  test('are not used again', async () => {
    const { subject } = holder(undefined);
    subject.invalidate(await subject.fetch());
    expect(subject.peek()).toBeUndefined();
  });

  test('do not take those with them that have come since', async () => {
    const { subject } = holder(undefined);
    const old = await subject.fetch();
    await subject.fetch();
    subject.invalidate(old);
    expect(subject.peek()?.accessKeyId).toBe('key2');
  });
});

test('static credentials stay for good', async () => {
  const { subject, pass, fetches } = holder(undefined);
  await subject.fetch();
  pass(1e12);
  expect(subject.peek()?.accessKeyId).toBe('key1');
  expect(fetches()).toBe(1);
});

type Step = string | number;

function stepsOf(path: string): Step[] {
  return path.split('.').map((step) => (/^\d+$/.test(step) ? Number(step) : step));
}

function into(value: unknown, step: Step): unknown {
  return (value as Record<Step, unknown> | undefined)?.[step];
}

/** The value at a path such as `spec.containers.0.image`; undefined when there is none. */
export function at(object: unknown, path: string): unknown {
  return stepsOf(path).reduce(into, object);
}

/** A copy of `object` with another value at the path; undefined removes a member, or an element of a list. */
export function withAt<T>(object: T, path: string, value: unknown): T {
  const copy = structuredClone(object);
  const steps = stepsOf(path);
  const last = steps.pop();
  const parent = steps.reduce(into, copy);
  if (typeof parent !== 'object' || parent === null || last === undefined) {
    throw new RangeError(`there is no ${path}`);
  }
  if (Array.isArray(parent) && value === undefined) parent.splice(Number(last), 1);
  else (parent as Record<Step, unknown>)[last] = value;
  return copy;
}

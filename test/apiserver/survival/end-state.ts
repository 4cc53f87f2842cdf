import { createHash, createPrivateKey, X509Certificate } from 'node:crypto';
import { KIND, type S3Proxy } from '../../../operator/src/api/s3proxy.ts';
import { controllerOf, type KubeObject } from '../../../operator/src/kube/objects.ts';
import { FIELD_MANAGER } from '../../../operator/src/reconcile/field-manager.ts';
import { middlewareName } from '../../../operator/src/resources/child-names.ts';
import { HTTP_ROUTE } from '../../../operator/src/resources/foreign-kinds.ts';
import { CHECKSUM_ANNOTATION, SOURCE_ANNOTATION } from '../../../operator/src/resources/hashed-users.ts';
import { PASSWORD_SINCE_ANNOTATION } from '../../../operator/src/resources/ingress-auth-annotations.ts';
import { looksGenerated } from '../../../operator/src/resources/password.ts';
import { isHashOf } from '../../../operator/src/resources/password-hash.ts';
import { type Secret, secretText } from '../../../operator/src/resources/secret.ts';
import { NAME } from './cycles.ts';

/** A namespace's objects by "kind/name", without what differs from one run to the next: that is judged instead. */
export type EndState = Readonly<Record<string, unknown>>;

const HASH_ANNOTATION = `${FIELD_MANAGER}/applied-manifest`;

/**
 * Names and texts that depend on the run are replaced by what they are (`<uid>`); random values by what they are good for ("verified"),
 * or by what is wrong with them.
 */
export async function endState(namespace: string, objects: readonly KubeObject[]): Promise<EndState> {
  const secrets = new Map<string, Secret>();
  for (const object of objects) if (object.kind === 'Secret') secrets.set(object.metadata.name, object);
  const entries = await Promise.all(
    objects.map(async (object): Promise<[string, unknown]> => {
      const plain = structuredClone(object) as KubeObject & Record<string, unknown>;
      plain.metadata = { ...plain.metadata, ...metadataOf(object, objects, secrets) };
      for (const name of ['uid', 'resourceVersion', 'creationTimestamp'] as const)
        delete plain.metadata[name];
      delete plain.metadata.generation;
      if (object.kind === 'Secret') plain.data = await judge(object, secrets);
      if (object.kind === 'Service') plain.spec = withoutAddresses(plain.spec);
      if (object.kind === 'Deployment') plain.status = without(plain.status, 'observedGeneration');
      if (object.kind === KIND) plain.status = judgeStatus(object as S3Proxy, secrets);
      if (object.kind === HTTP_ROUTE.kind) delete plain.status;
      const general = (text: string) =>
        text
          .replaceAll(middlewareName(namespace, NAME), `${NAME}-<hash>`)
          .replaceAll(namespace, '<namespace>');
      return [general(`${object.kind}/${object.metadata.name}`), JSON.parse(general(JSON.stringify(plain)))];
    }),
  );
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
}

function metadataOf(
  object: KubeObject,
  objects: readonly KubeObject[],
  secrets: ReadonlyMap<string, Secret>,
): Partial<KubeObject['metadata']> {
  const owner = controllerOf(object);
  const alive = objects.some(({ kind, metadata }) => kind === KIND && metadata.uid === owner?.uid);
  const { annotations, ownerReferences, managedFields = [] } = object.metadata;
  const replace = (text: string): string =>
    owner === undefined ? text : text.replaceAll(owner.uid, alive ? '<uid>' : '<uid of nobody>');
  return {
    ...(ownerReferences !== undefined && {
      ownerReferences: ownerReferences.map((each) => ({ ...each, uid: replace(each.uid) })),
    }),
    ...(annotations !== undefined && { annotations: judgeAnnotations(object, annotations, secrets) }),
    managedFields: managedFields
      .filter(({ manager }) => manager === FIELD_MANAGER)
      .map(({ time: _, ...entry }) => JSON.parse(replace(JSON.stringify(entry))))
      .sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1)),
  };
}

function judgeAnnotations(
  object: KubeObject,
  annotations: Readonly<Record<string, string>>,
  secrets: ReadonlyMap<string, Secret>,
): Record<string, string> {
  const judged = { ...annotations };
  if (judged[HASH_ANNOTATION] !== undefined) judged[HASH_ANNOTATION] = '<hash>';
  if (judged[PASSWORD_SINCE_ANNOTATION] !== undefined) judged[PASSWORD_SINCE_ANNOTATION] = '<time>';
  if (judged[SOURCE_ANNOTATION] !== undefined) {
    const sources = [...secrets.values()].map(
      ({ metadata }) => `${metadata.uid}/${metadata.resourceVersion}`,
    );
    judged[SOURCE_ANNOTATION] = sources.includes(judged[SOURCE_ANNOTATION]) ? '<source>' : '<stale source>';
  }
  if (judged[CHECKSUM_ANNOTATION] !== undefined) {
    const users = usersIn(object).map(([user, hash]) => `${user}:${hash}\n`);
    const right = createHash('sha256').update(users.join('')).digest('hex');
    judged[CHECKSUM_ANNOTATION] = judged[CHECKSUM_ANNOTATION] === right ? '<checksum>' : '<wrong checksum>';
  }
  return judged;
}

/** What a Secret's values are good for. */
async function judge(secret: Secret, secrets: ReadonlyMap<string, Secret>): Promise<Record<string, string>> {
  if (controllerOf(secret) === undefined) return { ...secret.data };
  const { name } = secret.metadata;
  const values = Object.keys(secret.data ?? {}).map((key) => [key, secretText(secret, key) ?? ''] as const);
  if (name.endsWith('-basic-auth')) {
    return Object.fromEntries(
      values.map(([key, value]) => [key, looksGenerated(value) ? '<generated>' : value]),
    );
  }
  if (/-(htpasswd|ingress-auth|f5-auth)$/.test(name)) {
    const verdicts = await Promise.all(
      usersIn(secret).map(async ([user, hash]) => [user, await verdictOn(user, hash, secrets)] as const),
    );
    return { keys: values.map(([key]) => key).join(), ...Object.fromEntries(verdicts) };
  }
  return { keys: values.map(([key]) => key).join(), certificate: certificateVerdict(secret, secrets) };
}

/** Users and hashes in a Secret made for whoever asks for the password: a file, or a key for each user. */
export function usersIn(secret: Secret): [user: string, hash: string][] {
  return Object.keys(secret.data ?? {}).flatMap((key): [string, string][] => {
    const text = secretText(secret, key) ?? '';
    if (!text.includes(':')) return [[key, text]];
    return text
      .trimEnd()
      .split('\n')
      .map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 1)]);
  });
}

async function verdictOn(user: string, hash: string, secrets: ReadonlyMap<string, Secret>): Promise<string> {
  const scheme = hash.startsWith('$2') ? 'bcrypt' : hash.startsWith('$apr1$') ? 'apr1' : 'sha512';
  for (const source of secrets.values()) {
    const password = secretText(source, 'password');
    if (password === undefined || secretText(source, 'username') !== user) continue;
    if (await isHashOf(scheme, password, hash))
      return `<${scheme} of the password in ${source.metadata.name}>`;
  }
  for (const source of secrets.values()) {
    if (controllerOf(source) === undefined && secretText(source, 'htpasswd')?.includes(`${user}:${hash}`)) {
      return `<given by ${source.metadata.name}>`;
    }
  }
  return '<of no known password>';
}

function certificateVerdict(secret: Secret, secrets: ReadonlyMap<string, Secret>): string {
  const name = secret.metadata.name.replace(/-(ca|tls)$/, '');
  const [authority, own] = [secrets.get(`${name}-ca`), secret].map((each) =>
    each === undefined ? undefined : new X509Certificate(secretText(each, 'tls.crt') ?? ''),
  );
  if (authority === undefined || own === undefined) return '<without authority>';
  if (!own.checkPrivateKey(createPrivateKey(secretText(secret, 'tls.key') ?? '')))
    return '<with another key>';
  if (!own.verify(authority.publicKey)) return '<of another authority>';
  const given = secretText(secret, 'ca.crt');
  if (given !== undefined && given.trim() !== authority.toString().trim()) return '<with another ca.crt>';
  return `<good for ${own.subjectAltName ?? own.subject}>`;
}

function without(value: unknown, name: string): unknown {
  const { [name]: _, ...rest } = (value ?? {}) as Record<string, unknown>;
  return rest;
}

function withoutAddresses(spec: unknown): unknown {
  return without(without(spec, 'clusterIP'), 'clusterIPs');
}

/** The status of an S3Proxy, without times; generations are said to be current or not. */
function judgeStatus(object: S3Proxy, secrets: ReadonlyMap<string, Secret>): unknown {
  if (object.status === undefined) return undefined;
  const { conditions = [], observedGeneration, tlsNotAfter, ...rest } = object.status;
  const age = (generation: number | undefined): string =>
    generation === object.metadata.generation ? '<current>' : '<old>';
  const certificate = secretText(secrets.get(rest.tlsSecretName ?? '') ?? {}, 'tls.crt');
  const expires = certificate && Date.parse(new X509Certificate(certificate).validTo);
  return {
    ...rest,
    observedGeneration: age(observedGeneration),
    tlsNotAfter: tlsNotAfter && (Date.parse(tlsNotAfter) === expires ? '<right>' : '<wrong>'),
    conditions: conditions.map(({ lastTransitionTime: _, observedGeneration: observed, ...condition }) => ({
      ...condition,
      observedGeneration: age(observed),
    })),
  };
}

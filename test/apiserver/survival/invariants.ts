import { S3PROXY, type S3Proxy } from '../../../operator/src/api/s3proxy.ts';
import { controllerOf, type KubeObject } from '../../../operator/src/kube/objects.ts';
import {
  DEPLOYMENT,
  INGRESS,
  type ResourceKind,
  SECRET,
  SERVICE_ACCOUNT,
} from '../../../operator/src/kube/resource-kind.ts';
import { deploymentState, type LiveDeployment } from '../../../operator/src/reconcile/deployment-state.ts';
import {
  caSecretName,
  htpasswdSecretName,
  middlewareName,
} from '../../../operator/src/resources/child-names.ts';
import { HTTP_ROUTE, MIDDLEWARE } from '../../../operator/src/resources/foreign-kinds.ts';
import { SOURCE_ANNOTATION } from '../../../operator/src/resources/hashed-users.ts';
import { asksForPassword } from '../../../operator/src/resources/ingress-auth-annotations.ts';
import { MANAGED_BY_LABEL, MANAGED_BY_VALUE } from '../../../operator/src/resources/labels.ts';
import { type Secret, secretText } from '../../../operator/src/resources/secret.ts';
import { NAME } from './cycles.ts';
import { usersIn } from './end-state.ts';
import type { Moment } from './observer.ts';

/** A namespace at one moment. */
interface State {
  find<T extends KubeObject>(kind: ResourceKind, name: string): T | undefined;
  list<T extends KubeObject>(kind: ResourceKind): T[];
}

/** Looks at each moment in turn and says what is not as it has to be, or nothing. */
type Watchman = (state: State, moment: Moment) => string | undefined;

const isOurs = ({ metadata }: KubeObject): boolean =>
  metadata.labels?.[MANAGED_BY_LABEL] === MANAGED_BY_VALUE;

/** No child is without an owner that there has been. */
function childrenAreOwned(): Watchman {
  const owners = new Set<string | undefined>();
  return (_state, { kind, change, object }) => {
    if (kind === S3PROXY) owners.add(object.metadata.uid);
    if (kind === S3PROXY || change === 'DELETED' || !isOurs(object)) return undefined;
    return owners.has(controllerOf(object)?.uid)
      ? undefined
      : `${kind.kind} ${object.metadata.name} has no owner`;
  };
}

function oneDeployment(): Watchman {
  return (state) => (state.list(DEPLOYMENT).length > 1 ? 'there are two Deployments' : undefined);
}

/** What was generated and published stays: passwords until the next rotation, authorities, salts until the password changes. */
function generatedStays(): Watchman {
  const published = new Map<string, string>();

  function changed(what: string, value: string): boolean {
    const before = published.get(what);
    published.set(what, value);
    return before !== undefined && before !== value;
  }

  return (state, { kind, change, object }) => {
    if (kind !== SECRET || change === 'DELETED' || !isOurs(object)) return undefined;
    const secret: Secret = object;
    const { uid, name, annotations = {} } = secret.metadata;
    const password = secretText(secret, 'password');
    if (
      password !== undefined &&
      changed(`password ${uid} ${annotations['s3proxy.dev/rotated']}`, password)
    ) {
      return 'the generated password was replaced by another one';
    }
    if (name === caSecretName(NAME) && changed(`authority ${uid}`, secretText(secret, 'tls.crt') ?? '')) {
      return 'the authority was replaced by another one';
    }
    const [sourceUid] = (annotations[SOURCE_ANNOTATION] ?? '').split('/');
    const source = state.list<Secret>(SECRET).find(({ metadata }) => metadata.uid === sourceUid);
    if (source === undefined || secretText(source, 'password') === undefined) return undefined;
    const salted = usersIn(secret).some(([user, hash]) => {
      const scheme = hash.slice(0, hash.indexOf('$', 1));
      return changed(`hash ${uid} ${user} ${scheme} ${secretText(source, 'password')}`, hash);
    });
    return salted ? `the same password was salted anew in Secret ${name}` : undefined;
  };
}

/** While an S3Proxy is there, its children name nothing of ours that is not. */
function namesWhatIsThere(): Watchman {
  return (state) => {
    const s3proxy = state.find(S3PROXY, NAME);
    const mine = <T extends KubeObject>(kind: ResourceKind): T[] =>
      state.list<T>(kind).filter((each) => controllerOf(each)?.uid === s3proxy?.metadata.uid);
    if (s3proxy === undefined) return undefined;
    const ofOurs = (name: string | undefined): name is string => name?.startsWith(NAME) === true;
    const secrets = [
      ...mine<Ingress>(INGRESS).flatMap(({ spec, metadata }) => [
        ...(spec.tls ?? []).map(({ secretName }) => secretName),
        ...Object.entries(metadata.annotations ?? {})
          .filter(([key]) => key.endsWith('-secret'))
          .map(([, value]) => value),
      ]),
      ...mine<LiveDeployment & Templated>(DEPLOYMENT).flatMap(mountedSecrets),
      ...mine<Middleware>(MIDDLEWARE).map(({ spec }) => spec.basicAuth.secret),
    ].filter(ofOurs);
    const accounts = mine<Templated>(DEPLOYMENT)
      .map(({ spec }) => spec.template.spec.serviceAccountName)
      .filter(ofOurs);
    const middlewares = mine<Ingress>(INGRESS)
      .filter(({ metadata }) => metadata.annotations?.['traefik.ingress.kubernetes.io/router.middlewares'])
      .map(({ metadata }) => middlewareName(metadata.namespace ?? '', NAME));
    const missing = [
      ...secrets.filter((name) => state.find(SECRET, name) === undefined),
      ...accounts.filter((name) => state.find(SERVICE_ACCOUNT, name) === undefined),
      ...middlewares.filter((name) => state.find(MIDDLEWARE, name) === undefined),
    ];
    return missing.length === 0 ? undefined : `named, and not there: ${missing.join(', ')}`;
  };
}

/** Where a password has been wanted all the time, there is no way to a pod past whoever asks for it. */
function somebodyAsks(): Watchman {
  let wanted = true;
  let running: boolean[] = [];

  function follow(deployment: LiveDeployment & Templated): void {
    const asks = mountedSecrets(deployment).includes(htpasswdSecretName(NAME));
    running = deploymentState(deployment).complete ? [asks] : [...running, asks];
  }

  return (state, { kind, change, object }) => {
    if (kind === S3PROXY && (object as S3Proxy).spec.auth?.basic?.enabled === false) wanted = false;
    if (kind === DEPLOYMENT && change === 'DELETED') running = [];
    else if (kind === DEPLOYMENT) follow(object as LiveDeployment & Templated);
    if (!wanted || running.every(Boolean)) return undefined;
    const ways = [
      ...state.list(INGRESS).filter(({ metadata }) => !asksForPassword(metadata.annotations)),
      ...state.list(HTTP_ROUTE),
    ];
    return ways.length === 0 ? undefined : `nobody asks for the password behind the ${ways[0]?.kind}`;
  };
}

interface Templated extends KubeObject {
  spec: {
    template: { spec: { serviceAccountName?: string; volumes?: { secret?: { secretName: string } }[] } };
  };
}

interface Ingress extends KubeObject {
  spec: { tls?: { secretName: string }[] };
}

interface Middleware extends KubeObject {
  spec: { basicAuth: { secret: string } };
}

function mountedSecrets({ spec }: Templated): (string | undefined)[] {
  return (spec.template.spec.volumes ?? []).map(({ secret }) => secret?.secretName);
}

/** What was not so at some moment of a namespace's history, though it has to be so always; each once. */
export function brokenInvariants(history: readonly Moment[]): string[] {
  const objects = new Map<string, KubeObject>();
  const state: State = {
    find: <T extends KubeObject>(kind: ResourceKind, name: string) =>
      objects.get(`${kind.plural}/${name}`) as T | undefined,
    list: <T extends KubeObject>(kind: ResourceKind) =>
      [...objects].filter(([key]) => key.startsWith(`${kind.plural}/`)).map(([, object]) => object as T),
  };
  const watchmen = [
    childrenAreOwned(),
    oneDeployment(),
    generatedStays(),
    namesWhatIsThere(),
    somebodyAsks(),
  ];
  const broken = new Map<string, string>();
  for (const moment of history) {
    const { kind, change, object } = moment;
    const key = `${kind.plural}/${object.metadata.name}`;
    if (change === 'DELETED') objects.delete(key);
    else objects.set(key, object);
    for (const watchman of watchmen) {
      const fault = watchman(state, moment);
      if (fault !== undefined && !broken.has(fault)) {
        broken.set(fault, `${fault}, after ${kind.kind} ${object.metadata.name} was ${change}`);
      }
    }
  }
  return [...broken.values()];
}

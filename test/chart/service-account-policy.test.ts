import { describe, expect, it } from 'vitest';
import { CHART, helm, type Manifest, only, render } from './helm.ts';

// What the policy does is tested in test/security/tenants.test.ts, on an API server.

const POLICY = 'ValidatingAdmissionPolicy';
const BINDING = 'ValidatingAdmissionPolicyBinding';

const policies = (manifests: readonly Manifest[]): Manifest[] =>
  manifests.filter(({ kind }) => kind.startsWith(POLICY));

describe('the policy for ServiceAccounts', () => {
  it('denies, in all namespaces', async () => {
    const manifests = await render();
    const { name } = only(manifests, POLICY).metadata;
    expect(name).toBe('s3proxy-operator.operators');
    expect(only(manifests, BINDING)).toMatchObject({ metadata: { name } });
    expect(only(manifests, BINDING).spec).toEqual({ policyName: name, validationActions: ['Deny'] });
  });

  it('holds where the operator works', async () => {
    expect(only(await render('watchNamespaces={one,two}'), BINDING).spec).toMatchObject({
      matchResources: {
        namespaceSelector: {
          matchExpressions: [{ key: 'kubernetes.io/metadata.name', operator: 'In', values: ['one', 'two'] }],
        },
      },
    });
  });

  it('is not there where it is switched off', async () => {
    expect(policies(await render('serviceAccountPolicy.enabled=false'))).toEqual([]);
  });

  it.each([
    ['1.29.0', false],
    ['1.30.0', true],
    // As EKS says it.
    ['v1.30.4-eks-a737599', true],
  ])('on Kubernetes %s: %s', async (version, there) => {
    const text = await helm('template', 's3proxy-operator', CHART, '--kube-version', version);
    expect(text.includes(`kind: ${POLICY}\n`)).toBe(there);
  });
});

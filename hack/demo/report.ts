import { relative } from 'node:path';
import type { DemoEnvironment } from './environment-file.ts';
import { DEMO_NAME } from './manifests.ts';

/**
 * What to tell the user of a demo that is up.
 * @param directory holds its `env`
 * @param kubectl how the user's shell finds that program
 */
export function demoReport(
  environment: DemoEnvironment,
  { directory, kubectl, foreground }: { directory: string; kubectl: string; foreground: boolean },
): string {
  const { KUBECONFIG, NAMESPACE, URL, AUTH_USER, CA_FILE, RESOLVE } = environment;
  const here = (path: string): string => relative(process.cwd(), path) || '.';
  return `
The bucket is published at

  ${URL}/1.jpg

User name:  ${AUTH_USER}
Password:   ${kubectl} --kubeconfig ${here(KUBECONFIG)} -n ${NAMESPACE} get secret ${DEMO_NAME}-basic-auth -o jsonpath='{.data.password}' | base64 -d

Get the picture:

  . ${here(directory)}/env
  curl --cacert ${here(CA_FILE)} --resolve ${RESOLVE} -u "$AUTH_USER:$AUTH_PASSWORD" -o 1.jpg ${URL}/1.jpg

Look at the object:

  ${kubectl} --kubeconfig ${here(KUBECONFIG)} -n ${NAMESPACE} get s3proxies

${foreground ? 'Ctrl-C takes everything down again.' : 'make demo-down takes everything down again.'}
`;
}

import type { CredentialProvider } from './credentials.ts';

/**
 * The AWS SDK's credential chain for Node: environment, shared files, web identity (IRSA), container endpoint (EKS Pod
 * Identity) and instance metadata. Loaded only when it is needed, since static keys in the environment need none of it.
 */
export function credentialChain(environment: NodeJS.ProcessEnv): CredentialProvider {
  const { AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY, AWS_SESSION_TOKEN, AWS_PROFILE } = environment;
  if (AWS_ACCESS_KEY_ID && AWS_SECRET_ACCESS_KEY && !AWS_PROFILE) {
    const credentials = {
      accessKeyId: AWS_ACCESS_KEY_ID,
      secretAccessKey: AWS_SECRET_ACCESS_KEY,
      ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}),
    };
    return () => Promise.resolve(credentials);
  }
  return async () => {
    const { fromNodeProviderChain } = await import('@aws-sdk/credential-providers');
    // A new provider for each fetch: the SDK's own memory would hand out again what the store has just refused.
    const { accessKeyId, secretAccessKey, sessionToken, expiration } = await fromNodeProviderChain()();
    return { accessKeyId, secretAccessKey, sessionToken, expiration: expiration?.getTime() };
  };
}

import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import type { CredentialProvider } from './credentials.ts';
import { type FailedSource, NoCredentialsError } from './no-credentials-error.ts';

type Sdk = typeof import('@aws-sdk/credential-providers');
type SdkProvider = ReturnType<Sdk['fromTokenFile']>;

/** A place where credentials may come from. */
interface Source extends Omit<FailedSource, 'error'> {
  isConfigured(environment: NodeJS.ProcessEnv): boolean;
  /** Whether it may be configured and yet hold nothing, which is for the next one then. */
  mayBeEmpty?: true;
  /** A new provider for each fetch: the SDK's own memory would hand out again what the store has just refused. */
  provider(sdk: Sdk): SdkProvider;
}

/** STS answers within a second, or something is in its way; the SDK alone would wait for minutes. Times in milliseconds. */
const CLIENT_CONFIG = {
  maxAttempts: 3,
  requestHandler: { connectionTimeout: 2_000, requestTimeout: 4_000, throwOnRequestTimeout: true },
};

/** In the order of the AWS SDKs' own chain. */
const SOURCES: readonly Source[] = [
  {
    name: 'The shared credentials file',
    advice: 'Check AWS_PROFILE and that file.',
    isConfigured: ({ AWS_PROFILE, AWS_SHARED_CREDENTIALS_FILE, AWS_CONFIG_FILE }) =>
      Boolean(AWS_PROFILE || AWS_SHARED_CREDENTIALS_FILE || AWS_CONFIG_FILE) ||
      ['credentials', 'config'].some((file) => existsSync(join(homedir(), '.aws', file))),
    mayBeEmpty: true,
    // The SDK would read a file once and for all.
    provider: ({ fromIni }) => fromIni({ ignoreCache: true, clientConfig: CLIENT_CONFIG }),
  },
  {
    name: "The service account's role (IRSA)",
    advice:
      "Check that the role's trust policy names this service account and the cluster's identity provider, and that STS can be reached.",
    isConfigured: ({ AWS_WEB_IDENTITY_TOKEN_FILE, AWS_ROLE_ARN }) =>
      Boolean(AWS_WEB_IDENTITY_TOKEN_FILE && AWS_ROLE_ARN),
    provider: ({ fromTokenFile }) => fromTokenFile({ clientConfig: CLIENT_CONFIG }),
  },
  {
    name: 'The container credentials endpoint (EKS Pod Identity)',
    advice:
      'Check that the Pod Identity agent runs on the node, and that an association gives this service account a role.',
    isConfigured: ({ AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_CONTAINER_CREDENTIALS_FULL_URI }) =>
      Boolean(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI || AWS_CONTAINER_CREDENTIALS_FULL_URI),
    provider: ({ fromHttp }) => fromHttp(),
  },
  {
    name: 'The instance metadata service',
    advice:
      'Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or give the service account an AWS role; nothing else is configured.',
    isConfigured: ({ AWS_EC2_METADATA_DISABLED: disabled }) => !disabled || disabled === 'false',
    provider: ({ fromInstanceMetadata }) => fromInstanceMetadata(),
  },
];

/**
 * The AWS SDKs' chain: keys in the environment, shared files, web identity (IRSA), container endpoint (EKS Pod Identity) and instance metadata. Of
 * these, the first that is configured is asked, and its failure is final: an answer from further down would be somebody else's rights. Only files that
 * hold no credentials are passed over. Unlike the SDK's own chain this one says who failed. The SDK is loaded only when it is needed.
 * @throws NoCredentialsError from the provider
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
    const failed: FailedSource[] = [];
    for (const { name, advice, isConfigured, mayBeEmpty, provider } of SOURCES) {
      if (!isConfigured(environment)) continue;
      try {
        const found = await provider(await import('@aws-sdk/credential-providers'))();
        const { accessKeyId, secretAccessKey, expiration } = found;
        // Stores without sessions give an empty token, where one must be given; none would take it.
        const sessionToken = found.sessionToken || undefined;
        return { accessKeyId, secretAccessKey, sessionToken, expiration: expiration?.getTime() };
      } catch (error) {
        failed.push({ name, advice, error });
        if (!mayBeEmpty || !isPassedOver(error)) break;
      }
    }
    throw new NoCredentialsError(failed);
  };
}

/** Whether the SDK says that there is nothing here, rather than that it cannot be had. */
function isPassedOver(error: unknown): boolean {
  return error instanceof Error && 'tryNextLink' in error && error.tryNextLink === true;
}

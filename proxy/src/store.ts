import type { ProxyConfig } from './config.ts';
import { credentialChain } from './s3/credential-chain.ts';
import { CredentialHolder, type CredentialObserver } from './s3/credentials.ts';
import { resolveEndpoint } from './s3/endpoint.ts';
import { StoreClient } from './s3/store-client.ts';
import { Transport } from './s3/transport/transport.ts';

export interface Store {
  client: StoreClient;
  transport: Transport;
}

/** An unused connection to the store is closed after this long (milliseconds), before S3 does it. */
const KEEP_ALIVE_MS = 10_000;

/** Who hears of what goes on between proxy and store. */
export interface StoreObservers {
  /** Told of each answer or failure of the store: `ok` or the kind of error. */
  onAttempt?: (result: string) => void;
  credentials?: CredentialObserver;
}

/** Connects the configuration with the object store. */
export function createStore(
  config: ProxyConfig,
  environment: NodeJS.ProcessEnv,
  { onAttempt = () => {}, credentials: observer }: StoreObservers = {},
): Store {
  const transport = new Transport({
    maxConnections: config.S3_MAX_CONNECTIONS,
    timeouts: {
      connect: config.S3_CONNECT_TIMEOUT_SECONDS * 1000,
      headers: config.S3_RESPONSE_TIMEOUT_SECONDS * 1000,
      idleBody: config.S3_IDLE_TIMEOUT_SECONDS * 1000,
      queue: config.S3_RESPONSE_TIMEOUT_SECONDS * 1000,
      keepAlive: KEEP_ALIVE_MS,
    },
  });
  const client = new StoreClient({
    transport,
    endpointIn: (region) =>
      resolveEndpoint({
        bucket: config.S3_BUCKET,
        region,
        endpoint: config.AWS_ENDPOINT_URL_S3,
        forcePathStyle: config.S3_FORCE_PATH_STYLE,
      }),
    region: config.AWS_REGION,
    credentials: new CredentialHolder(credentialChain(environment), observer ? { observer } : {}),
    requestPayer: config.S3_REQUEST_PAYER,
    maxAttempts: config.S3_MAX_ATTEMPTS,
    onAttempt,
  });
  return { client, transport };
}

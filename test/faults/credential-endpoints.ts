import { createServer, type IncomingMessage } from 'node:http';
import { listen } from '../../proxy/src/listen.ts';

/** What a source of temporary credentials gives. No session token: the real S3 server of the tests has no sessions, and refuses each. */
export interface Grant {
  accessKeyId: string;
  secretAccessKey: string;
  lifetimeMs: number;
}

/** A source of credentials as AWS has them, on loopback, that does as a test tells it. */
export interface CredentialEndpoint {
  /** The proxy's environment that leads it there. */
  environment: Record<string, string>;
  /** What each question so far showed of its asker: the service account's token, or the authorization. */
  asked: string[];
  /** How questions are answered from now on; a refusal is an HTTP status with AWS' code. */
  answer: (question: string) => Promise<Grant | { status: number; code: string }>;
  stop(): Promise<void>;
}

/** Writes an answer the way its service does. */
interface Dialect {
  question(request: IncomingMessage, body: string): string;
  grant(grant: Grant, expiration: string): { type: string; text: string };
  refusal(code: string): { type: string; text: string };
}

async function start(
  dialect: Dialect,
  environment: (origin: string) => Record<string, string>,
): Promise<CredentialEndpoint> {
  const server = createServer(async (request, response) => {
    let body = '';
    for await (const chunk of request.setEncoding('utf8')) body += chunk;
    const question = dialect.question(request, body);
    endpoint.asked.push(question);
    const answer = await endpoint.answer(question);
    const [status, { type, text }] =
      'status' in answer
        ? [answer.status, dialect.refusal(answer.code)]
        : [200, dialect.grant(answer, new Date(Date.now() + answer.lifetimeMs).toISOString())];
    response.writeHead(status, { 'Content-Type': type }).end(text);
  });
  const port = await listen(server, 0);
  const endpoint: CredentialEndpoint = {
    environment: environment(`http://127.0.0.1:${port}`),
    asked: [],
    answer: async () => ({ status: 500, code: 'InternalFailure' }),
    stop() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
  return endpoint;
}

/** The Security Token Service, as far as AssumeRoleWithWebIdentity (STS API reference, Query protocol). */
export const startSts = (tokenFile: string, roleArn: string): Promise<CredentialEndpoint> =>
  start(
    {
      question(_, body) {
        const form = new URLSearchParams(body);
        const wanted = ['AssumeRoleWithWebIdentity', roleArn];
        const got = [form.get('Action'), form.get('RoleArn')];
        return String(got) === String(wanted)
          ? (form.get('WebIdentityToken') ?? '')
          : `not understood: ${body}`;
      },
      grant: ({ accessKeyId, secretAccessKey }, expiration) => ({
        type: 'text/xml',
        text: `<AssumeRoleWithWebIdentityResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleWithWebIdentityResult><Credentials><AccessKeyId>${accessKeyId}</AccessKeyId><SecretAccessKey>${secretAccessKey}</SecretAccessKey><SessionToken></SessionToken><Expiration>${expiration}</Expiration></Credentials><AssumedRoleUser><Arn>${roleArn}/session</Arn><AssumedRoleId>id:session</AssumedRoleId></AssumedRoleUser></AssumeRoleWithWebIdentityResult><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></AssumeRoleWithWebIdentityResponse>`,
      }),
      refusal: (code) => ({
        type: 'text/xml',
        text: `<ErrorResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><Error><Type>Sender</Type><Code>${code}</Code><Message>Not authorized to perform sts:AssumeRoleWithWebIdentity</Message></Error><RequestId>1</RequestId></ErrorResponse>`,
      }),
    },
    (origin) => ({
      AWS_ENDPOINT_URL_STS: origin,
      AWS_WEB_IDENTITY_TOKEN_FILE: tokenFile,
      AWS_ROLE_ARN: roleArn,
    }),
  );

const json = (value: object) => ({ type: 'application/json', text: JSON.stringify(value) });
const jsonGrant = ({ accessKeyId, secretAccessKey }: Grant, expiration: string) => ({
  Code: 'Success',
  AccessKeyId: accessKeyId,
  SecretAccessKey: secretAccessKey,
  Token: '',
  Expiration: expiration,
});

/** The EKS Pod Identity agent (container credential provider, AWS SDKs and Tools reference). */
export const startPodIdentityAgent = (tokenFile: string): Promise<CredentialEndpoint> =>
  start(
    {
      question: (request) => request.headers.authorization ?? '',
      grant: (grant, expiration) => json(jsonGrant(grant, expiration)),
      refusal: (code) => json({ Code: code, Message: 'no association' }),
    },
    (origin) => ({
      AWS_CONTAINER_CREDENTIALS_FULL_URI: `${origin}/v1/credentials`,
      AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE: tokenFile,
    }),
  );

/** The instance metadata service, version 2 (EC2 user guide). */
export const startInstanceMetadata = (): Promise<CredentialEndpoint> =>
  start(
    {
      question: ({ method, url, headers }) => `${method} ${url} ${headers['x-aws-ec2-metadata-token'] ?? ''}`,
      grant: (grant, expiration) =>
        json({ ...jsonGrant(grant, expiration), Type: 'AWS-HMAC', LastUpdated: expiration }),
      // Session token and role's name are plain texts.
      refusal: (code) => ({ type: 'text/plain', text: code }),
    },
    (origin) => ({ AWS_EC2_METADATA_SERVICE_ENDPOINT: origin, AWS_EC2_METADATA_DISABLED: 'false' }),
  );

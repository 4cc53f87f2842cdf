import * as s3 from '@aws-sdk/client-s3';

/** What came of one S3 operation. */
export interface Tried {
  operation: string;
  /** `allowed`, `denied`, or what else the store said (an operation that it does not know). */
  result: string;
}

/** Input for any S3 operation: the SDK takes from it what the operation has, and the store checks the right before the rest. */
const anyInput = {
  AccelerateConfiguration: {},
  AccessControlPolicy: {},
  AnnotationName: 'note',
  Body: '',
  CopySource: '',
  Delete: { Objects: [{ Key: '1.jpg' }] },
  Id: 'id',
  MultipartUpload: { Parts: [] },
  ObjectAttributes: ['ETag'],
  PartNumber: 1,
  Policy: '{}',
  RenameSource: '2.jpg',
  RequestRoute: 'route',
  RequestToken: 'token',
  Tagging: { TagSet: [] },
  UploadId: 'upload',
  VersioningConfiguration: { Status: 'Enabled' },
};

/** Tries every operation that the SDK has, on one object of one bucket, with the client's credentials. */
export async function tryEveryAction(client: s3.S3Client, bucket: string, key: string): Promise<Tried[]> {
  const tried: Tried[] = [];
  for (const [name, Command] of Object.entries(s3)) {
    if (!name.endsWith('Command') || name === '$Command' || typeof Command !== 'function') continue;
    const input = { ...anyInput, Bucket: bucket, Key: key, CopySource: `${bucket}/${key}` };
    tried.push({
      operation: name.slice(0, -'Command'.length),
      result: await outcome(() => client.send(new (Command as typeof s3.GetObjectCommand)(input))),
    });
  }
  return tried;
}

/** Whether the store let a call through. */
export async function outcome(call: () => Promise<unknown>): Promise<string> {
  try {
    const answer = await call();
    // DeleteObjects reports a refusal for each object, in an answer that is a success.
    const refused = isRecord(answer) && Array.isArray(answer.Errors) && answer.Errors.length > 0;
    return refused ? 'denied' : 'allowed';
  } catch (error) {
    if (!(error instanceof s3.S3ServiceException))
      return error instanceof Error ? error.message : String(error);
    const status = error.$metadata.httpStatusCode ?? 0;
    return status === 403 ? 'denied' : `${status} ${error.name}`;
  }
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

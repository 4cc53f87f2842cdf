// The npm package s3proxy behind the Express server its README shows, without logging.
import express from 'express';
import S3Proxy from 's3proxy';

const { S3_BUCKET, AWS_REGION, AWS_ENDPOINT_URL_S3, PORT } = process.env;
const proxy = new S3Proxy({
  bucket: S3_BUCKET,
  region: AWS_REGION,
  endpoint: AWS_ENDPOINT_URL_S3,
  forcePathStyle: true,
});
await proxy.init();

const app = express();
app.get('/{*key}', async (request, response) => {
  const body = await proxy.get(request, response);
  body.on('error', () => response.end()).pipe(response);
});
app.listen(Number(PORT), '127.0.0.1');

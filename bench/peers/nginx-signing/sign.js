// Signature version 4 in nginx's JavaScript (njs), for GET of a path without a query; the payload is not signed.
// biome-ignore lint/style/useNodejsImportProtocol: njs knows the module by this name alone
const crypto = require('crypto');

// njs knows no destructuring.
const KEY_ID = process.env.AWS_ACCESS_KEY_ID;
const SECRET = process.env.AWS_SECRET_ACCESS_KEY;
const REGION = process.env.AWS_REGION;
const BUCKET = process.env.S3_BUCKET;
const SIGNED = 'host;x-amz-content-sha256;x-amz-date';

function hmac(key, text) {
  return crypto.createHmac('sha256', key).update(text);
}

function date() {
  return new Date().toISOString().replace(/[-:]|\.\d+/g, '');
}

function authorization(r) {
  const time = r.variables.amz_date;
  const day = time.slice(0, 8);
  const scope = `${day}/${REGION}/s3/aws4_request`;
  const canonical = `GET\n/${BUCKET}${r.uri}\n\nhost:${r.variables.store_host}\nx-amz-content-sha256:UNSIGNED-PAYLOAD\nx-amz-date:${time}\n\n${SIGNED}\nUNSIGNED-PAYLOAD`;
  const digest = crypto.createHash('sha256').update(canonical).digest('hex');
  const key = [REGION, 's3', 'aws4_request'].reduce(
    (previous, part) => hmac(previous, part).digest(),
    hmac(`AWS4${SECRET}`, day).digest(),
  );
  const signature = hmac(key, `AWS4-HMAC-SHA256\n${time}\n${scope}\n${digest}`).digest('hex');
  return `AWS4-HMAC-SHA256 Credential=${KEY_ID}/${scope}, SignedHeaders=${SIGNED}, Signature=${signature}`;
}

export default { date, authorization };

import { freePorts } from '../../../hack/cluster/control-plane/free-port.ts';
import type { Contender } from '../contender.ts';
import { start } from '../running.ts';

/** `rclone serve http` as its manual shows it, read-only, without a configuration file. */
export function rclone(program: string): Contender {
  return {
    name: 'rclone',
    caches: () => false,
    async start({ store: { environment }, logs, processors }) {
      const [port] = await freePorts(1);
      const { AWS_ENDPOINT_URL_S3: endpoint, AWS_REGION: region, S3_BUCKET: bucket } = environment;
      const remote = `:s3,provider=Other,env_auth=true,force_path_style=true,endpoint='${endpoint}',region=${region}:${bucket}`;
      const running = start(
        program,
        ['serve', 'http', remote, '--addr', `127.0.0.1:${port}`, '--read-only'],
        {
          name: 'rclone',
          logs,
          processors,
          env: { ...process.env, ...environment, RCLONE_CONFIG: '/dev/null' },
        },
      );
      return { running, urlOf: ({ key }) => `http://127.0.0.1:${port}/${key}` };
    },
  };
}

import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../../hack/cluster/control-plane/free-port.ts';
import type { Contender, Surroundings } from '../contender.ts';
import { start } from '../running.ts';

interface Site {
  /** Lines at the top of the configuration. */
  modules?: string;
  /** Lines of the `http` block. */
  http?: string;
  /** Lines of the one `location`, which ends in a `proxy_pass`. */
  location: string;
}

/** nginx over presigned URLs. It signs nothing and checks nothing: the URLs are in its configuration. */
export function nginx(program: string): Contender {
  return contender('nginx', program, false, (surroundings) => ({
    http: presignedMap(surroundings),
    location: 'proxy_max_temp_file_size 0;\nproxy_pass http://store$presigned;',
  }));
}

/** The same with a cache on disk, which the kernel holds in memory. */
export function nginxCache(program: string): Contender {
  return contender('nginx-cache', program, true, (surroundings) => ({
    http: `${presignedMap(surroundings)}
proxy_cache_path ${join(surroundings.directory, 'cache')} keys_zone=objects:10m max_size=1g;`,
    location:
      'proxy_cache objects;\nproxy_cache_key $uri;\nproxy_cache_valid 200 1d;\nproxy_pass http://store$presigned;',
  }));
}

/** nginx with a signer in njs, so that it does for each request what a proxy before a private bucket has to do. */
export function nginxSigning(program: string, modules: string): Contender {
  return contender('nginx-signing', program, false, ({ store: { environment } }) => ({
    modules: `load_module ${join(modules, 'ngx_http_js_module.so')};
env AWS_ACCESS_KEY_ID;
env AWS_SECRET_ACCESS_KEY;
env AWS_REGION;
env S3_BUCKET;`,
    http: `js_path ${join(import.meta.dirname, '..', '..', 'peers', 'nginx-signing')};
js_import sign from sign.js;
js_set $amz_date sign.date;
js_set $authorization sign.authorization;`,
    // js_set variables are computed once per request: the date that is sent is the one that was signed.
    location: `set $store_host ${new URL(environment.AWS_ENDPOINT_URL_S3).host};
proxy_set_header X-Amz-Date $amz_date;
proxy_set_header X-Amz-Content-Sha256 UNSIGNED-PAYLOAD;
proxy_set_header Authorization $authorization;
proxy_max_temp_file_size 0;
proxy_pass http://store/${environment.S3_BUCKET}$uri;`,
  }));
}

function contender(
  name: 'nginx' | 'nginx-cache' | 'nginx-signing',
  program: string,
  caches: boolean,
  siteOf: (surroundings: Surroundings) => Site,
): Contender {
  return {
    name,
    caches: () => caches,
    async start(surroundings) {
      const { store, directory, logs, processors } = surroundings;
      const [port = 0] = await freePorts(1);
      await mkdir(join(directory, 'temp'), { recursive: true });
      const file = join(directory, 'nginx.conf');
      await writeFile(file, configuration(siteOf(surroundings), port, surroundings));
      const running = start(program, ['-p', directory, '-c', file], {
        name,
        logs,
        processors,
        env: { ...process.env, ...store.environment },
      });
      return { running, urlOf: ({ key }) => `http://127.0.0.1:${port}/${key}` };
    },
  };
}

/**
 * A configuration with the settings that nginx's own guides give for speed, but for `tcp_nopush`: with it a cached object of 100 KiB waits
 * 40 ms for the kernel to send its last bytes, at a thousandth of the rate without.
 */
function configuration(site: Site, port: number, { store, directory, processorCount }: Surroundings): string {
  const { host } = new URL(store.environment.AWS_ENDPOINT_URL_S3);
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
    .map((kind) => `${kind}_temp_path ${join(directory, 'temp', kind)};`)
    .join('\n');
  return `${site.modules ?? ''}
daemon off;
${process.getuid?.() === 0 ? 'user root;' : ''}
worker_processes ${processorCount};
pid ${join(directory, 'nginx.pid')};
error_log stderr warn;
events { worker_connections 4096; }
http {
access_log off;
sendfile on;
keepalive_requests 1000000000;
map_hash_bucket_size 1024;
${temporary}
${site.http ?? ''}
upstream store {
server ${host};
keepalive 512;
keepalive_requests 1000000000;
}
server {
listen 127.0.0.1:${port} backlog=4096;
location / {
proxy_http_version 1.1;
proxy_set_header Connection "";
proxy_set_header Host ${host};
${site.location}
}
}
}
`;
}

function presignedMap({ store }: Surroundings): string {
  const entries = store.objects.map(({ key, presignedUrl }) => {
    const { pathname, search } = new URL(presignedUrl);
    return `/${key} "${pathname}${search}";`;
  });
  return `map $uri $presigned {\n${entries.join('\n')}\n}`;
}

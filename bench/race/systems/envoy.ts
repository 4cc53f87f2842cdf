import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { freePorts } from '../../../hack/cluster/control-plane/free-port.ts';
import type { Contender, Surroundings } from '../contender.ts';
import { start } from '../running.ts';

/** Envoy with its own filter that signs requests to the store. */
export function envoy(program: string): Contender {
  return {
    name: 'envoy',
    caches: () => false,
    async start(surroundings) {
      const { store, directory, logs, processors, processorCount } = surroundings;
      const [port = 0] = await freePorts(1);
      const file = join(directory, 'envoy.json');
      await writeFile(file, JSON.stringify(configuration(port, surroundings)));
      const running = start(
        program,
        [
          ...['--config-path', file, '--concurrency', String(processorCount)],
          ...[
            '--log-level',
            'warning',
            '--use-dynamic-base-id',
            '--base-id-path',
            join(directory, 'base-id'),
          ],
        ],
        { name: 'envoy', logs, processors, env: { ...process.env, ...store.environment } },
      );
      return { running, urlOf: ({ key }) => `http://127.0.0.1:${port}/${key}` };
    },
  };
}

const TYPES = 'type.googleapis.com/envoy.extensions';

function configuration(port: number, { store: { environment } }: Surroundings): object {
  const { host, hostname, port: storePort } = new URL(environment.AWS_ENDPOINT_URL_S3);
  return {
    static_resources: {
      listeners: [
        {
          address: socketAddress('127.0.0.1', port),
          filter_chains: [
            {
              filters: [
                {
                  name: 'envoy.filters.network.http_connection_manager',
                  typed_config: {
                    '@type': `${TYPES}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
                    stat_prefix: 'bench',
                    generate_request_id: false,
                    route_config: {
                      virtual_hosts: [
                        {
                          name: 'all',
                          domains: ['*'],
                          routes: [
                            {
                              match: { prefix: '/' },
                              route: {
                                cluster: 'store',
                                prefix_rewrite: `/${environment.S3_BUCKET}/`,
                                host_rewrite_literal: host,
                                timeout: '0s',
                              },
                            },
                          ],
                        },
                      ],
                    },
                    http_filters: [
                      {
                        name: 'envoy.filters.http.router',
                        typed_config: {
                          '@type': `${TYPES}.filters.http.router.v3.Router`,
                          suppress_envoy_headers: true,
                        },
                      },
                    ],
                  },
                },
              ],
            },
          ],
        },
      ],
      clusters: [
        {
          name: 'store',
          type: 'STATIC',
          load_assignment: {
            cluster_name: 'store',
            endpoints: [
              { lb_endpoints: [{ endpoint: { address: socketAddress(hostname, Number(storePort)) } }] },
            ],
          },
          typed_extension_protocol_options: {
            'envoy.extensions.upstreams.http.v3.HttpProtocolOptions': {
              '@type': `${TYPES}.upstreams.http.v3.HttpProtocolOptions`,
              explicit_http_config: { http_protocol_options: {} },
              http_filters: [
                {
                  name: 'envoy.filters.http.aws_request_signing',
                  typed_config: {
                    '@type': `${TYPES}.filters.http.aws_request_signing.v3.AwsRequestSigning`,
                    service_name: 's3',
                    region: environment.AWS_REGION,
                    use_unsigned_payload: true,
                    match_excluded_headers: [{ prefix: 'x-' }, { exact: 'user-agent' }],
                  },
                },
                {
                  name: 'envoy.filters.http.upstream_codec',
                  typed_config: { '@type': `${TYPES}.filters.http.upstream_codec.v3.UpstreamCodec` },
                },
              ],
            },
          },
        },
      ],
    },
  };
}

function socketAddress(address: string, port: number): object {
  return { socket_address: { address, port_value: port } };
}

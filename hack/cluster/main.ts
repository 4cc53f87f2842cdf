import { parseArgs } from 'node:util';
import { binaries } from './binaries/binary.ts';
import { TOOLS, type ToolName } from './binaries/tools.ts';
import { openCluster, startCluster, stopCluster } from './cluster.ts';

const USAGE = `usage: node hack/cluster/main.ts COMMAND [--directory DIR]

  up         start a cluster that stays until "down"; its data is kept in DIR (default .cluster)
  stop       end it as a power failure would, keeping its data
  down       end it and remove its data
  status     say whether it runs, and its kubeconfig
  binaries   fetch or build every program it is made of, and print their paths
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { directory: { type: 'string', default: '.cluster' } },
});
const { directory } = values;

switch (positionals[0]) {
  case 'up': {
    const { kubeconfig } = await startCluster({ directory, detached: true });
    console.log(`KUBECONFIG=${kubeconfig}`);
    break;
  }
  case 'stop':
    await stopCluster(directory);
    break;
  case 'down':
    await stopCluster(directory, { purge: true });
    break;
  case 'status': {
    const cluster = await openCluster(directory);
    console.log(cluster === undefined ? 'not running' : `running; KUBECONFIG=${cluster.kubeconfig}`);
    break;
  }
  case 'binaries':
    for (const [name, path] of Object.entries(await binaries(...(Object.keys(TOOLS) as ToolName[])))) {
      console.log(`${name} ${path}`);
    }
    break;
  default:
    process.stderr.write(USAGE);
    process.exitCode = 2;
}

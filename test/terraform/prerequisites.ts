import {
  BASE_IMAGE_PREREQUISITES,
  ENGINE_PREREQUISITES,
  NODE_PREREQUISITES,
  type Prerequisite,
  PYTHON_PREREQUISITES,
} from '../../hack/cluster/node/prerequisites.ts';

/** What these tests need of the machine: a node, images, moto, and the programs that they run themselves. */
export const TERRAFORM_TEST_PREREQUISITES: readonly Prerequisite[] = [
  ...NODE_PREREQUISITES,
  ...ENGINE_PREREQUISITES,
  ...BASE_IMAGE_PREREQUISITES,
  ...PYTHON_PREREQUISITES,
  { needs: 'openssl', package: 'openssl' },
  { needs: 'curl', package: 'curl' },
  { needs: 'git', package: 'git' },
];

import type { Check } from "./check.ts"
import { CONTAINER_CHECKS } from "./checks/containers.ts"
import { FILE_CHECKS } from "./checks/files.ts"
import { HOST_CHECKS } from "./checks/hosts.ts"
import { NETWORK_CHECKS } from "./checks/network.ts"
import { NODE_CHECKS } from "./checks/nodes.ts"
import { RECORD_CHECKS } from "./checks/records.ts"
import { SIGNER_CHECKS } from "./checks/signers.ts"
import { VALIDATOR_CHECKS } from "./checks/validators.ts"

/** Every check, area by area. */
export const CHECKS: readonly Check[] = [
  ...HOST_CHECKS,
  ...CONTAINER_CHECKS,
  ...NETWORK_CHECKS,
  ...FILE_CHECKS,
  ...NODE_CHECKS,
  ...SIGNER_CHECKS,
  ...VALIDATOR_CHECKS,
  ...RECORD_CHECKS,
]

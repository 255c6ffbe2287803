import type { Handlers } from "./execute.ts"
import { fenceSigner } from "./signer/fence-lost.ts"
import { sealSigner } from "./signer/seal-replacement.ts"
import { seeSilence, waitPastSeal } from "./signer/silence.ts"
import { restartBalancer, waitUntilAnswers } from "./steps/balancer.ts"
import { seeSigning } from "./steps/chain-signing.ts"
import { copyData } from "./steps/data-copy.ts"
import { renewData } from "./steps/data-renew.ts"
import { bringUp, createService, pushFiles, pushSecrets } from "./steps/install.ts"
import { waitUntilFresh } from "./steps/node.ts"
import { restartNode } from "./steps/restart-node.ts"
import { waitUntilAttached } from "./steps/signer.ts"
import { initSigner } from "./steps/signer-init.ts"
import { moveSigner } from "./steps/signer-move.ts"
import { detachStandby, givePort, parkNode, stopParking, waitUntilReady } from "./steps/standby.ts"

export const handlers: Handlers = {
  "files.push": pushFiles,
  "secrets.push": pushSecrets,
  "service.up": bringUp,
  "balancer.answers": waitUntilAnswers,
  "balancer.restart": restartBalancer,
  "service.create": createService,
  "node.restart": restartNode,
  "parking.stop": stopParking,
  "data.copy": copyData,
  "data.renew": renewData,
  "node.fresh": waitUntilFresh,
  "signer.init": initSigner,
  "port.give": givePort,
  "standby.park": parkNode,
  "standby.ready": waitUntilReady,
  "standby.detach": detachStandby,
  "signer.move": moveSigner,
  "signer.fence": fenceSigner,
  "chain.silent": seeSilence,
  "signer.seal": sealSigner,
  "chain.past-seal": waitPastSeal,
  "signer.attached": waitUntilAttached,
  "chain.signing": seeSigning,
}

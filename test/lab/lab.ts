import { join } from "node:path"
import type { LabImages } from "../../dev/setup/lab-images.ts"
import type { Report } from "../../dev/setup/report.ts"
import { stage } from "../../dev/setup/stage.ts"
import { wantedImages } from "../../dev/setup/wanted-images.ts"
import type { Chain } from "./chain/chain.ts"
import type { ChainRequest } from "./chain/chain-request.ts"
import { startChain } from "./chain/start-chain.ts"
import { cleanStaleLabs } from "./clean-stale-labs.ts"
import { execInContainer } from "./exec-in-container.ts"
import type { ExecResult } from "./exec-result.ts"
import * as perturb from "./host/perturb.ts"
import { startHost } from "./host/start-host.ts"
import { waitForHost } from "./host/wait-for-host.ts"
import { makeLabDirectory, markKept } from "./lab-directory.ts"
import type { LabHost } from "./lab-host.ts"
import type { LabIdentity } from "./lab-identity.ts"
import { newLabIdentity } from "./lab-identity.ts"
import type { LabNetwork } from "./lab-network.ts"
import { createLabNetwork } from "./lab-network.ts"
import type { LabSpec } from "./lab-spec.ts"
import { loadImages } from "./load-images.ts"
import { removeLab } from "./remove-lab.ts"
import type { PlainContainer, RunningContainer } from "./run-plain-container.ts"
import { runPlainContainer } from "./run-plain-container.ts"
import { makeOperatorKey, writeKnownHosts, writeSshConfig } from "./ssh-files.ts"

const FIRST_HOST_NUMBER = 11

/**
 * Several Docker hosts on one machine, reached over SSH, and a chain that is not ours next to them.
 * Owns containers, volumes, a network and a directory until `down`; what a crash leaves, `cleanStale` removes.
 */
export class Lab {
  readonly id: string
  readonly dir: string
  readonly sshConfig: string
  readonly images: LabImages
  readonly hosts: readonly LabHost[]
  readonly #identity: LabIdentity
  readonly #network: LabNetwork
  readonly #report: Report
  readonly #chains: Chain[] = []

  private constructor(identity: LabIdentity, dir: string, network: LabNetwork, hosts: readonly LabHost[], report: Report) {
    this.id = identity.id
    this.dir = dir
    this.sshConfig = join(dir, "ssh_config")
    this.images = wantedImages()
    this.hosts = hosts
    this.#identity = identity
    this.#network = network
    this.#report = report
  }

  /** The images must be there (`ensureSetup`). When anything fails on the way, nothing is left behind. */
  static async create(spec: LabSpec, { report }: { readonly report: Report }): Promise<Lab> {
    const identity = newLabIdentity(spec.label ?? "lab")
    const dir = makeLabDirectory(identity)
    try {
      const [network, authorizedKey] = await Promise.all([createLabNetwork(identity), makeOperatorKey(dir)])
      const hosts = spec.hosts.map((name, index) => ({
        name,
        address: `${network.prefix}.${FIRST_HOST_NUMBER + index}`,
        container: `${identity.id}-${name}`,
      }))
      const lab = new Lab(identity, dir, network, hosts, report)
      if (hosts.length > 0) await lab.#startHosts(authorizedKey)
      if (hosts.length > 0 && spec.images !== "later") await lab.loadImages()
      return lab
    } catch (cause) {
      await removeLab(identity.id)
      throw cause
    }
  }

  static cleanStale(report: Report = () => undefined): Promise<readonly string[]> {
    return cleanStaleLabs(report)
  }

  host(name: string): LabHost {
    const found = this.hosts.find((host) => host.name === name)
    if (found === undefined) throw new Error(`the lab has no host ${name} (it has ${this.hosts.map((host) => host.name).join(", ")})`)
    return found
  }

  /** Puts the chain image on every host, and the load balancers' on some; only for a lab whose spec says that this comes later. */
  async loadImages(balancerHosts: readonly string[] = []): Promise<void> {
    await stage(this.#report, `lab ${this.id}: images`, () =>
      Promise.all([
        ...this.hosts.map((host) => loadImages(host, this.images.node)),
        ...balancerHosts.map((name) => loadImages(this.host(name), this.images.haproxy)),
      ]),
    )
  }

  exec(name: string, argv: readonly string[], options: { readonly stdin?: string } = {}): Promise<ExecResult> {
    return execInContainer(this.host(name).container, argv, options)
  }

  /** Power loss: every process of the host and of its containers dies at once. */
  kill(name: string): Promise<void> {
    return perturb.kill(this.host(name))
  }

  powerOn(name: string): Promise<void> {
    return perturb.powerOn(this.host(name))
  }

  /** Partition: packets to and from the host are lost, nothing is told to either side. */
  cut(name: string): Promise<void> {
    return perturb.cut(this.host(name), this.#network)
  }

  heal(name: string): Promise<void> {
    return perturb.heal(this.host(name), this.#network)
  }

  /** Management lost: the engine and sshd hang, the containers of the host run on. */
  pause(name: string): Promise<void> {
    return perturb.pause(this.host(name))
  }

  unpause(name: string): Promise<void> {
    return perturb.unpause(this.host(name))
  }

  restartEngine(name: string): Promise<void> {
    return perturb.restartEngine(this.host(name))
  }

  async startChain(request: ChainRequest): Promise<Chain> {
    const place = { identity: this.#identity, network: this.#network, image: this.images.node, report: this.#report }
    const chain = await stage(this.#report, `lab ${this.id}: outside chain`, () => startChain(place, request))
    this.#chains.push(chain)
    return chain
  }

  /** A program next to the hosts, from the chain image; for what is done by hand and outside the product. */
  runContainer(request: PlainContainer): Promise<RunningContainer> {
    return runPlainContainer({ identity: this.#identity, network: this.#network, image: this.images.node }, request)
  }

  /** From now on no later run takes this lab for a leftover; `npx tsx test/lab/remove.ts ID` removes it. */
  keep(): void {
    markKept(this.id)
  }

  async down(): Promise<void> {
    for (const chain of this.#chains) await chain.load.stop()
    await stage(this.#report, `lab ${this.id}: down`, () => removeLab(this.id))
  }

  async #startHosts(authorizedKey: string): Promise<void> {
    const image = this.images.host
    await stage(this.#report, `lab ${this.id}: ${this.hosts.length} hosts`, async () => {
      const request = { identity: this.#identity, network: this.#network, image, authorizedKey }
      await Promise.all(
        this.hosts.map(async (host) => {
          await startHost({ ...request, host })
          await waitForHost(host)
        }),
      )
      const keys = await Promise.all(this.hosts.map(async (host) => ({ host, publicKey: await hostKey(host) })))
      writeKnownHosts(this.dir, keys)
      writeSshConfig(this.dir, this.hosts)
    })
  }
}

async function hostKey(host: LabHost): Promise<string> {
  const result = await execInContainer(host.container, ["cat", "/etc/ssh/lab_host_ed25519_key.pub"])
  if (result.code !== 0) throw new Error(`${host.name} has no host key: ${result.stderr}`)
  return result.stdout
}

import { randomBytes } from "node:crypto"
import { execa } from "execa"
import { onTestFinished } from "vitest"
import { waitUntil } from "../lab/wait-until.ts"

const ENV = { PATH: `${process.env.PATH ?? ""}:/usr/sbin:/sbin` }
/** A packet that is dropped is never answered; on one machine an answer takes well under a millisecond. */
const SILENCE_MS = 1500

export type Dial = { readonly from: string; readonly to: string; readonly port: number; readonly localPort?: number }

export type BoxPlan = {
  /** The host under test. */
  readonly address: string
  /** Addresses of other machines on its wire. */
  readonly others: readonly string[]
  /** Ports that its containers publish on its address. */
  readonly containerPorts: readonly number[]
  /** Ports on which the host itself listens. */
  readonly hostPorts: readonly number[]
}

const CONTAINER = "172.30.77.2"
/** A container on another network of the same host. */
export const NEIGHBOUR = "172.30.78.2"
/** What the other machines listen on. */
export const OUTSIDE_PORT = 7000

/**
 * A host with its containers and one machine with many addresses, as network namespaces of this machine: the kernel's real tables, and
 * nothing of the machine itself is touched.
 */
export class FirewallBox {
  readonly #name = `gonka-ha-${randomBytes(3).toString("hex")}`

  static async create(plan: BoxPlan): Promise<FirewallBox> {
    const box = new FirewallBox()
    onTestFinished(() => box.#remove())
    await box.#build(plan)
    return box
  }

  /** Runs a program on the host under test. */
  async onHost(argv: readonly string[]): Promise<string> {
    return (await execa("ip", ["netns", "exec", this.#namespace("host"), ...argv], { env: ENV })).stdout
  }

  /** `open` or `silent`, for each connection. */
  async dial(dials: readonly Dial[]): Promise<readonly string[]> {
    return Promise.all(
      dials.map(async ({ from, to, port, localPort }) => {
        const where = from === NEIGHBOUR ? "neighbour" : localPort === undefined ? "outside" : "host"
        const options = JSON.stringify({ host: to, port, localAddress: from, ...(localPort === undefined ? {} : { localPort }) })
        const code = `const s = require("net").connect(${options}); setTimeout(() => { console.log("silent"); process.exit() }, ${SILENCE_MS});
s.on("connect", () => { console.log("open"); process.exit() }); s.on("error", (e) => { console.log(e.code); process.exit() })`
        return (await this.#node(where, code)).stdout
      }),
    )
  }

  async #build(plan: BoxPlan): Promise<void> {
    const spaces = ["host", "outside", "container", "neighbour"] as const
    for (const space of spaces) {
      await this.#ip("netns", "add", this.#namespace(space))
      await this.#in(space, "link", "set", "lo", "up")
    }
    await this.#link("host", "eth0", "outside", "eth0")
    await this.#address("host", "eth0", `${plan.address}/24`)
    for (const other of plan.others) await this.#address("outside", "eth0", `${other}/24`)
    await this.#bridge("br-0123456789ab", "172.30.77.1", "container", CONTAINER)
    await this.#bridge("br-ba9876543210", "172.30.78.1", "neighbour", NEIGHBOUR)
    await this.onHost(["sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"])
    // What Docker sets up for a published port.
    await this.onHost(["iptables", "-N", "DOCKER-USER"])
    await this.onHost(["iptables", "-I", "FORWARD", "-j", "DOCKER-USER"])
    for (const port of plan.containerPorts) {
      await this.onHost([
        "iptables",
        "-t",
        "nat",
        "-A",
        "PREROUTING",
        "-p",
        "tcp",
        "-d",
        plan.address,
        "--dport",
        `${port}`,
        "-j",
        "DNAT",
        "--to-destination",
        `${CONTAINER}:${port}`,
      ])
    }
    await this.#listen("container", plan.containerPorts)
    await this.#listen("host", plan.hostPorts)
    await this.#listen("outside", [OUTSIDE_PORT])
  }

  async #bridge(bridge: string, gateway: string, space: "container" | "neighbour", address: string): Promise<void> {
    await this.#in("host", "link", "add", bridge, "type", "bridge")
    await this.#link("host", `veth-${space}`, space, "eth0")
    await this.#in("host", "link", "set", `veth-${space}`, "master", bridge)
    await this.#address("host", bridge, `${gateway}/24`)
    await this.#address(space, "eth0", `${address}/24`)
    await this.#in(space, "route", "add", "default", "via", gateway)
  }

  async #link(one: string, oneEnd: string, two: string, twoEnd: string): Promise<void> {
    await this.#in(one, "link", "add", oneEnd, "type", "veth", "peer", "name", twoEnd, "netns", this.#namespace(two))
    await this.#in(one, "link", "set", oneEnd, "up")
    await this.#in(two, "link", "set", twoEnd, "up")
  }

  async #address(space: string, device: string, address: string): Promise<void> {
    await this.#in(space, "address", "add", address, "dev", device)
    await this.#in(space, "link", "set", device, "up")
  }

  async #listen(space: string, ports: readonly number[]): Promise<void> {
    const code = `for (const port of ${JSON.stringify(ports)}) require("net").createServer((s) => s.on("error", () => {})).listen(port, "0.0.0.0")`
    const child = this.#node(space, code)
    onTestFinished(async () => {
      child.kill("SIGKILL")
      await child
    })
    for (const port of ports) {
      await waitUntil(
        `port ${port} of ${space} is open`,
        async () => {
          const { stdout } = await execa("ip", ["netns", "exec", this.#namespace(space), "ss", "-ltnH", `sport = :${port}`], { env: ENV })
          return stdout === "" ? undefined : true
        },
        { stuckAfterMs: 20_000 },
      )
    }
  }

  #node(space: string, code: string) {
    return execa("ip", ["netns", "exec", this.#namespace(space), process.execPath, "-e", code], { env: ENV, reject: false })
  }

  #in(space: string, ...argv: readonly string[]) {
    return this.#ip("-n", this.#namespace(space), ...argv)
  }

  #ip(...argv: readonly string[]) {
    return execa("ip", argv, { env: ENV })
  }

  #namespace(space: string): string {
    return `${this.#name}-${space}`
  }

  async #remove(): Promise<void> {
    for (const space of ["host", "outside", "container", "neighbour"])
      await execa("ip", ["netns", "delete", this.#namespace(space)], { env: ENV, reject: false })
  }
}

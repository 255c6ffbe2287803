import { chmodSync, mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { execa } from "execa"
import { describe, expect, it } from "vitest"
import { AT_PORT, PING } from "../../../../src/app/signer/fence-facts.ts"
import { temporaryDir } from "../../../support/temporary-dir.ts"

const HEAD = "  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode\n"
const row = (local: string, remote: string, state = "01") =>
  `   0: ${local} ${remote} ${state} 00000000:00000000 00:00000000 00000000     0        0 12345\n`

/** A host on which `docker inspect` knows the processes that are given. */
class PortHost {
  readonly root = temporaryDir()

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  program(name: string, body: string): void {
    this.write(`bin/${name}`, `#!/bin/sh\n${body}\n`)
    chmodSync(join(this.root, "bin", name), 0o755)
  }

  async run(text: string, ...args: readonly string[]) {
    const env = { PATH: `${join(this.root, "bin")}:${process.env.PATH ?? ""}`, GONKA_HA_PROC: join(this.root, "proc") }
    const { exitCode, stdout, stderr } = await execa("sh", ["-c", text, "at-port", ...args], { env, reject: false })
    return { code: exitCode, lines: stdout.split("\n"), stderr }
  }
}

function host(pids: { readonly node: number; readonly parking: number }): PortHost {
  const made = new PortHost()
  made.program(
    "docker",
    `case $1 in version) exit 0 ;; esac\nfor name; do :; done\ncase $name in lab-node-1) echo ${pids.node} ;; lab-node-1-parking) echo ${pids.parking} ;; *) echo "Error: No such object: $name" >&2; exit 1 ;; esac`,
  )
  return made
}

const ask = (made: PortHost) => made.run(AT_PORT, "lab-node-1", "lab-node-1-parking", "6822")

describe("who is at a node's privval port", () => {
  it("are the far ends of established connections to that port alone, and the near end of the parking signer's", async () => {
    const made = host({ node: 10, parking: 20 })
    const node = [
      row("020012AC:6822", "030012AC:9C40"),
      row("020012AC:6822", "1F00000A:C738"),
      row("020012AC:6822", "2000000A:C739", "06"),
      row("020012AC:6820", "0B00000A:8000"),
    ]
    made.write("proc/10/net/tcp", HEAD + node.join(""))
    made.write("proc/10/net/tcp6", HEAD + row("0000000000000000FFFF0000020012AC:6822", "0000000000000000FFFF00002100000A:D000"))
    made.write("proc/20/net/tcp", HEAD + row("030012AC:9C40", "020012AC:6822"))
    expect(await ask(made)).toEqual({
      code: 0,
      lines: ["at\t030012AC:9C40", "at\t1F00000A:C738", "at\t2100000A:D000", "parking\t030012AC:9C40", "end"],
      stderr: "",
    })
  })

  it("is nobody where the node does not run", async () => {
    expect(await ask(host({ node: 0, parking: 0 }))).toMatchObject({ code: 0, lines: ["end"] })
  })

  it("is not known where the engine does not answer, or where the kernel does not tell", async () => {
    const silent = new PortHost()
    silent.program("docker", "exit 1")
    expect(await ask(silent)).toMatchObject({ code: 1, stderr: "the Docker engine does not answer" })
    expect((await ask(host({ node: 10, parking: 0 }))).code).toBe(1)
    const broken = new PortHost()
    broken.program("docker", `case $1 in version) exit 0 ;; esac; echo "context deadline exceeded" >&2; exit 1`)
    expect(await ask(broken)).toMatchObject({ code: 1, stderr: "the Docker engine does not tell of lab-node-1 and lab-node-1-parking" })
  })

  it("is nobody in a container that does not exist", async () => {
    const made = new PortHost()
    made.program("docker", `case $1 in version) exit 0 ;; esac; echo; echo "Error: No such object: x" >&2; exit 1`)
    expect(await ask(made)).toMatchObject({ code: 0, lines: ["end"] })
  })
})

describe("a ping from a neighbour", () => {
  const ping = async (body: string) => {
    const made = new PortHost()
    made.program("ping", body)
    return (await made.run(PING, "10.0.0.31")).lines
  }

  it("tells an answer from silence", async () => {
    expect(await ping("exit 0")).toEqual(["answers"])
    const sent = "--- 10.0.0.31 ping statistics ---\n1 packets transmitted, 0 received, 100% packet loss, time 0ms"
    expect(await ping(`echo "${sent}"; exit 1`)).toEqual(["silent"])
    expect(await ping(`echo "${sent}"; exit 2`)).toEqual(["no ping"])
    expect(await ping("echo 'permission denied (are you root?)' >&2; exit 1")).toEqual(["no ping"])
  })

  it("says when there is no ping", async () => {
    const { stdout } = await execa("/bin/sh", ["-c", PING, "ping", "10.0.0.31"], { env: { PATH: temporaryDir() }, extendEnv: false })
    expect(stdout).toBe("no ping")
  })
})

import { execFileSync } from "node:child_process"
import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { execa } from "execa"
import { describe, expect, it } from "vitest"
import { QUARANTINE } from "../../../src/app/quarantine.ts"
import { temporaryDir } from "../../support/temporary-dir.ts"

/** Containers as files: their name in labels, their status. `kill` and `stop` change it, unless a container is one that cannot be killed. */
const DOCKER = `#!/bin/sh
[ ! -e "$STUB/engine-down" ] || { echo "cannot connect" >&2; exit 1; }
echo "$*" >> "$STUB/calls"
case $1 in
  ps)
    for container in "$STUB"/containers/*; do
      [ -e "$container" ] || continue
      . "$container"
      case "$*" in *"deployment=$deployment "*"service=$service"*) echo "\${container##*/}" ;; esac
    done ;;
  inspect) for id; do :; done; . "$STUB/containers/$id"; echo "$status" ;;
  kill | stop)
    for id; do :; done
    . "$STUB/containers/$id"
    [ -z "\${immortal:-}" ] || exit 0
    sed -i 's/^status=.*/status=exited/' "$STUB/containers/$id"
    rm -rf "$GONKA_HA_PROC/4711" ;;
esac
`

const ID = "a".repeat(64)
const PIN = "XfWbGaVKGDe2iJlrVfVFmGTMtqCdnTeVyZPZNUEf0jE="
const FENCE = "replaced by sig-2, fenced 2026-11-23T12:00:00.000Z"

/** A host that comes back as it was: key, pinned guard, running container. */
class ReturnedHost {
  readonly root = temporaryDir()
  readonly dir = join(this.root, "opt/lab")
  readonly marks = join(this.root, "marks/lab-1-ADDRESS")
  readonly stub = join(this.root, "stub")
  readonly proc = join(this.root, "proc")

  constructor() {
    this.write("bin/docker", DOCKER)
    chmodSync(join(this.root, "bin/docker"), 0o755)
    mkdirSync(join(this.stub, "containers"), { recursive: true })
    mkdirSync(this.proc)
    this.signer("lab", "main", PIN)
    this.container(ID, "lab", "main-signer", "running")
    this.tmkms(4711, ID)
  }

  write(path: string, text: string): void {
    mkdirSync(dirname(join(this.root, path)), { recursive: true })
    writeFileSync(join(this.root, path), text)
  }

  signer(deployment: string, validator: string, pubkey: string): void {
    this.write(`opt/${deployment}/signers/${validator}/config/settings`, `validator=${validator}\npubkey=${pubkey}\n`)
    this.write(`opt/${deployment}/signers/${validator}/control/floor`, "900\n")
    this.write(`opt/${deployment}/secrets/signers/${validator}/consensus.key`, "the key")
  }

  container(id: string, deployment: string, service: string, status: string, more = ""): void {
    this.write(`stub/containers/${id}`, `deployment=${deployment}\nservice=${service}\nstatus=${status}\n${more}`)
  }

  tmkms(pid: number, container: string): void {
    this.write(`proc/${pid}/comm`, "tmkms\n")
    this.write(`proc/${pid}/cgroup`, `0::/docker/${container}\n`)
  }

  read(path: string): string {
    return readFileSync(join(this.root, path), "utf8")
  }

  has(path: string): boolean {
    return existsSync(join(this.root, path))
  }

  mode(path: string): string {
    return (statSync(join(this.root, path)).mode & 0o777).toString(8)
  }

  async run() {
    const args = [this.dir, this.marks, "main", PIN, FENCE, "20261123T120000Z", "anna@desk quarantine: main"]
    const env = { PATH: `${join(this.root, "bin")}:${process.env.PATH ?? ""}`, STUB: this.stub, GONKA_HA_PROC: this.proc }
    const { exitCode, stdout, stderr } = await execa("sh", ["-c", QUARANTINE, "quarantine", ...args], { env, reject: false })
    return { code: exitCode, stdout: stdout.trim(), stderr: stderr.replaceAll(this.root, "ROOT") }
  }
}

describe("quarantine of a replaced signer", () => {
  it("fences it twice, kills it, keeps it from coming back and moves its key aside", async () => {
    const host = new ReturnedHost()
    expect(await host.run()).toEqual({ code: 0, stdout: "changed", stderr: "" })
    expect(host.read("marks/lab-1-ADDRESS/fence")).toBe(`${FENCE}\n`)
    expect(host.read("opt/lab/signers/main/control/fence")).toBe(`${FENCE}\n`)
    expect(host.read(`stub/containers/${ID}`)).toContain("status=exited")
    expect(host.read("stub/calls")).toContain(`update --restart=no ${ID}`)
    expect(host.has("opt/lab/secrets/signers/main/consensus.key")).toBe(false)
    expect(host.read("opt/lab/quarantine/20261123T120000Z/main-consensus.key")).toBe("the key")
    expect(host.mode("opt/lab/quarantine")).toBe("700")
    expect(host.mode("opt/lab/quarantine/20261123T120000Z")).toBe("700")
    expect(host.mode("marks/lab-1-ADDRESS")).toBe("700")
    expect(host.read("opt/lab/audit.log")).toBe("anna@desk quarantine: main\n")
  })

  it("writes the fences before it touches the container: a restart in between is refused", async () => {
    const host = new ReturnedHost()
    host.write(
      "bin/docker",
      DOCKER.replace(
        "kill | stop)",
        'kill | stop)\n    [ -e "$STUB/../opt/lab/signers/main/control/fence" ] || exit 9\n    touch "$STUB/fenced-first"',
      ),
    )
    chmodSync(join(host.root, "bin/docker"), 0o755)
    await host.run()
    expect(host.has("stub/fenced-first")).toBe(true)
  })

  it("changes nothing and says nothing the second time", async () => {
    const host = new ReturnedHost()
    await host.run()
    const tree = () => execFileSync("find", [host.dir, host.marks], { encoding: "utf8" })
    const before = tree()
    expect(await host.run()).toEqual({ code: 0, stdout: "", stderr: "" })
    expect(tree()).toBe(before)
    expect(host.read("opt/lab/audit.log").split("\n")).toHaveLength(2)
  })

  it("stops a container that its operator has started again, and keeps a key that was put back apart from the first", async () => {
    const host = new ReturnedHost()
    await host.run()
    host.container(ID, "lab", "main-signer", "restarting")
    host.write("opt/lab/secrets/signers/main/consensus.key", "the key")
    const again = await host.run()
    expect(again.code).toBe(1)
    expect(host.read(`stub/containers/${ID}`)).toContain("status=exited")
    expect(again.stderr).toContain("consensus.key could not be moved aside")
  })

  it("finds the key under another deployment and another name by its pin, and leaves other validators' signers alone", async () => {
    const host = new ReturnedHost()
    host.signer("twin", "copy", PIN)
    host.container("b".repeat(64), "twin", "copy-signer", "running")
    host.signer("lab", "other", "another key")
    host.container("c".repeat(64), "lab", "other-signer", "running")
    expect((await host.run()).code).toBe(0)
    expect(host.has("opt/twin/secrets/signers/copy/consensus.key")).toBe(false)
    expect(host.has("opt/twin/quarantine/20261123T120000Z/copy-consensus.key")).toBe(true)
    expect(host.read("opt/twin/signers/copy/control/fence")).toBe(`${FENCE}\n`)
    expect(host.read(`stub/containers/${"b".repeat(64)}`)).toContain("status=exited")
    expect(host.has("opt/lab/secrets/signers/other/consensus.key")).toBe(true)
    expect(host.has("opt/lab/signers/other/control/fence")).toBe(false)
    expect(host.read(`stub/containers/${"c".repeat(64)}`)).toContain("status=running")
  })

  it("leaves the validator's place alone when it is pinned to another key", async () => {
    const host = new ReturnedHost()
    host.signer("lab", "main", "another key")
    expect((await host.run()).code).toBe(0)
    expect(host.has("opt/lab/secrets/signers/main/consensus.key")).toBe(true)
    expect(host.has("marks/lab-1-ADDRESS/fence")).toBe(true)
  })

  it("marks a machine that was set up anew, where a backup may be put back later", async () => {
    const host = new ReturnedHost()
    execFileSync("rm", ["-rf", join(host.root, "opt"), join(host.stub, "containers", ID), join(host.proc, "4711")])
    expect(await host.run()).toEqual({ code: 0, stdout: "changed", stderr: "" })
    expect(host.has("marks/lab-1-ADDRESS/fence")).toBe(true)
    expect(readdirSync(host.root)).not.toContain("opt")
  })

  it("keeps what an operator had written into the fence", async () => {
    const host = new ReturnedHost()
    host.write("opt/lab/signers/main/control/fence", "moving house")
    await host.run()
    expect(host.read("opt/lab/signers/main/control/fence")).toBe(`${FENCE}; before that: moving house\n`)
  })

  it("moves the key aside and fences even when the process cannot be killed, and says so", async () => {
    const host = new ReturnedHost()
    host.container(ID, "lab", "main-signer", "running", "immortal=yes\n")
    const { code, stderr } = await host.run()
    expect(code).toBe(1)
    expect(stderr).toContain(`container ${ID} is running after SIGKILL`)
    expect(stderr).toContain("tmkms still runs as process 4711")
    expect(host.has("opt/lab/signers/main/control/fence")).toBe(true)
    expect(host.has("opt/lab/secrets/signers/main/consensus.key")).toBe(false)
  })

  it("does not take a missing engine for a signer that is gone", async () => {
    const host = new ReturnedHost()
    host.write("stub/engine-down", "")
    const { code, stderr } = await host.run()
    expect(code).toBe(1)
    expect(stderr).toContain("the Docker engine does not answer, and tmkms runs as process 4711")
    execFileSync("rm", ["-rf", join(host.proc, "4711")])
    expect((await host.run()).code).toBe(0)
  })

  it("kills although no fence can be written, and says so", async () => {
    const host = new ReturnedHost()
    host.write("marks", "a file where the directory should be")
    const { code, stderr } = await host.run()
    expect(code).toBe(1)
    expect(stderr).toContain("no fence could be written in ROOT/marks/lab-1-ADDRESS")
    expect(host.read(`stub/containers/${ID}`)).toContain("status=exited")
    expect(host.has("opt/lab/secrets/signers/main/consensus.key")).toBe(false)
  })
})

import { readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Operator } from "../../test/drill/operator.ts"
import { SshServer } from "../../test/support/ssh-server.ts"
import type { Benchmark } from "./benchmark.ts"
import { median } from "./median.ts"
import { peakMemory } from "./peak-memory.ts"
import { type Door, lateDoor, silentDoor } from "./slow-doors.ts"
import { wideSpec } from "./wide-spec.ts"

const HOSTS = 50
const RUNS = 3
const DELAY_MS = 100
/** Fifty clients cost processor time, and not all begin at once; two timeouts in a row would already be twice as long. */
const SILENT_GOAL_RATIO = 2
const MEMORY_GOAL_MEGABYTES = 256

/** How a command ends that has seen nothing, or hosts on which nothing is. */
const EXPECTED = [4, 5, 6, 9]

/** Real OpenSSH clients of gonka-ha's own; on the other side one sshd of this machine behind slow doors, or doors that never answer. */
export const wide: Benchmark = {
  name: "wide",
  about: `status and plan of ${HOSTS} simulated hosts that are slow (${2 * DELAY_MS} ms a round trip) or never speak, against one of them`,
  metrics: [
    { name: "wide-silent-status", unit: "s" },
    { name: "wide-silent-plan", unit: "s" },
    { name: "wide-silent-ratio", unit: "x one silent host (status)", goal: SILENT_GOAL_RATIO },
    { name: "wide-slow-status", unit: "s" },
    { name: "wide-slow-ratio", unit: "x one slow host (status)" },
    { name: "wide-memory", unit: "MB at most, of gonka-ha itself", goal: MEMORY_GOAL_MEGABYTES },
  ],
  async run(report) {
    const server = await SshServer.start()
    const doors: Door[] = []
    try {
      const silent = await silentDoor()
      doors.push(silent)
      const late = await lateDoor(server.port, DELAY_MS)
      doors.push(late)
      const look = async (hosts: number, door: Door, command: "status" | "plan") => {
        const looked = await lookedAt({ hosts, server, door, command })
        const what = `${command} of ${hosts} ${door === silent ? "silent" : "slow"}`
        report(`${what}: ${looked.seconds.toFixed(2)} s, ${looked.megabytes.toFixed(0)} MB, exit ${looked.code}`)
        return looked
      }
      const silentOne = await look(1, silent, "status")
      const silentAll = await look(HOSTS, silent, "status")
      const silentPlan = await look(HOSTS, silent, "plan")
      const slowOne = await look(1, late, "status")
      const slowAll = await look(HOSTS, late, "status")
      return {
        "wide-silent-status": silentAll.seconds,
        "wide-silent-plan": silentPlan.seconds,
        "wide-silent-ratio": silentAll.seconds / silentOne.seconds,
        "wide-slow-status": slowAll.seconds,
        "wide-slow-ratio": slowAll.seconds / slowOne.seconds,
        "wide-memory": Math.max(silentAll.megabytes, silentPlan.megabytes, slowAll.megabytes),
      }
    } finally {
      await Promise.all(doors.map((door) => door.close()))
      await server.stop()
    }
  },
}

type Look = { readonly hosts: number; readonly server: SshServer; readonly door: Door; readonly command: "status" | "plan" }

/** Medians of several runs; the memory is the largest. */
async function lookedAt({ hosts, server, door, command }: Look) {
  const operator = await Operator.sitDown()
  try {
    writeFileSync(operator.path("ssh_config"), sshConfig(server, door))
    writeFileSync(operator.path("known_hosts"), `wide ${readFileSync(join(server.dir, "host.pub"), "utf8")}`)
    writeFileSync(operator.path("gonka-ha.yaml"), wideSpec({ hosts, sshConfig: operator.path("ssh_config") }))
    await operator.must(["keys", "generate"])
    const peak = peakMemory(operator.dir)
    const seconds: number[] = []
    const megabytes: number[] = []
    let code = 0
    for (let run = 0; run < RUNS; run++) {
      const startedMs = performance.now()
      const answer = await operator.run([command], { env: peak.env })
      seconds.push((performance.now() - startedMs) / 1000)
      if (!EXPECTED.includes(answer.code)) throw new Error(`${command} of ${hosts} hosts ended with ${answer.code}: ${answer.stderr}`)
      megabytes.push(peak.read())
      code = answer.code
    }
    return { seconds: median(seconds), megabytes: Math.max(...megabytes), code }
  } finally {
    await operator.leave()
  }

  function sshConfig({ dir }: SshServer, { port }: Door): string {
    return [
      "Host wide-*",
      "  HostName 127.0.0.1",
      `  Port ${port}`,
      "  HostKeyAlias wide",
      `  IdentityFile "${join(dir, "operator")}"`,
      "  IdentitiesOnly yes",
      "  IdentityAgent none",
      `  UserKnownHostsFile "${operator.path("known_hosts")}"`,
      "  GlobalKnownHostsFile /dev/null",
      "",
    ].join("\n")
  }
}

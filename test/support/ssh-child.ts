import { openFleet } from "../../src/edge/fleet.ts"
import { aBoxTopology } from "./box-topology.ts"

/*
 * A process for a test to kill: `ssh-child.ts CONFIG hold DIRECTORY` takes a lock and keeps it,
 * `ssh-child.ts CONFIG push FILE MEGABYTES` writes a file.
 */
const [config = "", what, path = "", size = "1"] = process.argv.slice(2)
const host = openFleet(aBoxTopology(config)).host("box")
if (what === "hold") {
  const held = await host.hold(["flock", "-n", `${path}/lock`, "sh", "-c", "echo held; exec cat"])
  if ("code" in held) throw new Error(`not held: ${held.stderr}`)
  process.stdout.write("held\n")
  setInterval(() => {}, 1000)
} else {
  process.stdout.write("pushing\n")
  await host.push(path, "x".repeat(Number(size) * 1_000_000), 0o600)
  process.stdout.write("pushed\n")
  process.exit(0)
}

import { runLogged } from "./run-logged.ts"

const ENV = { DEBIAN_FRONTEND: "noninteractive" }

/** Parts of the set-up run side by side, and apt lets only one in at a time. */
let queue: Promise<void> = Promise.resolve()

export function aptInstall(packages: readonly string[]): Promise<void> {
  const turn = queue.then(() => install(packages))
  queue = turn.catch(() => {})
  return turn
}

/** The package lists of a fresh machine may be empty or old: they are read again only when the first try fails. */
async function install(packages: readonly string[]): Promise<void> {
  const command = ["apt-get", "install", "-y", "--no-install-recommends", ...packages]
  try {
    await runLogged(command, { log: "apt-install", env: ENV })
  } catch {
    await runLogged(["apt-get", "update"], { log: "apt-update", env: ENV })
    await runLogged(command, { log: "apt-install", env: ENV })
  }
}

import { execa } from "execa"

/** Runs the outer engine's client and returns what it printed; a failure throws with the client's own message. */
export async function docker(args: readonly string[], input?: string): Promise<string> {
  const result = await execa("docker", [...args], { reject: false, ...(input === undefined ? { stdin: "ignore" } : { input }) })
  if (result.failed) throw new Error(`docker ${args.slice(0, 3).join(" ")}: ${result.stderr || result.shortMessage}`)
  return result.stdout
}

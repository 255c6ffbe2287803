/** Only the unit tests do without an engine; whoever asks for them alone does not wait for one. */
export function needsSetUp(args: readonly string[]): boolean {
  const projects = args.flatMap((arg, index) => {
    if (arg.startsWith("--project=")) return [arg.slice("--project=".length)]
    return arg === "--project" ? [args[index + 1] ?? ""] : []
  })
  return projects.length === 0 || projects.some((project) => project !== "unit")
}

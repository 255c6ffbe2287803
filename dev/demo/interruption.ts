/** The first Ctrl-C ends the demo in order; the second leaves at once, and the next run cleans up. */
export function interruption(): AbortSignal {
  const controller = new AbortController()
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    process.on(signal, () => {
      if (controller.signal.aborted) process.exit(130)
      process.stderr.write("\ninterrupted: removing the lab\n")
      controller.abort()
    })
  }
  return controller.signal
}

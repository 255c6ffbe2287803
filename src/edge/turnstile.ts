/**
 * Lets a few begin at a time. One that takes longer than a moment makes room although it is not done: what is slow because this machine is
 * short of time waits for its turn, and what is slow because the far side is holds nobody up.
 * @param atOnce how many may be in their first moment
 */
export function turnstile(atOnce: number, momentMs: number): <T>(work: () => Promise<T>) => Promise<T> {
  let inside = 0
  const queue: (() => void)[] = []
  const leave = () => {
    const next = queue.shift()
    if (next) next()
    else inside--
  }
  return async (work) => {
    if (inside < atOnce) inside++
    else await new Promise<void>((resolve) => queue.push(resolve))
    let isInside = true
    const leaveOnce = () => {
      if (isInside) leave()
      isInside = false
    }
    const moment = setTimeout(leaveOnce, momentMs)
    try {
      return await work()
    } finally {
      clearTimeout(moment)
      leaveOnce()
    }
  }
}
